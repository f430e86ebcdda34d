import { type Context, Hono } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { proxy } from 'hono/proxy'
import { streamSSE } from 'hono/streaming'
import { z } from 'zod'
import { Calendars } from './calendars.ts'
import type { Answer, Fault, Faults, HeldCall, MetFault } from './kit/faults.ts'
import { aboutHints } from './kit/hints.ts'
import type { Ledger, Recorded } from './kit/ledger.ts'
import { situations } from './outlook/situations.ts'
import type { Service } from './service.ts'
import type { ControlRoute, Situations, Vendor } from './vendor.ts'

/** What the control API shows and changes. */
export interface Controlled {
  /** Addresses by name: `outlook`, `addin`, and each vendor. */
  urls: Record<string, string>
  ledger: Ledger
  faults: Faults
  /** What the mailboxes have; empty ones by default. */
  calendars?: Calendars
  vendors: Record<string, Pick<Vendor, 'routes' | 'situations' | 'reset'>>
  /** Of the person's computer. */
  routes?: readonly ControlRoute[]
  /** Undefined until it has been started. */
  service(): Pick<Service, 'url' | 'metrics' | 'log'> | undefined
}

/** The API by which the page, tests and scripts read and steer the simulated world. `GET /simulator` lists its routes. */
export function createControl(world: Controlled): Hono {
  const app = new Hono()
  const { calendars = new Calendars() } = world
  const vendors = Object.values(world.vendors)
  const reset = () => {
    for (const kept of [world.ledger, calendars]) kept.clear()
    for (const part of [world.faults, ...vendors]) part.reset()
  }
  const routes = [
    ...aboutTheWorld(world, reset),
    ...aboutCalls(world),
    ...aboutTheLedger(world),
    ...aboutFaults(world.faults, ['outlook', 'service', ...Object.keys(world.vendors)]),
    ...aboutSituations(
      Object.assign(
        { ...situations(world.faults), ...aboutHints(world.faults) },
        ...vendors.map((vendor) => vendor.situations),
      ),
    ),
    ...aboutAppointments(calendars),
    ...vendors.flatMap((vendor) => vendor.routes),
    ...(world.routes ?? []),
  ]
  for (const [method, path, , handler] of routes) app.on(method, path, handler)
  app.get('/simulator', (c) => c.json(routes.map(([method, path, says]) => ({ method, path, says }))))
  app.onError(explain)
  return app
}

const aboutTheWorld = (world: Controlled, reset: () => void): ControlRoute[] => [
  [
    'GET',
    '/healthz',
    'Answers 200 when everything is ready, the service too.',
    async (c) => ((await isHealthy(world)) ? c.text('ready') : c.text('not ready', 503)),
  ],
  [
    'GET',
    '/simulator/console',
    'Goes to the administrators’ console of the service.',
    (c) => c.redirect(`${world.urls.addin}/console/`),
  ],
  [
    'GET',
    '/simulator/app',
    'Goes to an app that shows a person’s calendar.',
    (c) => c.redirect(`${world.urls.addin}/upcoming/`),
  ],
  ['GET', '/simulator/device', 'Goes to the room device.', (c) => c.redirect(`${world.urls.cisco}/`)],
  ['GET', '/simulator/room', 'Goes to the screen of a room.', (c) => c.redirect(`${world.urls.addin}/room/`)],
  ['GET', '/simulator/world', 'The addresses of the world’s other parts.', (c) => c.json(world.urls)],
  [
    'GET',
    '/simulator/manifest',
    'The manifest that the service gives an administrator.',
    (c) => fromService(c, world.service()?.url, '/manifest.xml'),
  ],
  [
    'GET',
    '/simulator/service/log',
    'The last lines of the service’s log.',
    (c) => c.text(world.service()?.log() ?? ''),
  ],
  [
    'GET',
    '/simulator/service/address',
    'Where the service listens itself.',
    (c) => c.text(world.service()?.url ?? ''),
  ],
  [
    'GET',
    '/simulator/service/metrics',
    'The metrics of the service, as Prometheus reads them.',
    (c) => fromService(c, world.service()?.metrics),
  ],
  [
    'POST',
    '/simulator/reset',
    'Clears the ledger, faults, appointments, Zoom’s meetings and all sign-ins. Zoom’s access tokens and webhooks stay.',
    (c) => {
      reset()
      return done(c)
    },
  ],
]

