import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { adminPaths, syncCheckPath } from '../../../src/contract/admin-paths.ts'
import type { Rule } from '../../../src/contract/admin-policies.ts'
import type { SyncStatus } from '../../../src/contract/admin-sync.ts'
import { differenceSays } from '../../../src/contract/difference.ts'
import { meetingPath } from '../../../src/contract/paths.ts'
import { zoomEventsPath } from '../../../src/contract/sync.ts'
import { mailboxes } from '../../../src/simulator/people.ts'
import { sampleUnlessWide } from '../../sample.ts'
import { adminToken } from '../admin/kit.ts'
import { engines, openWorld, variables, type World } from '../kit.ts'
import { at, person, scheduledBy, settings, until } from './kit.ts'

describe.each(engines)('a meeting that is changed in Zoom, on the %s database', (engine) => {
  let world: World
  let ada: ReturnType<typeof person>
  beforeAll(async () => {
    // All of these tests together change more meetings than a host may have changed in a day.
    world = await openWorld(engine, { limits: 'none' })
    ada = person(world, (await world.startService(settings)).origin)
    await ada.connect()
    const url = `${variables.PUBLIC_URL}${zoomEventsPath}`
    expect(await world.zoom.webhooks.subscribe(url)).toBeUndefined()
  })
  afterAll(() => world.close())
  afterEach(async () => {
    await world.faults.clear()
    world.graph.subscriptions.deliver({ drop: false })
    world.zoom.webhooks.deliver({ drop: false, copies: 1, delay: 0 })
  })

  const recoveries = () => ada.calls('PUT /v2/meetings')
  /** A meeting, and what its host does with it in Zoom. */
  async function scheduled() {
    const one = await scheduledBy(ada)
    const before = one.zoom()
    const id = String(before?.id)
    return {
      ...one,
      before,
      id,
      inZoom: {
        rename: (topic: string) => world.zoom.portal.changeMeeting(id, { topic }),
        delete: () => world.zoom.portal.deleteMeeting(id),
        deleteForGood: () => world.zoom.portal.deleteForGood(id),
      },
      isAsBefore: () => JSON.stringify(one.zoom()) === JSON.stringify(before),
      /** What the pane says. */
      said: async () =>
        (await ada.ask('GET', meetingPath(one.key), { bearer: await world.token() })).body.says,
    }
  }
  /** Until Zoom has told of one more event, and everything that waited has been followed. */
  async function settled(act: () => unknown) {
    const marker = await scheduled()
    await act()
    marker.inZoom.rename('Marker')
    await until(marker.isAsBefore)
  }

  test('works again with the same id and the same link when it was deleted there', async () => {
    const { inZoom, isAsBefore, said } = await scheduled()
    inZoom.delete()
    await until(isAsBefore)
    await until(async () => (await said()) === undefined)
  })

  test('is recovered as its appointment is by then', async () => {
    const { inZoom, zoom, change, before } = await scheduled()
    world.graph.subscriptions.deliver({ drop: true })
    change({ subject: 'Moved meanwhile', ...at(6) })
    inZoom.delete()
    await until(() => zoom()?.topic === 'Moved meanwhile')
    expect(zoom()?.join_url).toBe(before?.join_url)
  })

  const refusals = [
    ['is busy', { status: 429, headers: { 'retry-after': '1' }, times: 4 }],
    ['fails', { status: 503, times: 4 }],
    ['does not answer', { silence: true, times: 1 }],
    ['does it and does not say so', { drop: 'afterwards', times: 3 }],
  ] as const
  test.each(sampleUnlessWide(refusals, 2))('is recovered later if Zoom %s', async (_, fault) => {
    const { inZoom, isAsBefore } = await scheduled()
    world.faults.add({ vendor: 'zoom', match: 'PUT /v2/meetings', ...fault })
    inZoom.delete()
    await until(isAsBefore)
  })

  /** A change of its appointment, on whose way to Zoom the meeting is deleted there. Zoom tells nobody. */
  function deletedOnTheWay({ change, inZoom }: Awaited<ReturnType<typeof scheduled>>) {
    world.zoom.webhooks.deliver({ drop: true, copies: 1, delay: 0 })
    const answer = world.zoom.app.fetch
    const asked = vi.spyOn(world.zoom.app, 'fetch').mockImplementation((request, ...more) => {
      if (request.method === 'PATCH') {
        asked.mockRestore()
        inZoom.delete()
      }
      return answer(request, ...more)
    })
    onTestFinished(() => asked.mockRestore())
    change({ subject: 'On the way', ...at(6) })
  }

  test('is recovered if it was deleted there while its appointment’s change was on the way', async () => {
    const one = await scheduled()
    deletedOnTheWay(one)
    await until(() => one.zoom()?.topic === 'On the way')
    expect(one.zoom()).toMatchObject({ join_url: one.before?.join_url, start_time: at(6).start })
  })

  test('is shown as gone while Zoom’s app lacks the scope, which the log names, and is recovered once it has it', async () => {
    const { inZoom, isAsBefore, said, change } = await scheduled()
    const lacking = 'Invalid access token, does not contain scopes:[meeting:update:status:admin].'
    world.faults.add({
      ...{ vendor: 'zoom', match: 'PUT /v2/meetings', status: 400, times: 'always' },
      body: { code: 4711, message: lacking },
    })
    inZoom.delete()
    await until(() =>
      world.logged.some((line) => line.includes('"zoomScopes":"meeting:update:status:admin"')),
    )
    expect(await said()).toBe(differenceSays.gone)
    const waiting = `select from pgboss.job where group_tier = 'zoom' and start_after > now() + interval '50 minutes'`
    if (engine === 'PostgreSQL') await until(async () => (await world.sql(waiting)).length === 1)
    await world.faults.clear()
    change({ locations: [{ displayName: 'Room 5' }] })
    await until(isAsBefore)
  })

  test('is put right later if Graph is down', async () => {
    const { inZoom, isAsBefore } = await scheduled()
    world.faults.add({ vendor: 'graph', match: 'GET /v1.0/users', status: 503, times: 3 })
    inZoom.rename('While Graph is down')
    await until(isAsBefore)
  })

  test('is shown as gone if Zoom does not recover it, and Check again adds another one', async () => {
    const { inZoom, key, said, id } = await scheduled()
    inZoom.deleteForGood()
    await until(async () => (await said()) === differenceSays.gone)
    const { status, body } = await ada.put(key, {})
    expect(status).toBe(200)
    expect(body.id).not.toBe(id)
    expect(await said()).toBeUndefined()
  })

  test.each([
    ['removed it in the pane', ({ key }: { key: string }) => ada.removeMeeting(key)],
    ['deleted the appointment', ({ remove }: { remove(): void }) => remove()],
    ['cancelled it', ({ change }: { change(to: object): void }) => change({ isCancelled: true })],
  ])('is not recovered after its person %s', async (_, act) => {
    const one = await scheduled()
    const before = recoveries()
    await act(one)
    await until(() => one.zoom() === undefined)
    await settled(() => {})
    expect(one.zoom()).toBeUndefined()
    expect(recoveries()).toBe(before)
  })

  test('is not recovered after its appointment was deleted or cancelled, also if only Zoom has told', async () => {
    const [deleted, cancelled] = [await scheduled(), await scheduled()]
    const before = recoveries()
    await settled(() => {
      world.graph.subscriptions.deliver({ drop: true })
      deleted.remove()
      cancelled.change({ isCancelled: true })
      deleted.inZoom.delete()
      cancelled.inZoom.delete()
    })
    expect([deleted.zoom(), cancelled.zoom()]).toEqual([undefined, undefined])
    expect(recoveries()).toBe(before)
  })

  test('is not recovered after its person asked to remove it, although the answer of Zoom was lost', async () => {
    const { key, zoom, change, said } = await scheduled()
    const before = recoveries()
    world.faults.add({ vendor: 'zoom', match: 'DELETE /v2/meetings', drop: 'afterwards', times: 1 })
    world.faults.add({ vendor: 'zoom', match: 'DELETE /v2/meetings', status: 503, times: 2 })
    const answer = await ada.ask('DELETE', meetingPath(key), { bearer: await world.token() })
    expect(answer.status).toBe(503)
    // The window may have been closed: the appointment has its dead link still.
    await until(async () => (await said()) === differenceSays.gone)
    await settled(() => change({ subject: 'And the appointment changes' }))
    expect(zoom()).toBeUndefined()
    expect(recoveries()).toBe(before)
    await ada.removeMeeting(key)
  })

  test('is not recovered if Zoom removes it late, and is again once its person has asked for it', async () => {
    const { key, zoom, saved, change, inZoom } = await scheduled()
    const before = recoveries()
    world.faults.add({ vendor: 'zoom', match: 'DELETE /v2/meetings', status: 503, times: 3 })
    const answer = await ada.ask('DELETE', meetingPath(key), { bearer: await world.token() })
    expect(answer.status).toBe(503)
    change({ subject: 'Meanwhile' })
    await until(() => zoom()?.topic === 'Meanwhile')
    await settled(inZoom.delete)
    expect(recoveries()).toBe(before)
    const { body } = await ada.put(key, { subject: 'Meanwhile', start: saved.start, minutes: 30 })
    world.zoom.portal.deleteMeeting(String(body.id))
    await until(() => recoveries() > before)
  })

  test.each([
    ['', []],
    [
      ', although the answer of Zoom was lost',
      [
        { drop: 'afterwards' as const, times: 1 },
        { status: 503, times: 2 },
      ],
    ],
  ])(
    'is there again with an appointment that is restored%s, and is recovered from then on',
    async (_, faults) => {
      const { change, remove, zoom, inZoom, isAsBefore } = await scheduled()
      const removals = ada.calls('DELETE /v2/meetings')
      for (const fault of faults) world.faults.add({ vendor: 'zoom', match: 'DELETE /v2/meetings', ...fault })
      remove()
      await until(() => zoom() === undefined && ada.calls('DELETE /v2/meetings') > removals + faults.length)
      change({})
      await until(isAsBefore)
      await settled(inZoom.delete)
      await until(isAsBefore)
    },
  )

  test.skipIf(engine !== 'PostgreSQL')(
    'is no reason to compare the calendar where sync has removed it with its appointment',
    async () => {
      const { remove, zoom } = await scheduled()
      await world.sql(`update watches set window_from = window_from - interval '2 days'`)
      const [before] = await world.sql('select window_from from watches')
      world.zoom.webhooks.deliver({ drop: false, copies: 1, delay: 400 })
      remove()
      await until(() => zoom() === undefined)
      await settled(() => {})
      world.zoom.webhooks.deliver({ drop: false, copies: 1, delay: 0 })
      expect((await world.sql('select window_from from watches'))[0]).toEqual(before)
    },
  )

  test('is told to its person only', async () => {
    const { key, inZoom, said } = await scheduled()
    inZoom.deleteForGood()
    await until(async () => (await said()) === differenceSays.gone)
    const stranger = await world.token(mailboxes['no-bridge'])
    const answer = await ada.ask('GET', meetingPath(key), { bearer: stranger })
    expect(answer.body.says).toBeUndefined()
  })

  describe('where that is only shown', () => {
    const decide = async (rules: Rule[]) => {
      const bearer = await adminToken(world)
      const { version } = (await ada.ask('GET', adminPaths.policies, { bearer })).body
      const answer = await ada.ask('PUT', adminPaths.policies, { bearer, body: { version, rules } })
      expect(answer.status).toBe(200)
    }
    beforeAll(() => decide([{ group: null, name: 'zoomChanges', value: 'show' }]))
    afterAll(() => decide([]))
    const different = async () =>
      (
        (await ada.ask('GET', adminPaths.sync, { bearer: await adminToken(world) }))
          .body as unknown as SyncStatus
      ).different

    test('stays so, the pane says it, and Check again makes it match', async () => {
      const { key, saved, inZoom, zoom, said, isAsBefore } = await scheduled()
      const before = await different()
      inZoom.rename('Their own name')
      await until(async () => (await said()) === differenceSays.changed)
      expect(await different()).toBe(before + 1)
      expect(zoom()?.topic).toBe('Their own name')
      expect((await ada.put(key, { start: saved.start, minutes: 30 })).status).toBe(200)
      await until(isAsBefore)
      expect(await said()).toBeUndefined()
      expect(await different()).toBe(before)
    })

    test('stays so although the calendar is compared, and follows the next change of the appointment', async () => {
      const { inZoom, zoom, said, change } = await scheduled()
      inZoom.rename('Their own name')
      await until(async () => (await said()) === differenceSays.changed)
      const passes = ada.calls('calendarView/delta')
      const person = (await ada.ask('GET', adminPaths.sync, { bearer: await adminToken(world) }))
        .body as unknown as SyncStatus
      const check = syncCheckPath(String(person.people[0]?.subject))
      expect((await ada.ask('POST', check, { bearer: await adminToken(world) })).status).toBe(204)
      await until(() => ada.calls('calendarView/delta') > passes)
      expect(zoom()?.topic).toBe('Their own name')
      change({ subject: 'Renamed in the calendar' })
      await until(() => zoom()?.topic === 'Renamed in the calendar')
      await until(async () => (await said()) === undefined)
    })

    test('comes back with its appointment, if that was what removed it', async () => {
      const { change, remove, zoom, isAsBefore } = await scheduled()
      remove()
      await until(() => zoom() === undefined)
      change({})
      await until(isAsBefore)
    })

    test('stays deleted, and the pane says it', async () => {
      const { inZoom, zoom, said } = await scheduled()
      const before = recoveries()
      inZoom.delete()
      await until(async () => (await said()) === differenceSays.gone)
      expect(zoom()).toBeUndefined()
      expect(recoveries()).toBe(before)
    })

    test('stays deleted, and the pane says it, if that came while its appointment’s change was on the way', async () => {
      const one = await scheduled()
      const before = recoveries()
      deletedOnTheWay(one)
      await until(async () => (await one.said()) === differenceSays.gone)
      expect([one.zoom(), recoveries()]).toEqual([undefined, before])
    })
  })

  test('changes nothing in the calendar: everything there was read, and only subscriptions were made', () => {
    const written = world.faults
      .calls()
      .filter(({ vendor, call }) => vendor === 'graph' && !call.startsWith('GET '))
      .map(({ call }) => call.split('/').slice(0, 3).join('/'))
    expect(written.length).toBeGreaterThan(0)
    for (const call of written) expect(call).toMatch(/^(POST|PATCH|DELETE) \/v1.0\/subscriptions$/)
  })
})
