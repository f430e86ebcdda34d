import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { ownerHeader } from '../../src/contract/owner.ts'
import { meetingPath } from '../../src/contract/paths.ts'
import { preferUndo, undoHeader } from '../../src/contract/undo.ts'
import { mailboxes } from '../../src/simulator/people.ts'
import { newKey, quarterlyReview } from '../kit.ts'
import { asker } from './identity/kit.ts'
import { ada, engines, openWorld, type World } from './kit.ts'

/** At Zoom, Alan lets Ada and Vint schedule for him. */
const alan = mailboxes['no-bridge']
const vint = mailboxes.hybrid

describe.each(engines)('a meeting that was removed, on the %s database', (engine) => {
  let world: World
  let ask: ReturnType<typeof asker>
  beforeAll(async () => {
    world = await openWorld(engine)
    ask = asker((await world.startService()).origin)
  })
  afterAll(() => world.close())
  afterEach(() => {
    vi.useRealTimers()
    return world.faults.clear()
  })

  interface How {
    undo?: unknown
    person?: typeof ada
    owner?: typeof ada
    changes?: object
    by?: typeof ask
  }
  async function put(key: string, { undo, person = ada, owner, changes = {}, by = ask }: How = {}) {
    const bearer = await world.token(person)
    const headers = { ...(undo !== undefined && { [undoHeader]: String(undo) }), ...headersOf(owner) }
    return by('PUT', meetingPath(key), { bearer, headers, body: { ...quarterlyReview, ...changes } })
  }
  const remove = async (key: string, { person = ada, owner }: How = {}) =>
    ask('DELETE', meetingPath(key), {
      bearer: await world.token(person),
      headers: { ...headersOf(owner), ...preferUndo },
    })
  const headersOf = (owner?: typeof ada): Record<string, string> =>
    owner ? { [ownerHeader]: encodeURIComponent(owner.emailAddress) } : {}
  const meeting = (id: unknown) => world.zoom.meetings().find((one) => String(one.id) === id)
  const recoveries = () => world.zoom.requests().filter(({ path }) => path.endsWith('/status')).length
  const lastLog = (line: string) => JSON.parse(world.logged.findLast((one) => one.includes(line)) ?? '{}')

  /** A meeting that is gone, with what takes that back. */
  async function removed(how: How = {}) {
    const key = newKey()
    const { body } = await put(key, how)
    const answer = await remove(key, how)
    expect(answer.status).toBe(200)
    expect(meeting(body.id)).toBeUndefined()
    return { key, id: body.id, joinUrl: body.joinUrl, undo: answer.body.undo }
  }

  test('is there again with its link, as its appointment is now', async () => {
    const { key, joinUrl, id, undo } = await removed()
    const before = world.zoom.meetings().length
    const again = await put(key, { undo, changes: { subject: 'And renamed' } })
    expect(again).toMatchObject({ status: 200, body: { joinUrl, id } })
    expect(meeting(id)).toMatchObject({ topic: 'And renamed' })
    expect(world.zoom.meetings().length - before).toBe(1)
    const [ticket, recovered] = [again.body.ticket as string, recoveries()]
    expect((await ask('PUT', meetingPath(key), { bearer: ticket, body: quarterlyReview })).status).toBe(200)
    expect((await put(key, { undo })).body.joinUrl).toBe(joinUrl)
    expect(recoveries()).toBe(recovered)
  })

  test('is there again through another process, also for requests at the same moment', async () => {
    const { key, joinUrl, undo } = await removed()
    const before = world.zoom.meetings().length
    const other = engine === 'PostgreSQL' ? asker((await world.startService()).origin) : ask
    const answers = await Promise.all([put(key, { undo, by: other }), put(key, { undo }), put(key, { undo })])
    expect(answers.map(({ body }) => body.joinUrl)).toEqual([joinUrl, joinUrl, joinUrl])
    expect(world.zoom.meetings().length - before).toBe(1)
  })

  test('can be removed and taken back again and again', async () => {
    const { key, joinUrl, undo } = await removed()
    await put(key, { undo })
    const next = (await remove(key)).body.undo
    expect((await put(key, { undo: next })).body.joinUrl).toBe(joinUrl)
  })

  test('has a new link where Zoom recovers nothing, and there is one meeting', async () => {
    const gone = { status: 404, body: { code: 3001, message: '' } }
    for (const refuse of [
      (id: string) => void world.zoom.portal.deleteForGood(id),
      () => world.faults.add({ vendor: 'zoom', match: '/status', ...gone }),
      () =>
        world.faults.add({
          vendor: 'zoom',
          match: '/status',
          status: 400,
          body: { code: 3000, message: '' },
        }),
    ]) {
      const { key, id, joinUrl, undo } = await removed()
      const before = world.zoom.meetings().length
      refuse(String(id))
      const again = await put(key, { undo })
      expect(again.status).toBe(200)
      expect(again.body.joinUrl).not.toBe(joinUrl)
      expect(meeting(again.body.id)).toBeDefined()
      expect(world.zoom.meetings().length - before).toBe(1)
    }
  })

  test('has a new link where the app may recover nothing, and the log names the scope', async () => {
    const { key, joinUrl, undo } = await removed()
    const message = 'Invalid access token, does not contain scopes:[meeting:update:status:admin].'
    const refusal = { vendor: 'zoom', status: 400, body: { code: 4711, message } } as const
    world.faults.add({ ...refusal, match: '/status', times: 'always' })
    const again = await put(key, { undo })
    expect(again.status).toBe(200)
    expect(again.body.joinUrl).not.toBe(joinUrl)
    expect(lastLog('removal not undone')).toMatchObject({ zoomScopes: 'meeting:update:status:admin' })
  })

  test('is not made anew while it is not known whether Zoom recovers it', async () => {
    const { key, joinUrl, undo } = await removed()
    const before = world.zoom.meetings().length
    world.faults.add({ vendor: 'zoom', match: '/status', status: 503, times: 3 })
    expect(await put(key, { undo })).toMatchObject({ status: 503, body: { code: 'zoom_unreachable' } })
    expect(world.zoom.meetings().length).toBe(before)
    expect((await put(key, { undo })).body.joinUrl).toBe(joinUrl)
    expect(world.zoom.meetings().length - before).toBe(1)
  })

  test('is found again where it was recovered and the rest failed', async () => {
    const { key, joinUrl, undo } = await removed()
    const before = world.zoom.meetings().length
    world.faults.add({ vendor: 'zoom', match: 'GET /v2/meetings', status: 503, times: 3 })
    expect((await put(key, { undo })).status).toBe(503)
    expect((await put(key)).body.joinUrl).toBe(joinUrl)
    expect(world.zoom.meetings().length - before).toBe(1)
  })

  test('is recovered for nobody else, and for no other key', async () => {
    const { id, joinUrl, undo } = await removed()
    const another = await removed({ person: alan })
    const ofAlan = await removed({ owner: alan })
    const before = recoveries()
    const answers = [
      await put(newKey(), { undo }),
      await put(another.key, { undo, person: alan }),
      await put(ofAlan.key, { undo: ofAlan.undo, owner: alan, person: vint }),
      await put(newKey(), { undo: `undo_${'A'.repeat(200)}` }),
    ]
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200])
    expect(answers.map(({ body }) => body.joinUrl)).not.toContain(joinUrl)
    expect(meeting(id)).toBeUndefined()
    expect(recoveries()).toBe(before)
  })

  test('is recovered for no other host', async () => {
    const { key, undo } = await removed({ owner: alan })
    const before = recoveries()
    expect((await put(key, { undo })).status).toBe(200)
    expect(recoveries()).toBe(before)
  })

  test('of another person’s calendar is recovered for who had made it', async () => {
    const { key, joinUrl, undo } = await removed({ owner: alan })
    expect((await put(key, { undo, owner: alan })).body.joinUrl).toBe(joinUrl)
    expect((await remove(key, { person: alan })).status).toBe(204)
  })

  test('is recovered within an hour', async () => {
    const { key, joinUrl, undo } = await removed()
    vi.useFakeTimers({ toFake: ['Date'] })
    vi.setSystemTime(Date.now() + 61 * 60_000)
    const again = await put(key, { undo })
    expect(again.status).toBe(200)
    expect(again.body.joinUrl).not.toBe(joinUrl)
  })

  test('is not recovered by what has another form, and the answer names the field', async () => {
    const answer = await put(newKey(), { undo: 'undo_short' })
    expect(answer.status).toBe(400)
    expect(answer.body).toMatchObject({ code: 'invalid_request' })
    expect(answer.body.title ?? answer.body.detail).toContain(undoHeader)
  })

  test('has nothing to take back if it was gone before', async () => {
    expect((await remove(newKey())).status).toBe(204)
  })
})
