import type { Context } from 'hono'
import { z } from 'zod'
import type { ControlRoute, OpenVendor, Situations } from '../vendor.ts'
import { type CiscoDevice, createCisco } from './device.ts'

export const cisco: OpenVendor = ({ faults, dial }) => {
  const device = createCisco({ faults, dial })
  return {
    app: device.app,
    routes: routes(device),
    situations: situations(device),
    reset: device.reset,
    // This machine is the only network that has a device.
    settings: { ROOM_SYSTEM_NETWORKS: '127.0.0.0/8 ::1/128' },
  }
}

const routes = (device: CiscoDevice): ControlRoute[] => [
  [
    'GET',
    '/simulator/cisco',
    'What the room device shows, the call that it is in, and how often its list was replaced.',
    (c) => c.json({ bookings: device.bookings(), call: device.call() ?? null, ...device.counts() }),
  ],
  [
    'PUT',
    '/simulator/cisco/clock',
    'The clock of the room device is wrong by `{ seconds }`.',
    async (c) => {
      const { seconds } = z.strictObject({ seconds: z.int() }).parse(await c.req.json())
      device.setAhead(seconds * 1000)
      return done(c)
    },
  ],
]

/** What happens to devices in rooms. */
const situations = (device: CiscoDevice): Situations => ({
  'cisco-off': { says: 'The room device is without power', begin: device.turnOff },
  'cisco-on': { says: 'The room device has power again', begin: device.turnOn },
  'cisco-restarts': { says: 'The room device starts again, without its bookings', begin: device.restart },
  'cisco-cleared': {
    says: 'Somebody clears the bookings of the room device, and it asks for them',
    begin() {
      device.clear()
      device.requireSync()
    },
  },
  'cisco-replaced': {
    says: 'Another device stands at the address of the room device',
    begin: device.replace,
  },
  'cisco-password': {
    says: 'Somebody changes the password of the room device',
    begin: () => device.setPassword('another'),
  },
  'cisco-teams': {
    says: 'The room device takes no bookings: it runs Microsoft Teams',
    begin: device.useTeamsMode,
  },
})

const done = (c: Context) => c.body(null, 204)
