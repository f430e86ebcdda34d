import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Fault } from '../../src/simulator/kit/faults.ts'
import { commandsIn } from '../guide.ts'
import { newKey, putMeeting, quarterlyReview, untilHeld } from '../kit.ts'
import { engines, openWorld, type World } from './kit.ts'

const day = 86_400_000
const inDays = (days: number) => `${new Date(Date.now() + days * day).toISOString().slice(0, 19)}Z`

describe.each(engines)('the life of a link, on the %s database', (engine) => {
  let world: World
  let origin: string
  let token: string
  /** How many days ago it is at Zoom. */
  let ago = 0
  const now = () => Date.now() - ago * day

  beforeAll(async () => {
    world = await openWorld(engine, { now })
    origin = (await world.startService({ SWEEP_SECONDS: 0.2 })).origin
    token = await world.token()
  })
  afterAll(() => world.close())
  afterEach(() => {
    ago = 0
    world.faults.clear()
  })

  const put = (key: string, changes: object = {}, proof = token) =>
    putMeeting(origin, proof, key, { ...quarterlyReview, start: inDays(1), ...changes })
  /** What the link opens, so many days from now. */
  async function opens({ joinUrl }: { joinUrl?: string }, days = 0): Promise<number> {
    ago = -days
    const { pathname, search } = new URL(joinUrl as string)
    const { status } = await world.zoom.app.request(pathname + search)
    ago = 0
    return status
  }
  const start = (id: unknown) => world.zoom.start(String(id))
  /** How often the sweep has asked Zoom about this meeting; a token or a limit that was in the way does not count. */
  const looks = (id: unknown) =>
    world.zoom
      .requests()
      .filter(
        ({ path, status = 0 }) =>
          path === `/v2/past_meetings/${id}/instances` && ![401, 429].includes(status),
      ).length
  const looked = (id: unknown, times = 1) => expect.poll(() => looks(id)).toBe(times)
  /** The lines that say that this link will die. */
  const reports = (id: unknown) =>
    world.logged.map((line) => JSON.parse(line)).filter((said) => said.meeting === id)
  /** Waits until the sweep has asked about every meeting that was due: the one that is due last comes last. */
  async function sweepAsked(): Promise<void> {
    const before = ago
    ago = 338
    const { body } = await put(newKey(), { recurring: true })
    ago = before
    await looked(body.id)
  }

  test('a meeting’s link works until 30 days after its date', async () => {
    const { body } = await put(newKey())
    expect(await opens(body, 30)).toBe(200)
    expect(await opens(body, 32)).toBe(404)
  })

  test('a meeting moved by more than 30 days keeps its link, and the link works until 30 days after the new date', async () => {
    const key = newKey()
    const { body: before } = await put(key)
    const { body: after } = await put(key, { start: inDays(90) })
    expect(after.joinUrl).toBe(before.joinUrl)
    expect(await opens(after, 119)).toBe(200)
    expect(await opens(after, 121)).toBe(404)
  })

  test('a meeting moved after its id has died gets another one, which works', async () => {
    const key = newKey()
    ago = 60
    const { body: dead } = await put(key, { start: inDays(-29) })
    ago = 0
    expect(await opens(dead, 2)).toBe(404)
    ago = -2
    const { status, body } = await put(key, { start: inDays(40) })
    expect(status).toBe(200)
    expect(body.joinUrl).not.toBe(dead.joinUrl)
    expect(await opens(body, 40)).toBe(200)
  })

  test('an appointment whose link would be dead at once is refused, and nothing is made', async () => {
    const before = world.zoom.meetings().length
    const { status, body } = await put(newKey(), { start: inDays(-31) })
    expect(status).toBe(422)
    expect(body).toMatchObject({ code: 'invalid_appointment', field: 'start' })
    expect(body.title).toBe(
      'Zoom cannot schedule this appointment until you change it. Its start was more than 30 days ago.',
    )
    expect(world.zoom.meetings().length).toBe(before)
    expect((await put(newKey(), { start: inDays(-29) })).status).toBe(200)
    expect((await put(newKey(), { start: inDays(-900), recurring: true })).status).toBe(200)
  })

  test('an appointment of many weeks has a link for all of them', async () => {
    const sixtyDays = { minutes: 60 * 1440 }
    const { body: soon } = await put(newKey(), { ...sixtyDays, start: inDays(20) })
    expect(await opens(soon, 80)).toBe(200)
    const { body: running } = await put(newKey(), { ...sixtyDays, start: inDays(-40) })
    expect(await opens(running, 20)).toBe(200)
    const { body: nextYear } = await put(newKey(), { ...sixtyDays, start: inDays(400) })
    expect(await opens(nextYear, 429)).toBe(200)
  })

  test('a one-off and a series turn into each other, and each lives as its kind does', async () => {
    const key = newKey()
    const { body } = await put(key)
    expect((await put(key, { recurring: true })).body.joinUrl).toBe(body.joinUrl)
    expect(await opens(body, 364)).toBe(200)
    expect(await opens(body, 366)).toBe(404)
    expect((await put(key)).body.joinUrl).toBe(body.joinUrl)
    expect(await opens(body, 32)).toBe(404)
  })

  test('of a series that nobody starts somebody hears before its link dies, once, and nothing of what it says', async () => {
    ago = 340
    const key = newKey()
    const { body } = await put(key, { subject: 'Secret', recurring: true })
    ago = 0
    await looked(body.id)
    const [[shown = ''] = []] = commandsIn('docs/administrators.md', '7. Watch for expiring links', 'json')
    await expect.poll(() => reports(body.id).map(Object.keys)).toEqual([Object.keys(JSON.parse(shown))])
    await expect
      .poll(() => reports(body.id))
      .toEqual([
        {
          level: 40,
          time: expect.any(String),
          msg: 'meeting id ends',
          meeting: body.id,
          days: 24,
          caller: expect.stringMatching(/^entra:/),
        },
      ])
    await put(key, { subject: 'Secret, renamed', recurring: true })
    await sweepAsked()
    expect(reports(body.id)).toHaveLength(1)
    expect(await opens(body, 24)).toBe(200)
    expect(await opens(body, 26)).toBe(404)
  })

  test('a series that is started lives on, and nobody is bothered', async () => {
    ago = 340
    const { body } = await put(newKey(), { recurring: true })
    ago = 100
    start(body.id)
    ago = 0
    await looked(body.id)
    await sweepAsked()
    expect(looks(body.id)).toBe(1)
    expect(reports(body.id)).toEqual([])
    expect(await opens(body, 264)).toBe(200)
  })

  test('a series that will not be started for months is left alone', async () => {
    const { body } = await put(newKey(), { recurring: true })
    await sweepAsked()
    expect(looks(body.id)).toBe(0)
  })

  test.skipIf(engine === 'embedded')('what Zoom has forgotten is forgotten, and nothing else', async () => {
    const keys = [newKey(), newKey()] as const
    const [gone, there] = await Promise.all([put(keys[0]), put(keys[1])])
    world.faults.add(noSuchMeeting(gone.body.id))
    await due(keys)
    await looked(there.body.id)
    await expect.poll(() => rows(keys)).toEqual([{ key: keys[1], days: 32 }])
    expect((await put(keys[1])).body.id).toBe(there.body.id)
    expect((await put(keys[0])).body.id).not.toBe(gone.body.id)
  })

  test.skipIf(engine === 'embedded')('a meeting of a time when lives were not kept is learnt', async () => {
    const key = newKey()
    const { body } = await put(key, { start: inDays(10) })
    await world.sql(`update meetings set id_ends = null, look_at = now() where key = '${key}'`)
    await looked(body.id)
    await expect.poll(() => rows([key])).toEqual([{ key, days: 41 }])
  })

  test.skipIf(engine === 'embedded')(
    'a meeting that is being changed is not forgotten meanwhile',
    async () => {
      const changes = () => world.faults.calls().filter(({ call }) => call.startsWith('PATCH')).length
      for (let isInTime = false; !isInTime; ) {
        const key = newKey()
        const { body } = await put(key)
        const next = newKey()
        const { body: other } = await put(next)
        const before = changes()
        world.faults.add({ vendor: 'zoom', match: 'PATCH', hold: true })
        const changed = put(key, { subject: 'Renamed' })
        await untilHeld(world.faults)
        world.faults.add(noSuchMeeting(body.id))
        await due([key])
        await looked(body.id)
        // The sweep has done with a meeting when it asks about the next one.
        await due([next])
        await looked(other.id)
        // On a machine that is so slow that the deadline of the change has passed, another meeting is tried.
        isInTime = changes() === before + 1
        await world.faults.release()
        expect((await changed).body.id).toBe(body.id)
        if (isInTime) expect(await rows([key])).toMatchObject([{ key }])
      }
    },
  )

  test.skipIf(engine === 'embedded')(
    'many meetings at once are all asked about, by two processes, and none twice',
    async () => {
      const keys = Array.from({ length: 30 }, newKey)
      const ids = (await Promise.all(keys.map((key) => put(key)))).map(({ body }) => body.id)
      const other = await world.startService({ SWEEP_SECONDS: 0.2 })
      await due(keys)
      const left = async () => (await rows(keys)).filter(({ days }) => Number(days) < 0)
      await expect.poll(left).toEqual([])
      await sweepAsked()
      expect(Math.max(...ids.map(looks))).toBe(1)
      await other.stop()
    },
  )

  test.skipIf(engine === 'embedded')(
    'where Zoom refuses one, it is said, and the others are asked about',
    async () => {
      const keys = [newKey(), newKey()] as const
      const [refused, other] = await Promise.all([put(keys[0]), put(keys[1])])
      world.faults.add({
        vendor: 'zoom',
        match: `GET /v2/past_meetings/${refused.body.id}`,
        status: 400,
        body: { code: 4711, message: 'Invalid access token, does not contain scopes' },
      })
      await due(keys)
      await looked(other.body.id)
      await looked(refused.body.id)
      const said = () =>
        world.logged.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'work failed')
      await expect.poll(() => said().at(-1)).toMatchObject({ problem: 'zoom_misconfigured', zoomCode: 4711 })
      expect(await rows(keys)).toHaveLength(2)
    },
  )

  /** As if it were time to ask Zoom about them. */
  const due = (keys: readonly string[]) =>
    world.sql(`update meetings set look_at = now() - interval '1 day' where key in ('${keys.join("','")}')`)
  /** What is kept, and in how many days Zoom is asked again. */
  const rows = (keys: readonly string[]) =>
    world.sql(`select key, round(extract(epoch from look_at - now()) / 86400)::int as days from meetings
      where key in ('${keys.join("','")}')`)
  const noSuchMeeting = (id: unknown): Fault => ({
    vendor: 'zoom',
    match: `GET /v2/meetings/${id}`,
    status: 404,
    body: { code: 3001, message: '' },
  })

  test('while Zoom does not answer, nothing is said or forgotten, and people are not kept waiting', async () => {
    world.faults.add({ vendor: 'zoom', match: 'GET /v2/past_meetings', hold: true, times: 'always' })
    ago = 340
    const key = newKey()
    const { body } = await put(key, { recurring: true })
    ago = 0
    await untilHeld(world.faults)
    expect((await put(key, { subject: 'Renamed', recurring: true })).body.joinUrl).toBe(body.joinUrl)
    expect(reports(body.id)).toEqual([])
    // The sweep still waits for its answer: the person did not wait for the sweep.
    await world.faults.clear()
    await expect.poll(() => reports(body.id)).toHaveLength(1)
  })
})
