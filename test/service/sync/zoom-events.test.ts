import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { zoomEventsPath } from '../../../src/contract/sync.ts'
import { credentials } from '../../../src/simulator/zoom/apps.ts'
import { engines, hasPostgres, openWorld, variables, type World } from '../kit.ts'
import { hmacOfZoom as hmac, zoomTime as seconds, signedByZoom as signed } from '../signed-by-zoom.ts'
import { answerBeforeBody, person, scheduledBy, settings, until } from './kit.ts'

const path = zoomEventsPath
const about = (id: unknown, event = 'meeting.updated', account_id: unknown = credentials.accountId) =>
  JSON.stringify({ event, payload: { account_id, object: { id, unknown: 'field' } }, event_ts: 1 })

describe.each(engines)('what Zoom sends, on the %s database', (engine) => {
  let world: World
  let origin: string
  let ada: ReturnType<typeof person>
  beforeAll(async () => {
    world = await openWorld(engine)
    origin = (await world.startService(settings)).origin
    ada = person(world, origin)
    await ada.connect()
  })
  afterAll(() => world.close())
  afterEach(() => world.faults.clear())

  const post = (body: string, headers: Record<string, string> = signed(body), to = origin) =>
    fetch(`${to}${path}`, { method: 'POST', body, headers })
  const validation = (plainToken: unknown) =>
    JSON.stringify({ event: 'endpoint.url_validation', payload: { plainToken } })
  /** A meeting that was renamed in Zoom, which Zoom has not told. */
  const renamed = async () => {
    const { saved, zoom } = await scheduledBy(ada)
    const { id } = zoom() ?? {}
    world.zoom.portal.changeMeeting(String(id), { topic: 'Renamed in Zoom' })
    return { id, topic: () => zoom()?.topic, isRight: () => zoom()?.topic === saved.subject }
  }

  test('a meeting that a person moves, renames or lengthens in Zoom returns to its appointment', async () => {
    expect(await world.zoom.webhooks.subscribe(`${variables.PUBLIC_URL}${path}`)).toBeUndefined()
    onTestFinished(world.zoom.webhooks.unsubscribe)
    const { saved, zoom } = await scheduledBy(ada)
    const before = zoom()
    world.zoom.portal.changeMeeting(String(before?.id), {
      ...{ topic: 'Renamed in Zoom', start_time: '2031-05-05T05:05:00Z', duration: 99 },
    })
    expect(zoom()).toMatchObject({ topic: 'Renamed in Zoom' })
    await expect
      .poll(zoom)
      .toMatchObject({ topic: saved.subject, start_time: before?.start_time, duration: before?.duration })
    expect(zoom()?.join_url).toBe(before?.join_url)
  })

  test('counts also if the id of the meeting is a text', async () => {
    const { id, isRight } = await renamed()
    expect((await post(about(String(id)))).status).toBe(204)
    await until(isRight)
  })

  test('is asked for its token, and answers it encrypted', async () => {
    const body = validation('abcDEF_123-x')
    const answer = await post(body)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(await answer.json()).toEqual({ plainToken: 'abcDEF_123-x', encryptedToken: hmac('abcDEF_123-x') })
  })

  const forged = about(81_234_567_890)
  test.each<[string, string, Record<string, string> | undefined, number]>([
    ['without a signature', validation('abc'), {}, 401],
    ['signed with another secret', validation('abc'), signed(validation('abc'), seconds(), 'other'), 401],
    ['a text that would be signed for an event', validation(`v0:${seconds()}:${forged}`), undefined, 400],
    ['a token that is too long', validation('a'.repeat(129)), undefined, 400],
    ['an empty token', validation(''), undefined, 400],
    ['no token', validation(undefined), undefined, 400],
  ])('never has anything signed for it: a validation with %s', async (_, body, headers, status) => {
    const answer = await post(body, headers)
    expect(answer.status).toBe(status)
    expect(await answer.text()).not.toMatch(/[0-9a-f]{64}/)
  })

  const ofNow = about(1)
  test.each<[string, Record<string, string>]>([
    ['without a signature', { 'x-zm-request-timestamp': seconds() }],
    ['without a time', { 'x-zm-signature': `v0=${hmac(`v0::${ofNow}`)}` }],
    ['signed with another secret', signed(ofNow, seconds(), 'another secret')],
    ['with the signature of another body', signed(about(2))],
    ['with the signature of another time', { ...signed(ofNow), 'x-zm-request-timestamp': seconds(1) }],
    [
      'with half of the signature',
      { ...signed(ofNow), 'x-zm-signature': signed(ofNow)['x-zm-signature'].slice(0, 35) },
    ],
    ['of another version', { ...signed(ofNow), 'x-zm-signature': `v1=${hmac(`v1:${seconds()}:${ofNow}`)}` }],
    ['of six minutes ago', signed(ofNow, seconds(360))],
    ['of nine minutes ahead', signed(ofNow, seconds(-540))],
    ['with a time in milliseconds', signed(ofNow, `${seconds()}000`)],
    ['with a time that is none', signed(ofNow, 'yesterday')],
  ])('is refused %s', async (_, headers) => {
    expect((await post(ofNow, headers)).status).toBe(401)
  })

  test('is checked over the bytes as they came', async () => {
    const spaced = ' {"event" : "meeting.started",\n"payload": {"topic":"\\u00e9"}}\t'
    expect((await post(spaced)).status).toBe(204)
    expect((await post(JSON.stringify(JSON.parse(spaced)), signed(spaced))).status).toBe(401)
    expect((await post(spaced, signed(spaced, seconds(290)))).status).toBe(204)
    expect((await post(spaced, signed(spaced, seconds(-290)))).status).toBe(204)
  })

  test.each<[string, (id: unknown) => string]>([
    ['of another Zoom account', (id) => about(id, 'meeting.updated', 'another')],
    ['without an account', (id) => about(id, 'meeting.updated', null)],
    ['of a kind that is not about a change', (id) => about(id, 'meeting.started')],
    ['of a kind that nobody knows', (id) => about(id, 'meeting.teleported')],
    ['without a payload', () => JSON.stringify({ event: 'meeting.updated' })],
    ['about a meeting that the service did not make', () => about(81_234_567_890)],
    ['with an id that no meeting has', () => about("1' or true --")],
  ])('is accepted and ignored if it is %s', async (_, bodyOf) => {
    const [one, marker] = [await renamed(), await renamed()]
    expect((await post(bodyOf(one.id))).status).toBe(204)
    // One that counts comes after it.
    expect((await post(about(marker.id))).status).toBe(204)
    await until(marker.isRight)
    expect(one.topic()).toBe('Renamed in Zoom')
  })

  test.each(['', 'no JSON', '[]', '{"event":1}'])('is refused if its body is `%s`', async (body) => {
    expect((await post(body)).status).toBe(400)
  })

  test('is refused if it is too large', async () => {
    expect((await post('x'.repeat(300_000))).status).toBe(413)
    expect(await answerBeforeBody(origin + path, 300_000)).toBe(413)
  })

  test('has no address where no secret is set', async () => {
    // One process at a time opens an embedded database.
    const other = await openWorld(engine)
    onTestFinished(other.close)
    const { origin: without } = await other.startService({ ZOOM_WEBHOOK_SECRET_TOKEN: undefined })
    expect((await post(ofNow, signed(ofNow), without)).status).toBe(404)
  })
})

