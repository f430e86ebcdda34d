import { randomInt } from 'node:crypto'
import { upgradeWebSocket } from '@hono/node-server'
import { Hono } from 'hono'
import type { WSContext } from 'hono/ws'
import { z } from 'zod'
import { type Faults, faulty, pause } from '../kit/faults.ts'
import { type Booking, bookings } from './bookings.ts'
import { devicePage, panel } from './page.ts'

const request = z.object({
  jsonrpc: z.literal('2.0'),
  id: z.union([z.int(), z.string()]),
  method: z.string(),
  params: z.record(z.string(), z.unknown()).default({}),
})

/** Codes of JSON-RPC. A device's own begin at 1. */
const [unknownMethod, wrongParameters, failedCommand] = [-32_601, -32_602, 1]

/** What an administrator of the device has set. */
export const account = { user: 'connector', password: 'simulated-device' }

interface Around {
  faults: Faults
  /** Dials an address. Resolves with the topic of the meeting that it is in from then on. Undefined: nobody answers there. */
  dial(address: string): string | undefined
}

export type CiscoDevice = ReturnType<typeof createCisco>

/**
 * A room device of Cisco that is booked by xAPI: JSON-RPC over a WebSocket at `/ws`, whose subprotocol carries the account.
 * Sources: Cisco's library `jsxapi` 6.0.0, and the schema of RoomOS 26.4. Its page shows what people see in the room.
 */
export function createCisco({ faults, dial }: Around) {
  let listed: Booking[] = []
  let serial = newSerial()
  let [ahead, isOff, isInTeamsMode] = [0, false, false]
  /** In which meeting the room is, or what came of the last call. */
  let call: { address: string; topic: string | undefined } | undefined
  let password = account.password
  const open = new Map<WSContext, Map<number, string>>()
  let [puts, sessions] = [0, 0]

  const now = () => Date.now() + ahead
  /** Those that have not ended. The device forgets the others by itself. */
  const current = () =>
    listed
      .filter(({ Time }) => Date.parse(Time.StartTime) + Time.Duration * 60_000 > now())
      .toSorted((one, other) => Date.parse(one.Time.StartTime) - Date.parse(other.Time.StartTime))

  const expected = () => `auth-${Buffer.from(`${account.user}:${password}`).toString('base64url')}`

  function answer(method: string, params: Record<string, unknown>, subscribed: Map<number, string>): unknown {
    if (method === 'xGet') return status(z.array(z.string()).parse(params.Path).join('/'))
    if (method === 'xFeedback/Subscribe') {
      const id = subscribed.size + 1
      subscribed.set(id, z.array(z.string()).parse(params.Query).join('/'))
      return { Id: id }
    }
    if (method === 'xCommand/Bookings/List')
      return { status: 'OK', ResultInfo: { TotalRows: current().length }, Booking: current() }
    if (method !== 'xCommand/Bookings/Put') throw new Refused(unknownMethod, 'No match on address expression')
    if (isInTeamsMode) throw new Refused(failedCommand, 'Not available in this mode')
    const body = bookings.safeParse(JSON.parse(String(params.body)))
    if (!body.success) throw new Refused(wrongParameters, 'Invalid bookings')
    listed = body.data.Bookings
    puts++
    return { status: 'OK' }
  }

  function status(path: string): string {
    if (path === 'Status/SystemUnit/Hardware/Module/SerialNumber') return serial
    if (path === 'Status/Time/SystemTime') return new Date(now()).toISOString().replace(/\.\d+Z/, '+00:00')
    throw new Refused(unknownMethod, 'No match on address expression')
  }

  async function receive(text: string, socket: WSContext): Promise<void> {
    const { id, method, params } = request.parse(JSON.parse(text))
    const fault = faults.next('cisco', method)
    if (fault?.delay) await pause(fault.delay)
    if (fault?.silence === true) return
    if (fault?.drop === true) return cut(socket)
    if (fault?.slow) return socket.send(`{"jsonrpc":"2.0","id":${id},"resu`)
    if (fault?.body !== undefined) return socket.send(String(fault.body))
    let said: object
    try {
      said = { result: answer(method, params, open.get(socket) ?? new Map()) }
    } catch (error) {
      const { code, message } = error instanceof Refused ? error : new Refused(wrongParameters, 'Bad usage')
      said = { error: { code, message } }
    }
    if (fault?.silence) return
    if (fault?.drop) return cut(socket)
    socket.send(JSON.stringify({ jsonrpc: '2.0', id, ...said }))
  }

  function cut(socket: WSContext): void {
    open.delete(socket)
    const raw = socket.raw as { terminate(): void } | undefined
    raw?.terminate()
  }
  const cutAll = () => {
    for (const socket of open.keys()) cut(socket)
  }

  const app = new Hono()
  app.get(
    '/ws',
    faulty(faults, 'cisco'),
    async (c, next) => {
      if (isOff) return c.text('', 503)
      if (c.req.header('sec-websocket-protocol') !== expected()) return c.text('', 401)
      return next()
    },
    upgradeWebSocket(() => ({
      onOpen: (_, socket) => {
        sessions++
        open.set(socket, new Map())
      },
      onMessage: ({ data }, socket) => void receive(String(data), socket).catch(() => cut(socket)),
      onClose: (_, socket) => void open.delete(socket),
    })),
  )
  const shown = () => ({ bookings: current(), now: now(), call })
  app.get('/', (c) => c.html(devicePage(shown())))
  app.get('/panel', (c) => c.html(panel(shown())))
  app.post('/calls', async (c) => {
    const { booking: id } = await c.req.parseBody()
    const booked = current().find(({ Id }) => Id === id)
    if (booked) call = { address: booked.Number, topic: dial(booked.Number) }
    return c.redirect('/', 303)
  })
  app.post('/calls/end', (c) => {
    call = undefined
    return c.redirect('/', 303)
  })

  return {
    app,
    /** What the room shows. */
    bookings: current,
    /** How often the list was replaced, and how often somebody connected. */
    counts: () => ({ puts, sessions, open: open.size }),
    call: () => call,
    /** The device asks for its list, as after a change by somebody else. */
    requireSync() {
      for (const [socket, subscribed] of open)
        for (const [Id, query] of subscribed)
          if (query === 'Event/Bookings/SyncRequired')
            socket.send(
              JSON.stringify({
                jsonrpc: '2.0',
                method: 'xFeedback/Event',
                params: { Id, Event: { Bookings: { SyncRequired: { id: 1 } } } },
              }),
            )
    },
    /** It forgets its bookings, and connections end. */
    restart() {
      listed = []
      cutAll()
    },
    /** Somebody clears the list by hand. */
    clear() {
      listed = []
    },
    turnOff() {
      isOff = true
      cutAll()
    },
    turnOn() {
      isOff = false
    },
    /** Another device stands at this address, with the same account. */
    replace() {
      serial = newSerial()
      listed = []
      cutAll()
    },
    setAhead(milliseconds: number) {
      ahead = milliseconds
    },
    setPassword(other: string) {
      password = other
      cutAll()
    },
    useTeamsMode() {
      isInTeamsMode = true
    },
    reset() {
      listed = []
      serial = newSerial()
      ;[ahead, isOff, isInTeamsMode, call, password] = [0, false, false, undefined, account.password]
      ;[puts, sessions] = [0, 0]
      cutAll()
    },
  }
}

class Refused extends Error {
  constructor(
    readonly code: number,
    message: string,
  ) {
    super(message)
  }
}

const newSerial = () => `FOC${randomInt(1_000_000, 9_999_999)}X`
