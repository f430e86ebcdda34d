import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import type { AuditPage } from '../../../src/contract/admin.ts'
import { adminPaths, mailboxPath, roomPath, roomSystemPath } from '../../../src/contract/admin-paths.ts'
import type { Rooms } from '../../../src/contract/admin-rooms.ts'
import { limited } from '../../../src/service/connector/limited.ts'
import { passcodes } from '../../../src/service/connector/passcodes.ts'
import { addressBlocks } from '../../../src/service/settings/forms.ts'
import { zoomMeeting } from '../../../src/service/zoom/meeting.ts'
import { account } from '../../../src/simulator/cisco/device.ts'
import { Faults } from '../../../src/simulator/kit/faults.ts'
import { rooms } from '../../../src/simulator/people.ts'
import { newKey, putMeeting, quarterlyReview } from '../../kit.ts'
import { adminToken, grace, joan, subjectOf } from '../admin/kit.ts'
import { asker } from '../identity/kit.ts'
import { engines, entraClientSecret, openWorld, type World } from '../kit.ts'
import { openDevice } from './kit.ts'

const { turing } = rooms
/** An attempt that fails is made again after some seconds, and a device has ten to answer. */
const patient = { timeout: 60_000, interval: 100 }
const room = { name: 'Turing', building: 'Annex', floor: '1' }
const inside = {
  ENTRA_CLIENT_SECRET: entraClientSecret,
  ROOM_SYSTEM_NETWORKS: addressBlocks.parse('127.0.0.0/8'),
}

