import { type Context, type Handler, Hono } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { proxy } from 'hono/proxy'
import { streamSSE } from 'hono/streaming'
import { z } from 'zod'
import { type Fault, type Faults, type HeldCall, type MetFault, vendors } from './kit/faults.ts'
import type { Ledger, Recorded } from './kit/ledger.ts'
import type { Exchange } from './microsoft/exchange.ts'
import { type Mailbox, mailboxes } from './people.ts'
import type { Service } from './service.ts'

/** What the control API shows and steers of the world. */
export interface Controlled {
  urls: Record<'outlook' | 'addin' | 'entra' | 'zoom' | 'exchange', string>
  ledger: Ledger
  faults: Faults
  zoom: { meetings(): unknown; requests(): unknown; start(meetingId: string): boolean; reset(): void }
  entra: {
    /** What a mailbox's nested app authentication bridge answers. */
    broker(mailbox: Mailbox, request: unknown): unknown
    reset(): void
  }
  exchange: Pick<Exchange, 'identityToken' | 'callbackToken' | 'reset'>
  service: Pick<Service, 'url' | 'log'>
}

/** Method, path, what it is for, and what answers it. */
type Route = readonly [method: string, path: string, says: string, handler: Handler]

/** What the page, the tests and the curious ask of the simulated world. `GET /simulator` lists it. */
export function createControl(world: Controlled): Hono {
  const app = new Hono()
  const appointments = new Map<string, object>()
  const reset = () => {
    for (const kept of [world.ledger, appointments]) kept.clear()
    for (const part of [world.faults, world.zoom, world.entra, world.exchange]) part.reset()
  }
  const routes = [
    ...aboutTheWorld(world, reset),
    ...forThePage(world),
    ...aboutTheLedger(world),
    ...aboutZoom(world),
    ...aboutFaults(world.faults),
    ...aboutAppointments(appointments),
  ]
  for (const [method, path, , handler] of routes) app.on(method, path, handler)
  app.get('/simulator', (c) => c.json(routes.map(([method, path, says]) => ({ method, path, says }))))
  app.onError(explain)
  return app
}

const aboutTheWorld = (world: Controlled, reset: () => void): Route[] => [
  [
    'GET',
    '/healthz',
    'Answers 200 when everything is ready, the service too.',
    async (c) => ((await isHealthy(world)) ? c.text('ready') : c.text('not ready', 503)),
  ],
  ['GET', '/simulator/world', 'Where the rest of the world is.', (c) => c.json(world.urls)],
  [
    'GET',
    '/simulator/manifest',
    'The manifest as the service gives it to an administrator.',
    () => proxy(`${world.service.url}/manifest.xml`, { signal: soon() }),
  ],
  ['GET', '/simulator/service/log', 'What the service logged last.', (c) => c.text(world.service.log())],
  [
    'POST',
    '/simulator/reset',
    'Forgets the ledger, the faults, the appointments, Zoom’s meetings and who has signed in.',
    (c) => {
      reset()
      return done(c)
    },
  ],
]

const forThePage = (world: Controlled): Route[] => [
  ...aboutHostCalls(world),
  [
    'POST',
    '/simulator/naa',
    'A message to the nested app authentication bridge of a mailbox, `{ mailbox, request }`.',
    async (c) => {
      const { mailbox, request } = bridged.parse(await c.req.json())
      return c.json(await world.entra.broker(mailboxes[mailbox], request))
    },
  ],
  [
    'POST',
    '/simulator/exchange-tokens',
    'A token that a mailbox’s Exchange server gives an add-in, `{ mailbox, kind, isRest? }`; `{}`: it has none.',
    async (c) => {
      const { mailbox: id, kind, isRest = false } = exchangeToken.parse(await c.req.json())
      const mailbox: Mailbox = mailboxes[id]
      if (!mailbox.exchangeId) return c.json({})
      const { identityToken, callbackToken } = world.exchange
      return c.json({
        token: await (kind === 'identity' ? identityToken(mailbox) : callbackToken(mailbox, { isRest })),
      })
    },
  ],
]

