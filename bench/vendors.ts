// Zoom without its limits, Entra, Graph and an Exchange server, in a process of their own; says where they are and who may call.

import { paths } from '../src/contract/paths.ts'
import { makeCertificate } from '../src/simulator/kit/certificate.ts'
import { Faults, pause } from '../src/simulator/kit/faults.ts'
import { openOrigins } from '../src/simulator/kit/origins.ts'
import { poster } from '../src/simulator/kit/post.ts'
import { createEntra } from '../src/simulator/microsoft/entra.ts'
import { createEws, type ServerAccount } from '../src/simulator/microsoft/ews/server.ts'
import { createExchange } from '../src/simulator/microsoft/exchange.ts'
import { type Mailbox, mailboxes, type Person, people } from '../src/simulator/people.ts'
import type { Post } from '../src/simulator/vendor.ts'

/** What the parent is told. */
export interface Vendors {
  entra: string
  graph: string
  zoom: string
  exchange: string
  certificate: string
  clientId: string
  tenantId: string
  callers: Caller[]
  clientSecret: string
  /** Somebody whose mailbox is on the Exchange server: their identity token, account, and the number of their appointment. */
  onServer: {
    token: string
    account: { user: string; password: string }
    index: number
    zoomUserId: string
  }
  /** The access token of somebody who can connect a calendar. */
  person: string
}

export interface Caller {
  token: string
  objectId: string
  zoomUserId: string
}

/** What the parent asks for. */
export interface Asked {
  /** Milliseconds that Zoom takes for a call. */
  zoomTakes?: number
  /** Milliseconds that the Exchange server takes for a call. */
  exchangeTakes?: number
  /** Graph never answers about an event. */
  graphIsSilent?: boolean
  /** The Exchange server's answers that hang tell nothing: it calls. */
  exchangeCalls?: boolean
  /** Graph and the Exchange server send notifications to these services in turn, instead of the public address. */
  services?: string[]
  /** The meeting's key in an appointment of each of the first callers. */
  appointments?: string[]
  /** The meeting's key in the appointment on the Exchange server. */
  onServer?: string
  /** The Exchange server has so many mailboxes, and an account that acts as each. */
  crowd?: number
  /** Changes this appointment. The answer comes when Zoom has it. */
  changeOne?: number
  /** Changes so many of the appointments at once. The answer comes when Zoom has the last one. */
  change?: number
}

/** More than are ever served at once: the service makes one host's meetings one after the other, on purpose. */
const howMany = 256

const { signal } = new AbortController()
const faults = new Faults()
const clientId = 'c11e27d0-0000-4000-8000-000000000001'
const clientSecret = 'bench'
/** The service's `PUBLIC_URL`. */
const publicUrl = 'https://localhost:3001'
const ada: Mailbox & Person = mailboxes['exchange-online']
const tim: Mailbox = mailboxes['exchange-2019']
const password = 'bench'
const added = Array.from({ length: howMany }, (_, index) => ({
  ...ada,
  emailAddress: `caller-${index}@contoso.example`,
  objectId: `ca11e200-0000-4000-8000-${String(index).padStart(12, '0')}`,
}))

// Zoom's stand-in knows whoever has a mailbox by the time it is loaded.
Object.assign(mailboxes, Object.fromEntries(added.map((person) => [person.emailAddress, person])))
;(people as unknown as Person[]).push(...added)
const { createGraph } = await import('../src/simulator/microsoft/graph.ts')
const { createZoom } = await import('../src/simulator/zoom/api.ts')
const { findUser } = await import('../src/simulator/zoom/users.ts')

const certificate = await makeCertificate(new Date())
const at = await openOrigins(['entra', 'zoom', 'graph', 'exchange'], 'anywhere', certificate, signal)
const entra = createEntra({ faults, origin: at.entra.url, clientId, clientSecret })
at.entra.serve(entra.app)
const zoom = createZoom({
  faults,
  origin: at.zoom.url,
  limits: 'none',
  redirectUris: [publicUrl + paths.zoomLoginCallback],
})
at.zoom.serve(zoom.app)