describe.skipIf(!hasPostgres)('the id of an event', () => {
  let world: World
  let ada: ReturnType<typeof person>
  let origin: string
  beforeAll(async () => {
    world = await openWorld('PostgreSQL')
    origin = (await world.startService(settings)).origin
    ada = person(world, origin)
    await ada.connect()
  })
  afterAll(() => world.close())
  const kept = async (key: string) => {
    const [row] = await world.sql(`select event_of, sealed_event from meetings where key = '${key}'`)
    return row as { event_of: string | null; sealed_event: Buffer | null } | undefined
  }
  /** Until no event waits to be followed, and no calendar to be compared. */
  const idle = () =>
    until(async () => {
      const waiting = await world.sql(`
        select from pgboss.job where name = 'events' and state <> 'completed' and start_after <= now()
        union all select from watches where pass_at <= now() + interval '1 hour'`)
      return waiting.length === 0
    })
  const sealed = async (key: string) => (await kept(key))?.sealed_event ?? Buffer.of()

  test('is sealed, with another nonce for each row, and no bytes of it are in the database', async () => {
    const [one, other] = [await scheduledBy(ada), await scheduledBy(ada)]
    const [first, second] = [await sealed(one.key), await sealed(other.key)]
    const sent = world.posts.filter(({ body }) => body.includes('resourceData'))
    const { value } = JSON.parse(sent.at(-1)?.body ?? '') as { value: { resourceData: { id: string } }[] }
    const id = value[0]?.resourceData.id ?? ''
    expect(second).toHaveLength(12 + id.length + 16)
    expect(second.includes(Buffer.from(id))).toBe(false)
    expect(first.subarray(0, 12).equals(second.subarray(0, 12))).toBe(false)
  })

  test.each<[string, (one: string, other: string) => string]>([
    [
      'of another row',
      (one, other) =>
        `sealed_event = (select sealed_event from meetings where key = '${other}') where key = '${one}'`,
    ],
    [
      'of another calendar',
      (one) => `event_of = 'entra:${'0'.repeat(36)}:${'0'.repeat(36)}' where key = '${one}'`,
    ],
    [
      'that is damaged',
      (one) =>
        `sealed_event = set_byte(sealed_event, 14, 255 - get_byte(sealed_event, 14)) where key = '${one}'`,
    ],
    ['that was never stored', (one) => `sealed_event = null, event_of = null where key = '${one}'`],
  ])('%s is not used, and the whole calendar is compared, at most once a day', async (_, change) => {
    const [one, other, deleted] = [await scheduledBy(ada), await scheduledBy(ada), await scheduledBy(ada)]
    await world.sql('update watches set pass_at = now()')
    await idle()
    world.graph.subscriptions.deliver({ drop: true })
    deleted.remove()
    world.graph.subscriptions.deliver({ drop: false })
    await world.sql(`update meetings set ${change(one.key, other.key)}`)
    await world.sql(
      `update watches set pass_at = now() + interval '1 day', window_from = now() - interval '10 years'`,
    )
    const { id } = one.zoom() ?? {}
    const rename = async (topic: string) => {
      world.zoom.portal.changeMeeting(String(id), { topic })
      const body = about(id)
      const answer = await fetch(`${origin}${path}`, { method: 'POST', body, headers: signed(body) })
      expect(answer.status).toBe(204)
    }
    await rename('Renamed')
    await until(() => one.zoom()?.topic === one.saved.subject)
    // What the token knows is not lost.
    await until(() => deleted.zoom() === undefined)
    // It is stored again.
    await until(async () => (await sealed(one.key)).length > 0)
    await idle()
    const due = async () => (await world.sql('select pass_at, delta, packed_delta from watches'))[0]
    await world.sql(`update meetings set sealed_event = null, event_of = null where key = '${one.key}'`)
    const quiet = await due()
    await rename('Renamed again')
    expect(await due()).toEqual(quiet)
    expect(one.zoom()?.topic).toBe('Renamed again')
  })

  test('that was never stored is looked for also if the calendar is being compared', async () => {
    const one = await scheduledBy(ada)
    await world.sql('update watches set pass_at = now()')
    await idle()
    await world.sql(`update meetings set sealed_event = null, event_of = null where key = '${one.key}'`)
    await world.sql(`update watches set window_from = window_from - interval '2 days'`)
    world.faults.add({ vendor: 'graph', match: 'calendarView/delta', hold: true })
    await world.sql('update watches set pass_at = now()')
    await until(() => world.faults.held().length === 1)
    const { id } = one.zoom() ?? {}
    world.zoom.portal.changeMeeting(String(id), { topic: 'Renamed meanwhile' })
    const body = about(id)
    const answer = await fetch(`${origin}${path}`, { method: 'POST', body, headers: signed(body) })
    expect(answer.status).toBe(204)
    await world.faults.release()
    await until(() => one.zoom()?.topic === one.saved.subject)
  })

  test('is deleted when the meeting is removed, and when the calendar is disconnected', async () => {
    const [removed, disconnected] = [await scheduledBy(ada), await scheduledBy(ada)]
    expect(await sealed(disconnected.key)).not.toHaveLength(0)
    await ada.removeMeeting(removed.key)
    expect(await kept(removed.key)).toBeUndefined()
    await ada.disconnect()
    await until(async () => (await kept(disconnected.key))?.sealed_event === null)
    expect(await kept(disconnected.key)).toMatchObject({ event_of: null })
  })
})

test.skipIf(!hasPostgres)(
  'what Zoom sends is answered 503 if it cannot be stored, so that Zoom sends it again',
  async () => {
    const world = await openWorld('PostgreSQL')
    onTestFinished(world.close)
    const { origin } = await world.startService(settings)
    const ada = person(world, origin)
    await ada.connect()
    const { zoom } = await ada.schedule()
    await world.sql('alter table pgboss.job add constraint refuses check (false) not valid')
    const body = about(zoom()?.id)
    const answer = await fetch(`${origin}${path}`, { method: 'POST', body, headers: signed(body) })
    expect(answer.status).toBe(503)
  },
)