/** Calls to Outlook happen in the page: it asks what goes wrong, and says when a held call is finished. */
function aboutHostCalls({ ledger, faults }: Controlled): Route[] {
  const held: HeldCall[] = []
  const heldCall = (c: Context) => held[Number(c.req.param('number'))]
  const met = (call: string): MetFault | null => {
    const fault = faults.next('outlook', call)
    if (!fault?.hold) return fault ?? null
    return { ...fault, held: held.push(faults.hold('outlook', call)) - 1 }
  }
  return [
    [
      'POST',
      '/simulator/host-calls',
      'Records calls to Outlook, `[{ runtime, call, params? }]`; answers the fault that each meets, or null.',
      async (c) => {
        const calls = z.array(hostCall).parse(await c.req.json())
        for (const call of calls) ledger.add({ kind: 'outlook', ...call })
        return c.json(calls.map(({ call }) => met(call)))
      },
    ],
    [
      'GET',
      '/simulator/held-calls/:number',
      'Answers once this held call is released. A page that no longer waits has finished.',
      async (c) => {
        const call = heldCall(c)
        const gone = () => call?.finish()
        c.req.raw.signal.addEventListener('abort', gone)
        await call?.released
        c.req.raw.signal.removeEventListener('abort', gone)
        return done(c)
      },
    ],
    [
      'DELETE',
      '/simulator/held-calls/:number',
      'Outlook has done the work of this held call.',
      (c) => {
        heldCall(c)?.finish()
        return done(c)
      },
    ],
  ]
}

const aboutTheLedger = ({ ledger }: Controlled): Route[] => [
  [
    'GET',
    '/simulator/ledger',
    'Everything the add-in did since the last reset.',
    (c) => c.json(ledger.entries()),
  ],
  [
    'GET',
    '/simulator/ledger/stream',
    'The same as server-sent events, and all that follows; an entry comes again once its status is known.',
    (c) =>
      streamSSE(c, async (stream) => {
        const write = (entry: Recorded) => stream.writeSSE({ data: JSON.stringify(entry) })
        const unfollow = ledger.follow(write)
        const left = new Promise<void>((resolve) => stream.onAbort(resolve))
        for (const entry of ledger.entries()) await write(entry)
        await left
        unfollow()
      }),
  ],
]

const aboutZoom = ({ zoom }: Controlled): Route[] => [
  [
    'GET',
    '/simulator/zoom/meetings',
    'The meetings Zoom has now.',
    async (c) => c.json(await zoom.meetings()),
  ],
  [
    'GET',
    '/simulator/zoom/requests',
    'The requests that reached Zoom since the last reset.',
    async (c) => c.json(await zoom.requests()),
  ],
  [
    'POST',
    '/simulator/zoom/meetings/:id/starts',
    'The host starts the meeting, and ends it: its id lives longer.',
    (c) => (zoom.start(idOf(c)) ? done(c) : c.notFound()),
  ],
]

const aboutFaults = (faults: Faults): Route[] => [
  [
    'GET',
    '/simulator/faults',
    'The faults waiting to happen, the calls that are held, and the shape of a fault.',
    (c) =>
      c.json({
        waiting: faults.waiting(),
        held: faults.held().map(({ vendor, call }) => ({ vendor, call })),
        shape: z.toJSONSchema(fault),
      }),
  ],
  [
    'GET',
    '/simulator/calls',
    'Every call to one of them since the last reset, as a fault’s `match` is compared with it.',
    (c) => c.json(faults.calls()),
  ],
  [
    'POST',
    '/simulator/faults',
    'Adds one fault, or an array of them.',
    async (c) => {
      const given: unknown = await c.req.json()
      faults.add(...z.array(fault).parse([given].flat()))
      return done(c)
    },
  ],
  [
    'DELETE',
    '/simulator/faults',
    'Lets everything go well again. Answers once the work of the calls that were held is done.',
    async (c) => {
      await faults.clear()
      return done(c)
    },
  ],
]