/** Calls to Outlook happen in the page: it asks what goes wrong, and says when a held call is finished. */
function aboutCalls({ ledger, faults }: Controlled): ControlRoute[] {
  const held: HeldCall[] = []
  const heldCall = (c: Context) => held[Number(c.req.param('number'))]
  const met = ({ call, unrecorded }: z.infer<typeof hostCall>): MetFault | null => {
    const fault = unrecorded ? faults.nextFor('outlook', call) : faults.next('outlook', call)
    if (!fault?.hold) return fault ?? null
    return { ...fault, held: held.push(faults.hold('outlook', call)) - 1 }
  }
  return [
    [
      'POST',
      '/simulator/host-calls',
      'Records calls to Outlook, `[{ runtime, call, params?, unrecorded? }]`. Answers the fault for each, or null.',
      async (c) => {
        const calls = z.array(hostCall).parse(await c.req.json())
        for (const { unrecorded, ...call } of calls) if (!unrecorded) ledger.add({ kind: 'outlook', ...call })
        return c.json(calls.map(met))
      },
    ],
    [
      'GET',
      '/simulator/held-calls/:number',
      'Answers when this held call is released. A page that no longer waits has finished.',
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

const aboutTheLedger = ({ ledger }: Controlled): ControlRoute[] => [
  [
    'GET',
    '/simulator/ledger',
    'Every call and request of the add-in since the last reset.',
    (c) => c.json(ledger.entries()),
  ],
  [
    'GET',
    '/simulator/ledger/stream',
    'The same as server-sent events, old and new; an entry is sent again when its status is known.',
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

const aboutFaults = (faults: Faults, vendors: string[]): ControlRoute[] => {
  const fault = faultOf(vendors)
  return [
    [
      'GET',
      '/simulator/faults',
      'The faults that have not happened yet, the calls that are held, and the JSON schema of a fault.',
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
      'Every call to a vendor since the last reset, in the form that a fault’s `match` is compared with.',
      (c) => c.json(faults.calls()),
    ],
    [
      'POST',
      '/simulator/faults',
      'Adds a fault, or an array of faults.',
      async (c) => {
        const given: unknown = await c.req.json()
        faults.add(...z.array(fault).parse([given].flat()))
        return done(c)
      },
    ],
    [
      'POST',
      '/simulator/faults/release',
      'Releases held calls. Answers when their work is done.',
      async (c) => {
        await faults.release()
        return done(c)
      },
    ],
    [
      'DELETE',
      '/simulator/faults',
      'Removes every fault and releases held calls. Answers when the work of the held calls is done.',
      async (c) => {
        await faults.clear()
        return done(c)
      },
    ],
  ]
}

const aboutSituations = (situations: Situations): ControlRoute[] => [
  [
    'GET',
    '/simulator/situations',
    'What can be tried out: `[{ id, says }]`. The page has a button for each.',
    (c) => c.json(Object.entries(situations).map(([id, { says }]) => ({ id, says }))),
  ],
  [
    'POST',
    '/simulator/situations/:id',
    'Begins a situation. `POST /simulator/reset` ends it; `DELETE /simulator/faults` ends those that are faults.',
    (c) => {
      const id = idOf(c)
      if (!Object.hasOwn(situations, id)) return c.notFound()
      situations[id]?.begin()
      return done(c)
    },
  ],
]

/** `?calendar=`: the e-mail address of the calendar's owner. */
const aboutAppointments = (calendars: Calendars): ControlRoute[] => [
  [
    'GET',
    '/simulator/appointments',
    'The saved appointments: of every mailbox, or of one, `?calendar=ada@contoso.example`.',
    (c) => c.json(calendars.all(c.req.query('calendar')).map(({ appointment }) => appointment)),
  ],
  [
    'GET',
    '/simulator/appointments/:id',
    'One saved appointment.',
    (c) => {
      const kept = calendars.get(idOf(c))
      return kept ? c.json(kept.appointment) : c.notFound()
    },
  ],
  [
    'PUT',
    '/simulator/appointments/:id',
    'Saves an appointment: any JSON object. `?calendar=`: whose; Ada’s without it.',
    async (c) => {
      const appointment = { ...z.looseObject({}).parse(await c.req.json()), id: idOf(c) }
      return c.json(calendars.put(appointment, c.req.query('calendar')).appointment)
    },
  ],
  [
    'DELETE',
    '/simulator/appointments/:id',
    'Deletes an appointment; with a series, its changed occurrences.',
    (c) => (calendars.delete(idOf(c)) ? done(c) : c.notFound()),
  ],
]

const hostCall = z.strictObject({
  runtime: z.enum(['task pane', 'command', 'launch event', 'dialog']),
  call: z.string(),
  params: z.unknown().exactOptional(),
  /** A call that Office.js makes by itself: not in the ledger, and only for faults with exactly this `match`. */
  unrecorded: z.boolean().exactOptional(),
})

const answer = z.strictObject({
  value: z.unknown().describe('The value; without it the call succeeds without a value.').exactOptional(),
  merge: z.unknown().describe('Changes of the usual value (RFC 7396): `null` removes.').exactOptional(),
  afterwards: z.boolean().describe('With `value`: Outlook does its work first.').exactOptional(),
}) satisfies z.ZodType<Answer>

const faultOf = (vendors: string[]) =>
  z.strictObject({
    vendor: z.enum(vendors).describe('Who fails; `service`: the way from the add-in to the service.'),
    match: z
      .string()
      .describe('Only calls that contain this text: `POST /v2/users`, `subject.getAsync`, `GetToken`.')
      .exactOptional(),
    times: z
      .union([z.int().positive(), z.literal('always')])
      .describe('How many calls fail; 1 by default.')
      .exactOptional(),
    after: z.int().nonnegative().describe('How many matching calls succeed first.').exactOptional(),
    delay: z.int().nonnegative().describe('Milliseconds before the answer.').exactOptional(),
    hold: z.boolean().describe('The call waits until it is released, then succeeds.').exactOptional(),
    silence: z
      .union([z.boolean(), z.literal('afterwards')])
      .describe('No answer; the connection stays open. `afterwards`: the work is done first.')
      .exactOptional(),
    drop: z
      .union([z.boolean(), z.literal('afterwards')])
      .describe('The connection is cut; `afterwards`: the work is done first.')
      .exactOptional(),
    copies: z.int().positive().max(10).describe('A hint to an app comes that often.').exactOptional(),
    slow: z.boolean().describe('The answer begins and never ends.').exactOptional(),
    status: z.int().min(200).max(599).describe('This HTTP status instead of the answer.').exactOptional(),
    body: z.unknown().describe('The body that goes with `status`.').exactOptional(),
    headers: z.record(z.string(), z.string()).describe('The headers that go with `status`.').exactOptional(),
    code: z
      .union([z.number(), z.string()])
      .describe('Outlook: this error code; the bridge: this status, such as `USER_CANCEL`.')
      .exactOptional(),
    answer: answer.describe('Outlook: the call succeeds with this answer.').exactOptional(),
  }) satisfies z.ZodType<Fault>

const idOf = (c: Context) => String(c.req.param('id'))

const done = (c: Context) => c.body(null, 204)

const fromService = (c: Context, url: string | undefined, path = '') =>
  url === undefined ? c.text('not ready', 503) : proxy(`${url}${path}`, { signal: soon() })

const soon = () => AbortSignal.timeout(30_000)

async function isHealthy(world: Controlled): Promise<boolean> {
  try {
    return (await fetch(`${world.service()?.url}/healthz`, { signal: soon() })).ok
  } catch {
    return false
  }
}

/** Tells the caller what was wrong with the request. */
function explain(error: Error, c: Context): Response {
  if (error instanceof z.ZodError) return c.json({ problem: z.prettifyError(error) }, 400)
  if (error instanceof SyntaxError) return c.json({ problem: `Not JSON: ${error.message}` }, 400)
  if (error instanceof HTTPException) return error.getResponse()
  return c.json({ problem: error.message }, 500)
}