describe.each(engines)('a room system of Cisco, on the %s database', { timeout: 120_000 }, (engine) => {
  /** A second process: only one opens an embedded database. */
  const besideAnother = test.skipIf(engine === 'embedded')
  let world: World
  let ask: ReturnType<typeof asker>
  let device: Awaited<ReturnType<typeof openDevice>>
  let origin: string
  beforeAll(async () => {
    world = await openWorld(engine)
    device = await openDevice(world)
    ;({ origin } = await world.startService(inside))
    ask = asker(origin)
  })
  afterAll(async () => {
    await world.close()
    await device.close()
  })
  beforeEach(async () => {
    await world.faults.clear()
    world.graph.reset()
    world.graph.calendars.clear()
    for (const { objectId } of [turing, rooms.cellar]) await change('DELETE', roomPath(objectId))
    device.reset()
    expect((await change('PUT', roomPath(turing.emailAddress), room)).status).toBe(204)
  })

  const change = async (method: string, path: string, body?: unknown, person = grace) =>
    ask(method, path, { bearer: await adminToken(world, person), body })
  const given = () => ({ kind: 'cisco', host: device.host, ...account, pin: device.pin, titles: true })
  /** The service answers before it knows how it is, where a device takes long. */
  const save = async (more: object = {}) => {
    const answer = await change('PUT', roomSystemPath(turing.emailAddress), { ...given(), ...more })
    if (answer.status === 204) await expect.poll(state, patient).not.toBe('new')
    return answer
  }
  const listed = async () => ((await change('GET', adminPaths.rooms)).body as unknown as Rooms).rooms[0]
  const state = async () => (await listed())?.system?.state
  const shown = () => device.bookings().map(({ Title }) => Title)
  const put = (id: string, more: object = {}, fromNow = 60) =>
    world.graph.calendars.put(
      {
        id,
        subject: id,
        start: new Date(Date.now() + fromNow * 60_000).toISOString(),
        end: new Date(Date.now() + (fromNow + 30) * 60_000).toISOString(),
        isOrganizer: false,
        body: 'Agenda https://zoom.us/j/91234567890',
        ...more,
      },
      turing.emailAddress,
    )

  test('shows the meetings of its room, and each change of them', async () => {
    put('Review')
    expect((await save()).status).toBe(204)
    expect(await state()).toBe('current')
    expect(device.bookings()).toMatchObject([
      {
        Title: 'Review',
        Number: '91234567890@zoomcrc.com',
        Protocol: 'SIP',
        Organizer: { Name: 'Turing' },
        Time: { Duration: 30 },
      },
    ])
    put('Planning', {}, 120)
    await expect.poll(shown).toEqual(['Review', 'Planning'])
    world.graph.calendars.delete('Review')
    await expect.poll(shown).toEqual(['Planning'])
  })

  test.each([
    ['is private', { sensitivity: 'private' }, {}, 'Private'],
    ['may not show its title', {}, { titles: false }, 'Public'],
  ] as const)('shows a meeting that %s as busy', async (_, event, more, Privacy) => {
    put('Dismissal', event)
    await save(more)
    expect(device.bookings()).toMatchObject([{ Title: 'Busy', Privacy }])
    expect(JSON.stringify(device.bookings())).not.toContain('Dismissal')
  })

  test('shows neither whole days nor what has ended, and nothing to dial where there is no link', async () => {
    put('Holiday', { isAllDay: true, start: '2027-01-01T00:00:00Z', end: '2027-01-02T00:00:00Z' })
    put('Ended', {}, -90)
    put('Now', { body: '' }, -5)
    await save()
    expect(device.bookings()).toMatchObject([{ Title: 'Now', Number: '', Protocol: 'None' }])
  })

  test('dials without a passcode where Zoom does not say one', async () => {
    world.faults.add({ vendor: 'zoom', match: '/meetings/91234567890', status: 503, times: 'always' })
    put('Review')
    await save()
    expect(device.bookings()).toMatchObject([{ Number: '91234567890@zoomcrc.com' }])
  })

  test('gets its list again when it asks, starts again, or was cleared', async () => {
    put('Review')
    await save()
    device.clear()
    device.requireSync()
    await expect.poll(shown, patient).toEqual(['Review'])
    device.restart()
    await expect.poll(shown, patient).toEqual(['Review'])
  })

  test('that asks for its list again and again gets it every 5 seconds at most', async () => {
    const began = Date.now()
    await save()
    for (const puts of [2, 3]) {
      device.requireSync()
      await expect.poll(() => device.counts().puts, patient).toBe(puts)
    }
    expect(Date.now() - began).toBeGreaterThan(9_900)
  })

  test('gets the passcode of a meeting only where the invitation has it', async () => {
    const { body } = await putMeeting(origin, await world.token(), newKey(), quarterlyReview)
    const { search } = new URL(world.zoom.meetings().find(({ id }) => String(id) === body.id)?.join_url ?? '')
    expect(search).toMatch(/^\?pwd=/)
    put('Guessed', { body: `https://zoom.us/j/${body.id}` })
    put('Invented', { body: `https://zoom.us/j/${body.id}?pwd=abc` }, 120)
    put('Invited', { body: `https://zoom.us/j/${body.id}${search}` }, 180)
    await save()
    expect(device.bookings().map(({ Number: dialled }) => dialled)).toEqual([
      `${body.id}@zoomcrc.com`,
      `${body.id}@zoomcrc.com`,
      expect.stringMatching(`^${body.id}\\.\\d+@zoomcrc\\.com$`),
    ])
    expect(world.zoom.dialled(device.bookings().at(-1)?.Number ?? '')).toBe('Quarterly review')
  })

  test('dials no meeting of another cloud of Zoom', async () => {
    put('Agency', { body: 'https://agency.zoomgov.com/j/1612345678' })
    await save()
    expect(device.bookings()).toMatchObject([{ Title: 'Agency', Number: '', MeetingPlatform: 'None' }])
  })

  test('is not told by an attempt from before it was removed', async () => {
    put('Review')
    world.faults.add({ vendor: 'cisco', match: 'GET /ws', hold: true })
    const saving = change('PUT', roomSystemPath(turing.emailAddress), given())
    await expect.poll(() => world.faults.held()).toHaveLength(1)
    expect((await change('DELETE', roomSystemPath(turing.emailAddress))).status).toBe(204)
    await world.faults.release()
    expect((await saving).status).toBe(204)
    await expect.poll(() => device.counts().open).toBe(0)
    expect(shown()).toEqual([])
  })

  besideAnother('is not told by a process that has not heard of its removal', async () => {
    put('Review')
    await save()
    const other = await world.startService(inside)
    const bearer = await adminToken(world, grace)
    expect(
      (await asker(other.origin)('DELETE', roomSystemPath(turing.emailAddress), { bearer })).status,
    ).toBe(204)
    expect(shown()).toEqual([])
    put('Planning')
    await expect.poll(() => device.counts().open, patient).toBe(0)
    expect(shown()).toEqual([])
    await other.stop()
  })

  test('that another one takes the place of is emptied', async () => {
    put('Review')
    await save()
    const next = await openDevice(world)
    await save({ host: next.host, pin: next.pin })
    expect(next.bookings()).toMatchObject([{ Title: 'Review' }])
    expect(shown()).toEqual([])
    await change('DELETE', roomSystemPath(turing.emailAddress))
    await next.close()
  })

  test('of one room is none of another', async () => {
    const other = roomSystemPath(rooms.cellar.emailAddress)
    const inCellar = async () =>
      ((await change('GET', adminPaths.rooms)).body as unknown as Rooms).rooms.find(
        ({ objectId }) => objectId === rooms.cellar.objectId,
      )?.system?.state
    put('Review')
    await save()
    const cellar = { ...room, name: 'A cellar' }
    expect((await change('PUT', roomPath(rooms.cellar.emailAddress), cellar)).status).toBe(204)
    expect((await change('PUT', other, given())).status).toBe(204)
    await expect.poll(inCellar, patient).toBe('another')
    expect(shown()).toEqual(['Review'])
  })

  test('that was off gets the list as it is then', async () => {
    put('Review')
    await save()
    device.turnOff()
    await expect.poll(state, patient).toBe('unreachable')
    world.graph.calendars.delete('Review')
    put('Planning')
    device.turnOn()
    await expect.poll(shown, patient).toEqual(['Planning'])
    await expect.poll(state, patient).toBe('current')
  })

  const ofList = 'xCommand/Bookings/Put'
  test.each([
    ['to connect, is answered by nobody', 'GET /ws', { silence: true }],
    ['who it is, is cut off', 'xGet', { drop: true }],
    ['to be told when it asks, is answered halfway', 'xFeedback/Subscribe', { slow: true }],
    ['to take its list, is cut off', ofList, { drop: true }],
    ['to take its list, is done and cut off', ofList, { drop: 'afterwards' }],
    ['to take its list, is answered by something else', ofList, { body: '<html>' }],
    ['to take its list, is answered by nobody', ofList, { silence: true }],
  ] as const)('has its list in the end where the call %s', async (_, match, fault) => {
    put('Review')
    world.faults.add({ vendor: 'cisco', match, ...fault })
    await save()
    await expect.poll(state, patient).toBe('current')
    expect(shown()).toEqual(['Review'])
  })

  besideAnother(
    'that accepts the connection and says nothing holds up neither its removal nor the end of the service',
    async () => {
      const other = await world.startService(inside)
      const bearer = await adminToken(world, grace)
      const there = (method: string, body?: unknown) =>
        asker(other.origin)(method, roomSystemPath(turing.emailAddress), { bearer, body })
      world.faults.add({ vendor: 'cisco', match: 'GET /ws', silence: true, times: 'always' })
      expect((await there('PUT', given())).status).toBe(204)
      await expect.poll(state, patient).toBe('unreachable')
      expect((await there('DELETE')).status).toBe(204)
      expect((await there('PUT', given())).status).toBe(204)
      await other.stop()
    },
  )

  test('whose clock is wrong shows the meetings, and the console says so', async () => {
    put('Review')
    device.setAhead(-5 * 60_000)
    await save()
    expect(await state()).toBe('clock')
    expect(shown()).toEqual(['Review'])
  })

  test.each([
    ['is refused', { status: 503 }],
    ['is not answered', { silence: true }],
  ])('keeps what it has while its question for the calendar %s', async (_, fault) => {
    put('Review')
    await save()
    world.faults.add({ vendor: 'graph', match: 'calendarView', ...fault, times: 'always' })
    device.requireSync()
    await expect.poll(state, patient).toBe('calendar')
    expect(shown()).toEqual(['Review'])
  })

  test('that takes no bookings says so', async () => {
    device.useTeamsMode()
    await save()
    expect(await state()).toBe('rejected')
  })

  test('that another one stands in for is told nothing until it is saved again', async () => {
    put('Review')
    await save()
    device.replace()
    await expect.poll(state, patient).toBe('another')
    put('Planning')
    const { sessions } = device.counts()
    // What makes the service read the room again.
    await change('PUT', roomPath(turing.emailAddress), room)
    expect(shown()).toEqual([])
    expect(device.counts().sessions).toBe(sessions)
    await save()
    expect(shown().toSorted()).toEqual(['Planning', 'Review'])
  })

  test('that refuses the password is not asked again, because that could lock the account', async () => {
    expect((await save({ password: 'wrong' })).status).toBe(204)
    expect(await state()).toBe('refused')
    const tried = () => world.faults.calls().filter(({ call }) => call === 'GET /ws').length
    const before = tried()
    await change('PUT', roomPath(turing.emailAddress), { ...room, name: 'Alan' })
    // One that is off, and that is given afterwards, has been asked three times: a second attempt here would have been.
    const faults = new Faults()
    const off = await openDevice({ faults, zoom: world.zoom })
    off.turnOff()
    await change('PUT', roomPath(rooms.cellar.emailAddress), { ...room, name: 'Cellar' })
    await change('PUT', roomSystemPath(rooms.cellar.emailAddress), {
      ...given(),
      host: off.host,
      pin: off.pin,
    })
    await expect.poll(() => faults.calls().length, patient).toBeGreaterThan(2)
    expect(tried()).toBe(before)
    await change('DELETE', roomPath(rooms.cellar.objectId))
    await off.close()
    put('Review')
    await save()
    expect(shown()).toEqual(['Review'])
  })

  test.each([
    ['is not the one that was given', { pin: 'ab'.repeat(32) }],
    ['is valid for nobody', { pin: '' }],
  ])('whose certificate %s gets no account', async (_, more) => {
    world.faults.reset()
    await save(more)
    expect(await state()).toBe('certificate')
    expect(world.faults.calls().filter(({ vendor }) => vendor === 'cisco')).toEqual([])
  })

  test.each(['10.0.0.1', '169.254.169.254', '[::1]:443'])(
    'is not at %s, which is in no network of the settings',
    async (host) => {
      await save({ host })
      expect(await state()).toBe('not_allowed')
    },
  )

  test.each([
    ['host', 'a b'],
    ['host', 'evil.example/ws?'],
    ['host', 'user@evil.example'],
    ['host', '10.20.0.300'],
    ['host', 'turing.example:99999'],
    ['user', 'a:b'],
    ['user', ''],
    ['password', ''],
    ['pin', 'abc'],
    ['kind', 'poly'],
  ])('is not saved with a wrong %s', async (field, value) => {
    expect(await save({ [field]: value })).toMatchObject({ status: 400, body: { field } })
    expect((await listed())?.system).toBeNull()
  })

  test('is emptied when it is removed, with its room too, and when the calendar may not be read any more', async () => {
    put('Review')
    const path = roomSystemPath(turing.emailAddress)
    await save()
    expect((await change('DELETE', path)).status).toBe(204)
    expect(shown()).toEqual([])
    await expect.poll(() => device.counts().open).toBe(0)
    expect(await change('DELETE', path)).toMatchObject({ status: 404, body: { code: 'no_room_system' } })

    await save()
    expect(shown()).toEqual(['Review'])
    await change('DELETE', mailboxPath(turing.objectId))
    device.requireSync()
    await expect.poll(shown, patient).toEqual([])

    await change('PUT', roomPath(turing.emailAddress), room)
    await expect.poll(shown, patient).toEqual(['Review'])
    await change('DELETE', roomPath(turing.emailAddress))
    expect(shown()).toEqual([])
  })

  test('is changed by no auditor', async () => {
    const path = roomSystemPath(turing.emailAddress)
    for (const method of ['PUT', 'DELETE'])
      expect(await change(method, path, given(), joan)).toMatchObject({
        status: 403,
        body: { code: 'role_too_low' },
      })
  })

  besideAnother('is none where the settings name no network', async () => {
    const path = roomSystemPath(turing.emailAddress)
    const off = await world.startService({ ENTRA_CLIENT_SECRET: entraClientSecret })
    const bearer = await adminToken(world)
    const answer = await asker(off.origin)('PUT', path, { bearer, body: given() })
    expect(answer).toMatchObject({ status: 409, body: { code: 'room_systems_off' } })
    await off.stop()
  })

  test('leaves acts in the audit trail, and no word of an event or an account in the log', async () => {
    put('Canary of the device')
    await save()
    await save({ password: 'wrong password' })
    await change('DELETE', roomSystemPath(turing.emailAddress))
    const { records } = (await change('GET', `${adminPaths.audit}?limit=10`)).body as unknown as AuditPage
    const subject = `person:${subjectOf(turing)}`
    for (const act of ['room system saved', 'room system removed'])
      expect(records).toContainEqual(expect.objectContaining({ act, subject, caller: subjectOf(grace) }))
    const lines = world.logged.join('')
    for (const secret of ['Canary', 'wrong password', account.password, device.host])
      expect(lines).not.toContain(secret)
  })
})