const aboutAppointments = (appointments: Map<string, object>): Route[] => [
  ['GET', '/simulator/appointments', 'The saved appointments.', (c) => c.json([...appointments.values()])],
  [
    'GET',
    '/simulator/appointments/:id',
    'One of them.',
    (c) => {
      const appointment = appointments.get(idOf(c))
      return appointment ? c.json(appointment) : c.notFound()
    },
  ],
  [
    'PUT',
    '/simulator/appointments/:id',
    'Saves an appointment: any JSON object.',
    async (c) => {
      const appointment = { ...z.looseObject({}).parse(await c.req.json()), id: idOf(c) }
      appointments.set(appointment.id, appointment)
      return c.json(appointment)
    },
  ],
  [
    'DELETE',
    '/simulator/appointments/:id',
    'Removes it.',
    (c) => (appointments.delete(idOf(c)) ? done(c) : c.notFound()),
  ],
]

const hostCall = z.strictObject({
  runtime: z.enum(['task pane', 'command', 'launch event', 'dialog']),
  call: z.string(),
  params: z.unknown().exactOptional(),
})

const bridged = z.strictObject({ mailbox: z.literal(ids(mailboxes)), request: z.unknown() })

const exchangeToken = z.strictObject({
  mailbox: z.literal(ids(mailboxes)),
  kind: z.enum(['identity', 'callback']),
  isRest: z.boolean().exactOptional(),
})

const fault = z.strictObject({
  vendor: z.enum(vendors).describe('Who misbehaves; service: the way from the add-in to the service.'),
  match: z
    .string()
    .describe('Only calls that contain this: `POST /v2/users`, `subject.getAsync`, `GetToken`.')
    .exactOptional(),
  times: z
    .union([z.int().positive(), z.literal('always')])
    .describe('How many calls; 1 without it.')
    .exactOptional(),
  after: z.int().nonnegative().describe('How many such calls go well before.').exactOptional(),
  delay: z.int().nonnegative().describe('Milliseconds before the answer.').exactOptional(),
  hold: z
    .boolean()
    .describe('The call waits until the faults are deleted, and goes well then.')
    .exactOptional(),
  silence: z
    .union([z.boolean(), z.literal('afterwards')])
    .describe('Never an answer; the connection stays open. `afterwards`: the work is done all the same.')
    .exactOptional(),
  drop: z
    .union([z.boolean(), z.literal('afterwards')])
    .describe('The connection is cut; `afterwards`: once the work is done.')
    .exactOptional(),
  status: z.int().min(200).max(599).describe('This HTTP status instead of the answer.').exactOptional(),
  body: z.unknown().describe('The body that goes with `status`.').exactOptional(),
  headers: z.record(z.string(), z.string()).describe('The headers that go with `status`.').exactOptional(),
  code: z
    .union([z.number(), z.string()])
    .describe('Outlook: this error code; the bridge: this status, such as `USER_CANCEL`.')
    .exactOptional(),
}) satisfies z.ZodType<Fault>

function ids<T extends object>(table: T) {
  return Object.keys(table) as (keyof T & string)[]
}

const idOf = (c: Context) => String(c.req.param('id'))

const done = (c: Context) => c.body(null, 204)

const soon = () => AbortSignal.timeout(5000)

async function isHealthy(world: Controlled): Promise<boolean> {
  try {
    return (await fetch(`${world.service.url}/healthz`, { signal: soon() })).ok
  } catch {
    return false
  }
}

/** A caller's mistake is told to the caller. */
function explain(error: Error, c: Context): Response {
  if (error instanceof z.ZodError) return c.json({ problem: z.prettifyError(error) }, 400)
  if (error instanceof SyntaxError) return c.json({ problem: `Not JSON: ${error.message}` }, 400)
  if (error instanceof HTTPException) return error.getResponse()
  return c.json({ problem: error.message }, 500)
}