/** Where Graph and the Exchange server post to. */
let services: string[] = []
let posted = 0
const toService: Post = (url, options) =>
  poster()(`${services[posted++ % services.length]}${new URL(url).pathname}${new URL(url).search}`, options)
const graph = createGraph({
  faults,
  origin: at.graph.url,
  entraKeys: entra.publishedKeys,
  post: toService,
})
at.graph.serve(graph.app)
const audience = `${publicUrl}/addin/taskpane/index.html`
const exchange = createExchange({ faults, origin: at.exchange.url, audience })
const account = (name: string): ServerAccount => ({ name, password, failed: 0, ews: 'open' })
const accounts = [account('tim')]
const folder: Parameters<typeof createEws>[1] = { schemes: ['ntlm'], bindings: 'require' }
const ews = createEws(accounts, folder, graph.calendars, Date.now, toService)
at.exchange.serve(exchange.app.route('/', ews.app))

const callers = added.map(
  async (person): Promise<Caller> => ({
    token: await entra.sign(await entra.claims(person)),
    objectId: person.objectId,
    zoomUserId: findUser(person.emailAddress)?.id ?? '',
  }),
)
process.send?.({
  entra: at.entra.url,
  graph: at.graph.url,
  zoom: at.zoom.url,
  exchange: at.exchange.url,
  certificate: certificate.cert,
  clientId,
  tenantId: ada.tenantId,
  callers: await Promise.all(callers),
  clientSecret,
  onServer: {
    token: await exchange.identityToken(tim),
    account: { user: 'CONTOSO\\tim', password },
    index: howMany,
    zoomUserId: findUser(tim.emailAddress)?.id ?? '',
  },
  person: await entra.sign(entra.claims(ada)),
} satisfies Vendors)

const ownerOf = (index: number) => (index === howMany ? tim : added[index])?.emailAddress
function save(index: number, key: string): void {
  graph.calendars.put(
    {
      id: `event ${index}`,
      subject: 'Quarterly review',
      start: '2027-03-03T09:00:00Z',
      end: '2027-03-03T09:30:00Z',
      timeZone: 'W. Europe Standard Time',
      customProperties: { zoomMeeting: JSON.stringify({ key }) },
    },
    ownerOf(index),
  )
}

let changes = 0
/** Milliseconds until Zoom has all of them. */
async function change(indexes: readonly number[]): Promise<number> {
  const wanted = new Set<string>()
  const since = performance.now()
  for (const index of indexes) {
    const subject = `Change ${changes++}`
    wanted.add(subject)
    graph.calendars.put(
      { ...graph.calendars.get(`event ${index}`)?.appointment, subject, id: `event ${index}` },
      ownerOf(index),
    )
  }
  while (wanted.size > 0) {
    await pause(0.5)
    for (const { topic } of zoom.meetings()) wanted.delete(topic)
  }
  return performance.now() - since
}

process.on('message', async (asked: Asked) => {
  if (['zoomTakes', 'exchangeTakes', 'graphIsSilent'].some((name) => name in asked)) {
    await faults.clear()
    if (asked.zoomTakes)
      faults.add({ vendor: 'zoom', match: '/v2/', delay: asked.zoomTakes, times: 'always' })
    if (asked.exchangeTakes)
      faults.add({ vendor: 'exchange', match: '/EWS/', delay: asked.exchangeTakes, times: 'always' })
    if (asked.graphIsSilent)
      faults.add({ vendor: 'graph', match: '/v1.0/users', silence: true, times: 'always' })
  }
  if (asked.exchangeCalls) {
    folder.holdsBack = true
    ews.streaming.end()
  }
  if (asked.services) services = asked.services
  for (const [index, key] of asked.appointments?.entries() ?? []) save(index, key)
  if (asked.onServer) save(howMany, asked.onServer)
  if (asked.crowd) {
    accounts.push({ ...account('service'), ews: 'no mailbox', impersonates: 'everybody' })
    for (let number = 0; number < asked.crowd; number++) accounts.push(account(`person${number}`))
  }
  if (asked.changeOne !== undefined) process.send?.(await change([asked.changeOne]))
  if (asked.change) process.send?.(await change(Array.from({ length: asked.change }, (_, index) => index)))
})
await new Promise((resolve) => process.once('disconnect', resolve))
process.exit()