test('a morning on which all room systems come back is bounded: so many are told at a time', async () => {
  const inTurn = limited(3)
  let [now, most, ended] = [0, 0, 0]
  const acts = Array.from({ length: 40 }, (_, index) =>
    inTurn(async () => {
      most = Math.max(most, ++now)
      await new Promise((resolve) => setImmediate(resolve))
      now--
      ended++
      if (index % 3 === 0) throw new Error('It does not answer')
    }),
  )
  await Promise.allSettled(acts)
  expect({ most, ended }).toEqual({ most: 3, ended: 40 })
})

test('a passcode is what Zoom said last while Zoom does not answer', async () => {
  vi.useFakeTimers({ toFake: ['performance'] })
  onTestFinished(() => void vi.useRealTimers())
  const link = 'https://zoom.us/j/91234567890?pwd=abc'
  let isThere = true
  const passcodeOf = passcodes({
    get: () =>
      isThere
        ? Promise.resolve(zoomMeeting.parse({ id: 91234567890, join_url: link, h323_password: '123456' }))
        : Promise.reject(new Error('It does not answer')),
  })
  expect(await passcodeOf('91234567890', link)).toBe('123456')
  isThere = false
  vi.advanceTimersByTime(3_600_000)
  expect(await passcodeOf('91234567890', link)).toBe('123456')
  expect(await passcodeOf('81234567890', link)).toBeUndefined()
})
