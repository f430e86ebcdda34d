import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { mailboxPath } from '../../../../src/contract/admin-paths.ts'
import { connectionsFrom } from '../../../../src/contract/connections.ts'
import { connectionPath, paths } from '../../../../src/contract/paths.ts'
import { zoomEventsPath } from '../../../../src/contract/sync.ts'
import type { Fault } from '../../../../src/simulator/kit/faults.ts'
import { defaultCalendar } from '../../../../src/simulator/microsoft/graph/calendars.ts'
import { mailboxes } from '../../../../src/simulator/people.ts'
import { sampleOfCommit } from '../../../sample.ts'
import { adminToken } from '../../admin/kit.ts'
import { hasPostgres, openWorld, ada as owner, variables, type World } from '../../kit.ts'
import { at, person, scheduledBy, until, settings as usual } from '../kit.ts'

const alan = mailboxes['no-bridge']
type One = Awaited<ReturnType<typeof scheduledBy>>

/** What is not an answer of the vendor: a gateway on the way writes pages of its own. */
const page = { body: '<html>Something is wrong</html>', headers: { 'content-type': 'text/html' } }
const ways: Record<string, Partial<Fault>> = {
  'is not answered': { silence: true },
  'is cut': { drop: true },
  'is done, and cut': { drop: 'afterwards' },
  ...Object.fromEntries(
    [400, 401, 403, 404, 410, 429, 500, 503].map((status) => [`is answered ${status}`, { status, ...page }]),
  ),
  'is answered 404 without a word': { status: 404 },
  'is answered 429, with the seconds to wait': { status: 429, headers: { 'retry-after': '1' } },
  'is answered 503, with the seconds to wait': { status: 503, headers: { 'retry-after': '1' } },
  'is answered with garbage': { status: 200, ...page },
  'is answered with an empty object': { status: 200, body: {} },
  'is answered with nothing': { status: 200 },
  'is answered with a redirect': { status: 302, headers: { location: 'https://localhost:1/' } },
  'is answered by halves': { slow: true },
}
const refusals: Record<string, Partial<Fault>> = {
  'is refused: another sign-in is needed': { status: 400, body: { error: 'invalid_grant' } },
  'is refused: the application is unknown': { status: 401, body: { error: 'invalid_client' } },
}

