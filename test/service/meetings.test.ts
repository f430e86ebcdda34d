import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { newKey, putMeeting, quarterlyReview, untilHeld } from '../kit.ts'
import { wide } from '../sample.ts'
import { openWay } from './attack/way.ts'
import { engines, interruptCreation, openWorld, type World } from './kit.ts'

describe.each(engines)('meetings on the %s database', (engine) => {
  let world: World
  let origin: string
  let token: string

  beforeAll(async () => {
    world = await openWorld(engine)
    origin = (await world.startService({ SWEEP_SECONDS: 0.5 })).origin
    token = await world.token()
  })
  afterAll(() => world.close())
  afterEach(() => world.faults.clear())

  const put = (key: string, body: unknown = quarterlyReview) => putMeeting(origin, token, key, body)
  const remove = (key: string, bearer = token) =>
    fetch(`${origin}/meetings/${key}`, { method: 'DELETE', headers: { authorization: `Bearer ${bearer}` } })
  const meeting = (id: unknown) => world.zoom.meetings().find((m) => String(m.id) === id)
  const calls = () => world.zoom.requests().filter(({ path }) => path.startsWith('/v2')).length

  test('an appointment gets a Zoom meeting with its facts, and an invitation comes back', async () => {
    const { status, body } = await put(newKey())
    expect(status).toBe(200)
    expect(body.joinUrl).toMatch(/^https:\/\//)
    expect(meeting(body.id)).toMatchObject({
      topic: 'Quarterly review',
      type: 2,
      start_time: '2030-12-03T09:00:00Z',
      duration: 30,
      timezone: 'Europe/Berlin',
      host_email: 'ada@contoso.example',
    })
    expect(body.passcode).toBe(meeting(body.id)?.password)
  })

  test('scheduling costs one call to Zoom once the person is known', async () => {
    await put(newKey())
    const before = calls()
    await put(newKey())
    expect(calls() - before).toBe(1)
  })

  test('a series becomes a meeting without a fixed time', async () => {
    const { body } = await put(newKey(), { ...quarterlyReview, recurring: true })
    expect(meeting(body.id)?.type).toBe(3)
    expect(meeting(body.id)?.start_time).toBeUndefined()
  })

  test('an appointment without a title, with a long one, and in a zone that Zoom does not know, is scheduled', async () => {
    const untitled = await put(newKey(), { ...quarterlyReview, subject: '  ' })
    expect(meeting(untitled.body.id)?.topic).toBe('Zoom Meeting')
    const long = await put(newKey(), { ...quarterlyReview, subject: `${'a'.repeat(199)}😀` })
    expect(meeting(long.body.id)?.topic).toBe('a'.repeat(199))
    const far = await put(newKey(), { ...quarterlyReview, timeZone: 'Chatham Islands Standard Time' })
    expect(meeting(far.body.id)?.start_time).toBe('2030-12-03T09:00:00Z')
  })

  test('the same key with other facts moves the meeting and keeps its link', async () => {
    const key = newKey()
    const first = await put(key)
    const second = await put(key, { ...quarterlyReview, subject: 'Moved', start: '2030-12-04T09:00:00Z' })
    expect(second.body).toEqual({ ...first.body, ticket: second.body.ticket })
    expect(meeting(first.body.id)).toMatchObject({ topic: 'Moved', start_time: '2030-12-04T09:00:00Z' })
  })

  test('the same key with the same facts changes nothing at Zoom', async () => {
    const key = newKey()
    await put(key)
    const before = world.zoom.requests().length
    await put(key)
    expect(
      world.zoom
        .requests()
        .slice(before)
        .map(({ method }) => method),
    ).toEqual(['GET'])
  })

  test('the same key twenty times at once is one meeting', async () => {
    const key = newKey()
    const before = world.zoom.meetings().length
    const answers = await Promise.all(Array.from({ length: 20 }, () => put(key)))
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1)
    expect(world.zoom.meetings().length - before).toBe(1)
  })

  test('when Zoom makes the meeting and its answer is lost, the next try finds that meeting', async () => {
    const key = newKey()
    const before = world.zoom.meetings().length
    interruptCreation(world.faults)
    expect(await put(key)).toMatchObject({ status: 503, body: { code: 'zoom_unreachable' } })
    expect(world.zoom.meetings().length - before).toBe(1)
    const { status, body } = await put(key)
    expect(status).toBe(200)
    expect(world.zoom.meetings().length - before).toBe(1)
    expect(meeting(body.id)).toBeDefined()
  })

  test('a change that Zoom refuses, or a search that it refuses, leaves nothing to be made twice', async () => {
    const refusal = { vendor: 'zoom', status: 400, body: { code: 4711, message: '' } } as const
    const [known, lost] = [newKey(), newKey()]
    const { body } = await put(known)
    world.faults.add({ ...refusal, match: 'PATCH /v2/meetings' })
    expect((await put(known, { ...quarterlyReview, subject: 'Moved' })).body.code).toBe('zoom_misconfigured')
    expect((await put(known)).body.id).toBe(body.id)

    const before = world.zoom.meetings().length
    interruptCreation(world.faults)
    await put(lost)
    world.faults.add({ ...refusal, match: 'GET /v2/users' })
    expect((await put(lost)).body.code).toBe('zoom_misconfigured')
    expect((await put(lost)).status).toBe(200)
    expect(world.zoom.meetings().length - before).toBe(1)
  })

  test('a meeting that was deleted in Zoom is made anew', async () => {
    const key = newKey()
    const first = await put(key)
    await world.atZoom('DELETE', `/meetings/${first.body.id}`)
    const second = await put(key)
    expect(second.status).toBe(200)
    expect(second.body.id).not.toBe(first.body.id)
  })

  test('when one is made anew and Zoom’s answer is lost, the next try finds that one', async () => {
    const key = newKey()
    const first = await put(key)
    await world.atZoom('DELETE', `/meetings/${first.body.id}`)
    const before = world.zoom.meetings().length
    interruptCreation(world.faults)
    expect(await put(key)).toMatchObject({ status: 503, body: { code: 'zoom_unreachable' } })
    const { status, body } = await put(key)
    expect(status).toBe(200)
    expect(meeting(body.id)).toBeDefined()
    expect(world.zoom.meetings().length - before).toBe(1)
  })

  test('a meeting that is removed is gone from Zoom, also when asked twice, and its key makes a new one', async () => {
    const key = newKey()
    const first = await put(key)
    expect([(await remove(key)).status, (await remove(key)).status]).toEqual([204, 204])
    expect(meeting(first.body.id)).toBeUndefined()
    expect((await put(key)).body.id).not.toBe(first.body.id)
  })

  test.skipIf(engine === 'embedded')(
    'what Zoom makes after we have given up on it is taken away, and what was made since stays',
    async () => {
      const key = newKey()
      const before = world.zoom.meetings().length
      const made = () => world.zoom.meetings().length - before
      world.faults.add({ vendor: 'zoom', match: 'POST /v2/users', hold: true })
      expect(await put(key)).toMatchObject({ status: 503, body: { code: 'zoom_unreachable' } })
      const { body } = await put(key)
      expect(made()).toBe(1)
      await world.faults.release()
      expect(made()).toBe(2)
      await world.sql(`update meetings set search_at = search_at - interval '1 minute' where key = '${key}'`)
      await expect.poll(made).toBe(1)
      expect((await put(key)).body.id).toBe(body.id)
      expect(meeting(body.id)).toBeDefined()
    },
  )

  /** The window is closed while Zoom creates the meeting. */
  async function closeWhileZoomCreates(key: string) {
    const abandoned = () => world.logged.filter((line) => line.includes('"problem":"being_scheduled"')).length
    const before = abandoned()
    world.faults.add({ vendor: 'zoom', match: 'POST /v2/users', hold: true })
    const closing = new AbortController()
    const begun = fetch(`${origin}/meetings/${key}`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(quarterlyReview),
      signal: closing.signal,
    })
    await untilHeld(world.faults)
    closing.abort()
    await expect(begun).rejects.toThrow()
    await pause(100)
    await world.faults.release()
    await expect.poll(abandoned).toBe(before + 1)
  }

  test('a meeting whose window was closed while Zoom created it is found by the next try', async () => {
    const key = newKey()
    const before = world.zoom.meetings().length
    await closeWhileZoomCreates(key)
    const { status, body } = await put(key)
    expect(status).toBe(200)
    expect(meeting(body.id)).toBeDefined()
    expect(world.zoom.meetings().length - before).toBe(1)
  })

  test.skipIf(engine === 'embedded')('and is taken away if there is no next try', async () => {
    const key = newKey()
    const before = world.zoom.meetings().length
    await closeWhileZoomCreates(key)
    expect(world.zoom.meetings().length - before).toBe(1)
    await world.sql(`update meetings set leased_until = now() - interval '2 minutes' where key = '${key}'`)
    await expect.poll(() => world.zoom.meetings().length - before).toBe(0)
    await expect.poll(() => world.sql(`select from meetings where key = '${key}'`)).toEqual([])
  })

  const tries = [
    ['tried once', [503]],
    ['made at the second try', [503, 200]],
  ] as const
  // Each try waits until Zoom is given up on.
  test.skipIf(engine === 'embedded').each(wide ? tries : tries.slice(1))(
    'so is what Zoom makes after the person has removed a meeting that was %s, and nothing is kept of it',
    async (_, statuses) => {
      const key = newKey()
      const before = world.zoom.meetings().length
      const made = () => world.zoom.meetings().length - before
      world.faults.add({ vendor: 'zoom', match: 'POST /v2/users', hold: true })
      for (const status of statuses) expect((await put(key)).status).toBe(status)
      expect((await remove(key)).status).toBe(204)
      expect(made()).toBe(0)
      await world.faults.release()
      expect(made()).toBe(1)
      await world.sql(`update meetings set leased_until = now() - interval '2 minutes' where key = '${key}'`)
      await expect.poll(made).toBe(0)
      const rows = () => world.sql(`select key from meetings where key = '${key}'`)
      await expect.poll(rows).toEqual([])
    },
  )

  test('a meeting whose making was interrupted is removed too', async () => {
    const key = newKey()
    const before = world.zoom.meetings().length
    interruptCreation(world.faults)
    await put(key)
    expect(world.zoom.meetings().length - before).toBe(1)
    expect((await remove(key)).status).toBe(204)
    expect(world.zoom.meetings().length).toBe(before)
  })

  test('a meeting that Zoom does not remove stays, and is removed when asked again', async () => {
    const key = newKey()
    const { body } = await put(key)
    world.faults.add({ vendor: 'zoom', match: 'DELETE /v2/meetings', status: 400, body: { code: 300 } })
    expect((await remove(key)).status).toBeGreaterThanOrEqual(400)
    expect(meeting(body.id)).toBeDefined()
    expect((await remove(key)).status).toBe(204)
    expect(meeting(body.id)).toBeUndefined()
  })

  const leasedFor = (length: string, key: string) =>
    world.sql(
      `update meetings set lease = gen_random_uuid(), leased_until = now() + interval '${length}' where key = '${key}'`,
    )

  test.skipIf(engine === 'embedded')('another process that works on a meeting is waited for', async () => {
    const key = newKey()
    const { body } = await put(key)
    await leasedFor('1 second', key)
    expect(await put(key)).toMatchObject({ status: 200, body: { id: body.id } })
  })

  test.skipIf(engine === 'embedded' || !wide)('and not for ever', async () => {
    const key = newKey()
    await put(key)
    await leasedFor('1 hour', key)
    expect(await put(key)).toMatchObject({ status: 503, body: { code: 'being_scheduled' } })
  })

  test.skipIf(engine === 'embedded')(
    'a meeting that another process has taken over is that one’s',
    async () => {
      const key = newKey()
      await put(key)
      world.faults.add({ vendor: 'zoom', match: 'GET /v2/meetings', hold: true })
      const begun = put(key)
      await untilHeld(world.faults)
      await world.sql(`update meetings set lease = gen_random_uuid() where key = '${key}'`)
      await world.faults.release()
      expect(await begun).toMatchObject({ status: 503, body: { code: 'being_scheduled' } })
      const kept = `select lease is not null as leased from meetings where key = '${key}'`
      expect(await world.sql(kept)).toEqual([{ leased: true }])
    },
  )

  test.skipIf(engine === 'embedded')(
    'such a request makes no meeting where the one that it knew is gone',
    async () => {
      const key = newKey()
      const { body } = await put(key)
      await world.atZoom('DELETE', `/meetings/${body.id}`)
      const before = world.zoom.meetings().length
      world.faults.add({ vendor: 'zoom', match: 'GET /v2/meetings', hold: true })
      const begun = put(key)
      await untilHeld(world.faults)
      await world.sql(`update meetings set lease = gen_random_uuid() where key = '${key}'`)
      await world.faults.release()
      expect(await begun).toMatchObject({ status: 503, body: { code: 'being_scheduled' } })
      expect(world.zoom.meetings().length).toBe(before)
    },
  )

  const others = [
    ['taken over', 'update meetings set lease = gen_random_uuid(), leased_until = now()'],
    ['removed', 'delete from meetings'],
  ] as const
  test.skipIf(engine === 'embedded').each(others)(
    'what Zoom makes for a request whose record was %s is taken away',
    async (_, statement) => {
      const key = newKey()
      const before = world.zoom.meetings().length
      const made = () => world.zoom.meetings().length - before
      world.faults.add({ vendor: 'zoom', match: 'POST /v2/users', hold: true })
      const begun = put(key)
      await untilHeld(world.faults)
      await world.sql(`${statement} where key = '${key}'`)
      await world.faults.release()
      expect(await begun).toMatchObject({ status: 503, body: { code: 'being_scheduled' } })
      expect(made()).toBe(1)
      await world.sql(`update meetings set search_at = search_at - interval '1 minute' where key = '${key}'`)
      await expect.poll(made).toBe(0)
      await expect.poll(() => world.sql(`select key from meetings where key = '${key}'`)).toEqual([])
    },
  )

  test.skipIf(engine === 'embedded')('a search that is asked for during a search is done too', async () => {
    for (const known of [true, false]) {
      const key = newKey()
      const before = world.zoom.meetings().length
      if (known) await put(key)
      else {
        interruptCreation(world.faults)
        await put(key)
      }
      world.faults.add({ vendor: 'zoom', match: 'GET /v2/users', hold: true })
      const due = "leased_until = now() - interval '2 minutes', search_at = now() - interval '1 second'"
      await world.sql(`update meetings set ${due} where key = '${key}'`)
      await untilHeld(world.faults)
      await world.sql(`update meetings set search_at = now() + interval '1 hour' where key = '${key}'`)
      await world.faults.release()
      const rows = () =>
        world.sql(`select lease, search_at > now() as searched from meetings where key = '${key}'`)
      await expect.poll(rows).toEqual([{ lease: null, searched: true }])
      expect(world.zoom.meetings().length - before).toBe(known ? 1 : 0)
    }
  })

  test.skipIf(engine === 'embedded')(
    'PostgreSQL ends a connection in the middle of a request: the person does not notice',
    async () => {
      const key = newKey()
      const { body } = await put(key)
      const other = await world.transaction()
      await other.query(`select from meetings where key = '${key}' for update`)
      const begun = put(key)
      const waiting = `from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
      await expect.poll(() => world.sql(`select pid ${waiting}`)).toHaveLength(1)
      await world.sql(`select pg_terminate_backend(pid) ${waiting}`)
      await other.commit()
      expect(await begun).toMatchObject({ status: 200, body: { id: body.id } })
    },
  )

  test.skipIf(engine === 'embedded')('PostgreSQL accepts no connection for a moment', async () => {
    const way = await openWay(world.settings.DATABASE_URL as string)
    const service = await world.startService({
      DATABASE_URL: way.url,
      CALENDAR_SYNC: false,
      SWEEP_SECONDS: 3600,
    })
    await putMeeting(service.origin, token, newKey())
    way.refuse(2)
    expect(await putMeeting(service.origin, token, newKey())).toMatchObject({ status: 200 })
    expect(way.toRefuse()).toBe(0)
    await service.stop()
  })

  test('a ticket removes nothing', async () => {
    const key = newKey()
    const { body } = await put(key)
    expect((await remove(key, body.ticket)).status).toBe(401)
    expect(meeting(body.id)).toBeDefined()
  })

  test.each([
    ['an unreachable Zoom', { status: 502 }, 'zoom_unreachable', 'always'],
    ['a Zoom that drops the line', { drop: true }, 'zoom_unreachable', 'always'],
    [
      'a Zoom that limits the day',
      { status: 429, headers: { 'retry-after': '2030-01-01T00:00:00Z' } },
      'zoom_daily_limit',
      1,
    ],
    [
      'a licence that may not host',
      { status: 400, body: { code: 3161, message: '' } },
      'zoom_not_allowed',
      1,
    ],
    ['a missing scope', { status: 400, body: { code: 4711, message: '' } }, 'zoom_misconfigured', 1],
    ['a refused field', { status: 400, body: { code: 300, message: 'Quarterly review' } }, 'zoom_refused', 1],
  ] as const)(
    '%s is a problem with a sentence, leaves nothing, and trying again works',
    async (_, fault, code, times) => {
      const key = newKey()
      const before = world.zoom.meetings().length
      world.faults.add({ vendor: 'zoom', match: 'POST /v2/users', times, ...fault })
      const failed = await put(key)
      expect(failed.body.code).toBe(code)
      expect(failed.body.title).toMatch(/\.$/)
      expect(world.zoom.meetings().length).toBe(before)
      world.faults.clear()
      expect((await put(key)).status).toBe(200)
      expect(world.zoom.meetings().length - before).toBe(1)
    },
  )

  test('a busy Zoom is asked again after the time it names', async () => {
    world.faults.add({
      vendor: 'zoom',
      match: 'POST /v2/users',
      status: 429,
      headers: { 'retry-after': '1' },
    })
    expect((await put(newKey())).status).toBe(200)
  })

  test('an access token that Zoom no longer takes is replaced, once', async () => {
    world.faults.add({
      vendor: 'zoom',
      match: 'POST /v2/users',
      status: 401,
      body: { code: 124, message: '' },
    })
    expect((await put(newKey())).status).toBe(200)
  })
})
