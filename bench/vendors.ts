// Zoom without its limits, and Entra, in a process of their own; says where they are and who may call.

import { makeCertificate } from '../src/simulator/kit/certificate.ts'
import { Faults } from '../src/simulator/kit/faults.ts'
import { openOrigins } from '../src/simulator/kit/origins.ts'
import { createEntra } from '../src/simulator/microsoft/entra.ts'
import { type Mailbox, mailboxes, type Person } from '../src/simulator/people.ts'

/** What the parent is told. */
export interface Vendors {
  entra: string
  zoom: string
  certificate: string
  clientId: string
  tenantId: string
  callers: Caller[]
  clientSecret: string
  /** The access token of somebody who can connect a calendar. */
  person: string
}

export interface Caller {
  token: string
  zoomUserId: string
}

/** More than are ever served at once: the service makes one host's meetings one after the other, on purpose. */
const howMany = 256

const { signal } = new AbortController()
const faults = new Faults()
const clientId = 'c11e27d0-0000-4000-8000-000000000001'
const clientSecret = 'bench'
const ada: Mailbox & Person = mailboxes['exchange-online']
const people = Array.from({ length: howMany }, (_, index) => ({
  ...ada,
  emailAddress: `caller-${index}@contoso.example`,
  objectId: `ca11e200-0000-4000-8000-${String(index).padStart(12, '0')}`,
}))

// Zoom's stand-in knows whoever has a mailbox by the time it is loaded.
Object.assign(mailboxes, Object.fromEntries(people.map((person) => [person.emailAddress, person])))
const { createZoom } = await import('../src/simulator/zoom/api.ts')
const { findUser } = await import('../src/simulator/zoom/users.ts')

const certificate = await makeCertificate(new Date())
const at = await openOrigins(['entra', 'zoom'], 'anywhere', certificate, signal)
const entra = createEntra({ faults, origin: at.entra.url, clientId, clientSecret })
at.entra.serve(entra.app)
at.zoom.serve(createZoom({ faults, origin: at.zoom.url, limits: 'none' }).app)

const callers = people.map(
  async (person): Promise<Caller> => ({
    token: await entra.sign(await entra.claims(person)),
    zoomUserId: findUser(person.emailAddress)?.id ?? '',
  }),
)
process.send?.({
  entra: at.entra.url,
  zoom: at.zoom.url,
  certificate: certificate.cert,
  clientId,
  tenantId: ada.tenantId,
  callers: await Promise.all(callers),
  clientSecret,
  person: await entra.sign(entra.claims(ada)),
} satisfies Vendors)
// How long Zoom takes to make a meeting, in milliseconds.
process.on('message', (delay: number) => {
  faults.clear()
  if (delay) faults.add({ vendor: 'zoom', match: 'POST /v2/users', delay, times: 'always' })
})
await new Promise((resolve) => process.once('disconnect', resolve))
process.exit()