describe.skipIf(!hasPostgres)('a call of calendar sync', () => {
  let world: World
  let ada: ReturnType<typeof person>
  let byApplication: ReturnType<typeof person>
  let bystander: One
  beforeAll(async () => {
    world = await openWorld('PostgreSQL', { limits: 'none' })
    // Both ways to see that an event is deleted are used: by its id, and by looking through every calendar.
    world.graph.keepDeleted()
    world.graph.delta.limitPages(1)
    world.graph.limitCalendarPages(1)
    const { origin } = await world.startService({ ...usual, SWEEP_SECONDS: 0.1 })
    ada = person(world, origin)
    byApplication = person(world, origin, alan)
    await ada.connect()
    const asked = { bearer: await adminToken(world), body: { permission: 'read' } }
    expect((await ada.ask('PUT', mailboxPath(alan.objectId), asked)).status).toBe(200)
    expect(await world.zoom.webhooks.subscribe(`${variables.PUBLIC_URL}${zoomEventsPath}`)).toBeUndefined()
    bystander = await scheduledBy(ada)
    world.graph.calendars.put({ id: 'second', ...at(1), calendar: 'Projects' }, owner.emailAddress)
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    await world.faults.clear()
    await until(async () => {
      await world.sql(`update watches set due_at = now() where failures > 0 or subscription is null`)
      await world.sql(`update watches set pass_at = now() where pass_failures > 0 or checked_at is null`)
      const open =
        'coalesce(greatest(failures, pass_failures), 0) > 0 or subscription is null or checked_at is null'
      const watched = await world.sql(`select count(*)::int from watches where not (${open})`)
      return watched[0]?.count === 2
    })
  })

  const subscriptions = () =>
    world.graph.subscriptions.list().filter(({ resource }) => resource.includes(owner.objectId))
  const due = (column: 'due_at' | 'pass_at') => world.sql(`update watches set ${column} = now()`)
  const renamed = (one: One) => one.change({ subject: `Renamed ${one.key}` })
  const renamedUnseen = (one: One) => {
    world.graph.subscriptions.deliver({ drop: true })
    renamed(one)
    world.graph.subscriptions.deliver({ drop: false })
  }
  const follows = (one: One) => one.zoom()?.topic === `Renamed ${one.key}`
  const isGone = (one: One) => one.zoom() === undefined
  let draft: Awaited<ReturnType<typeof ada.draft>> | undefined
  const discards = async () => {
    draft = await ada.draft()
    await world.sql(
      `update meetings set unseen_since = unseen_since - interval '29 days' where key = '${draft.key}'`,
    )
    await due('pass_at')
  }
  const discarded = {
    ...{ happens: discards, isRight: () => draft?.zoom() === undefined },
    afterwards: () => due('pass_at'),
  }

  interface Row {
    vendor: 'graph' | 'zoom' | 'entra'
    match: string
    after?: number
    whose?: () => ReturnType<typeof person>
    happens(one: One): unknown
    /** When it has happened, the call has been made. */
    isAwaited?: true
    /** What the calendar has, Zoom has. */
    isRight(one: One): boolean
    more?: typeof refusals
    /** When the fault has ended. */
    afterwards?(): unknown
  }
  const mailbox = `/v1.0/users/${owner.objectId}`
  const token = `POST /${owner.tenantId}/oauth2/v2.0/token`
  const rows: Record<string, Row> = {
    'that reads an event': {
      ...{ vendor: 'graph', match: `GET ${mailbox}/events/` },
      ...{ happens: renamed, isRight: follows },
    },
    'that renews a subscription': {
      ...{ vendor: 'graph', match: 'PATCH /v1.0/subscriptions/' },
      happens: (one) => due('due_at').then(() => renamed(one)),
      isRight: (one) => follows(one) && subscriptions().length === 1,
    },
    'that subscribes': {
      ...{ vendor: 'graph', match: 'POST /v1.0/subscriptions' },
      happens(one) {
        world.graph.subscriptions.end()
        renamed(one)
        return due('due_at')
      },
      isRight: (one) => follows(one) && subscriptions().length > 0,
    },
    'that reads what has changed': {
      ...{ vendor: 'graph', match: `GET ${mailbox}/calendarView/delta` },
      happens: (one) => due('pass_at').then(() => renamedUnseen(one)),
      isRight: follows,
    },
    'that reads the next page of what has changed': {
      ...{ vendor: 'graph', match: `GET ${mailbox}/calendarView/delta`, after: 1 },
      happens(one) {
        renamedUnseen(bystander)
        renamedUnseen(one)
        return due('pass_at')
      },
      isRight: (one) => follows(one) && follows(bystander),
    },
    'that lists the calendars': {
      ...{ vendor: 'graph', match: `GET ${mailbox}/calendars` },
      ...{ happens: (one) => one.remove(), isRight: isGone },
    },
    'that looks through a calendar': {
      ...{ vendor: 'graph', match: `GET ${mailbox}/calendars/` },
      ...{ happens: (one) => one.remove(), isRight: isGone },
    },
    'that lists the next calendars': {
      ...{ vendor: 'graph', match: `GET ${mailbox}/calendars`, after: 2 },
      ...{ happens: (one) => one.remove(), isRight: isGone },
    },
    'that looks through the whole mailbox': {
      ...{ vendor: 'graph', match: `GET ${mailbox}/calendars/${encodeURIComponent(defaultCalendar)}/events` },
      ...discarded,
    },
    'that reads when a meeting was started': {
      ...{ vendor: 'zoom', match: 'GET /v2/past_meetings/' },
      ...discarded,
    },
    'that reads a meeting': {
      ...{ vendor: 'zoom', match: 'GET /v2/meetings/' },
      ...{ happens: renamed, isRight: follows },
    },
    'that changes a meeting': {
      ...{ vendor: 'zoom', match: 'PATCH /v2/meetings/' },
      ...{ happens: renamed, isRight: follows },
    },
    'that removes a meeting': {
      ...{ vendor: 'zoom', match: 'DELETE /v2/meetings/' },
      ...{ happens: (one) => one.change({ isCancelled: true }), isRight: isGone },
    },
    'that removes the meeting of a deleted event': {
      ...{ vendor: 'zoom', match: 'DELETE /v2/meetings/' },
      ...{ happens: (one) => one.remove(), isRight: isGone },
    },
    'that recovers a meeting': {
      ...{ vendor: 'zoom', match: 'PUT /v2/meetings/' },
      happens: (one) => world.zoom.portal.deleteMeeting(String(one.zoom()?.id)),
      isRight: (one) => one.zoom() !== undefined,
    },
    'that gets Zoom’s access token': {
      ...{ vendor: 'zoom', match: 'POST /oauth/token' },
      happens(one) {
        world.zoom.endTokens()
        renamed(one)
      },
      isRight: follows,
      more: {
        'is refused: the application is unknown': refusals['is refused: the application is unknown'] ?? {},
      },
    },
    'that gets the access token of a person': {
      ...{ vendor: 'entra', match: token },
      happens(one) {
        world.graph.revokeTokens()
        renamed(one)
      },
      isRight: follows,
      more: refusals,
      // Only where Entra asked for another sign-in. Nobody has to be asked otherwise.
      async afterwards() {
        const { body } = await ada.ask('GET', paths.connections, { bearer: await world.token() })
        if (connectionsFrom(body).microsoft?.state !== 'needs_sign_in') return
        // At once, when the service may not have ended the watch yet.
        const again = await ada.ask('PUT', connectionPath('microsoft'), { bearer: await world.token() })
        expect(again.status).toBe(200)
      },
    },
    'that gets an access token of the application': {
      ...{ vendor: 'entra', match: token, whose: () => byApplication },
      happens(one) {
        const match = `GET /v1.0/users/${alan.objectId}/events/`
        world.faults.add({ vendor: 'graph', match, status: 401, times: 'always' })
        renamed(one)
      },
      isRight: follows,
      more: refusals,
    },
    'that ends a subscription': {
      ...{ vendor: 'graph', match: 'DELETE /v1.0/subscriptions/', isAwaited: true },
      async happens(one) {
        expect((await ada.disconnect()).status).toBe(204)
        renamed(one)
      },
      isRight: follows,
      afterwards: () => ada.connect(),
    },
  }

  const cells = Object.entries(rows).flatMap(([call, { more = {} }]) =>
    Object.entries({ ...ways, ...more }).map(([way, fault]) => ({ call, way, fault })),
  )

  const lines = ['work failed', 'event followed', 'calendar compared', 'calendar watched']
  const outcomes = () =>
    world.logged.filter((line) => lines.some((text) => line.includes(`"msg":"${text}`))).length

  /** What waits to be tried again is tried now. What comes tomorrow does not come. */
  async function hurry(): Promise<void> {
    await world.sql(`update pgboss.job set start_after = now(), priority = 0
      where state = 'retry' or state = 'created' and start_after < now() + interval '2 hours'`)
    await world.sql('update connections set ask_at = now() where ask_at > now()')
    await world.sql('update watches set due_at = now() where failures > 0')
    await world.sql('update watches set pass_at = now() where pass_failures > 0')
  }

  test.each(sampleOfCommit(cells, 32))(
    '$call, and $way, leaves Zoom as the calendar is',
    async ({ call, fault }) => {
      const {
        vendor,
        match,
        after = 0,
        whose = () => ada,
        happens,
        isAwaited,
        isRight,
        afterwards,
      } = rows[call] as Row
      const one = await scheduledBy(whose())
      const meetings = () => world.zoom.meetings().length
      const links = () => [one, bystander].map(({ zoom }) => zoom()?.join_url)
      const before = { meetings: meetings(), links: links() }
      const met = () =>
        world.faults.calls().filter((asked) => asked.vendor === vendor && asked.call.includes(match)).length
      const [calls, done, logged] = [met(), outcomes(), world.logged.length]
      world.faults.add({ vendor, match, after, times: 'always', ...fault })
      await happens(one)
      await until(() => met() > calls + after && (isAwaited || outcomes() > done))
      await world.faults.clear()
      await afterwards?.()
      await until(async () => {
        await hurry()
        return isRight(one)
      })
      expect(links().filter((link) => link)).toEqual(before.links.slice(one.zoom() ? 0 : 1))
      expect(meetings()).toBe(before.meetings - (one.zoom() ? 0 : 1))
      // Each failure is one that is expected, with its problem.
      expect(world.logged.slice(logged).filter((line) => /"msg":"bug"|"error":"/.test(line))).toEqual([])
      one.remove()
      await until(() => one.zoom() === undefined)
    },
  )

  test('has its rows here: there is no other call', () => {
    // What requests ask: to make a meeting, to connect a mailbox, and to check who asks.
    const ofRequests = /^(POST|GET) \/v2\/users\/|\/calendar$|\/discovery\//
    const calls = world.faults
      .calls()
      .map(({ vendor, call }) => ({ vendor, call: call.replace(alan.objectId, owner.objectId) }))
      .filter(({ call }) => !ofRequests.test(call))
    const hasRow = (asked: (typeof calls)[number]) =>
      Object.values(rows).some(({ vendor, match }) => vendor === asked.vendor && asked.call.includes(match))
    expect(new Set(calls.filter((asked) => !hasRow(asked)).map(({ call }) => call))).toEqual(new Set())
  })
})

test.skipIf(!hasPostgres)(
  'what changes while a person has to sign in again follows when they have, also if no round came between',
  async () => {
    const world = await openWorld('PostgreSQL')
    onTestFinished(world.close)
    const ada = person(world, (await world.startService({ ...usual, SWEEP_SECONDS: 3_600 })).origin)
    await ada.connect()
    const one = await scheduledBy(ada)
    const refused = { vendor: 'entra', match: 'POST ', ...refusals['is refused: another sign-in is needed'] }
    world.faults.add({ ...refused, times: 'always' })
    world.graph.revokeTokens()
    one.change({ subject: 'Meanwhile' })
    const ended = `select from connections where state = 'needs_sign_in'`
    await until(async () => (await world.sql(ended)).length === 1)
    await until(
      async () => (await world.sql(`select from pgboss.job where state in ('active', 'retry')`)).length === 0,
    )
    await world.faults.clear()
    const again = await ada.ask('PUT', connectionPath('microsoft'), { bearer: await world.token() })
    expect(again.status).toBe(200)
    await until(() => one.zoom()?.topic === 'Meanwhile')
  },
)
