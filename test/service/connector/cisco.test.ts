import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { adminPaths, roomPath, roomSystemPath } from '../../../src/contract/admin-paths.ts'
import type { Rooms } from '../../../src/contract/admin-rooms.ts'
import { addressBlocks } from '../../../src/service/settings/forms.ts'
import { account } from '../../../src/simulator/cisco/device.ts'
import { rooms } from '../../../src/simulator/people.ts'
import { adminToken, grace, joan } from '../admin/kit.ts'
import { asker } from '../identity/kit.ts'
import { engines, entraClientSecret, openWorld, type World } from '../kit.ts'
import { openDevice } from './kit.ts'

const { turing } = rooms
const room = { name: 'Turing', building: 'Annex', floor: '1' }
const inside = {
  ENTRA_CLIENT_SECRET: entraClientSecret,
  ROOM_SYSTEM_NETWORKS: addressBlocks.parse('127.0.0.0/8'),
}

describe.each(engines)('a room system of Cisco, on the %s database', (engine) => {
  let world: World
  let ask: ReturnType<typeof asker>
  let device: Awaited<ReturnType<typeof openDevice>>
  beforeAll(async () => {
    world = await openWorld(engine)
    device = await openDevice(world)
    const { origin } = await world.startService(inside)
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
    await change('DELETE', roomPath(turing.objectId))
    device.reset()
    expect((await change('PUT', roomPath(turing.emailAddress), room)).status).toBe(204)
  })

  const change = async (method: string, path: string, body?: unknown, person = grace) =>
    ask(method, path, { bearer: await adminToken(world, person), body })
  const given = () => ({ kind: 'cisco', host: device.host, ...account, pin: device.pin, titles: true })
  const save = (more: object = {}) =>
    change('PUT', roomSystemPath(turing.emailAddress), { ...given(), ...more })
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

  test('is changed by no auditor, and is none where the settings name no network', async () => {
    const path = roomSystemPath(turing.emailAddress)
    for (const method of ['PUT', 'DELETE'])
      expect(await change(method, path, given(), joan)).toMatchObject({
        status: 403,
        body: { code: 'role_too_low' },
      })
  })
})
