import dns from 'node:dns/promises'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import { syncBuiltinESMExports } from 'node:module'
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from 'node:net'
import { join } from 'node:path'
import * as tls from 'node:tls'
import { getRequestListener } from '@hono/node-server'
import type { Hono } from 'hono'
import { proxy } from 'hono/proxy'
import { generate } from 'selfsigned'
import { expect, onTestFinished, vi } from 'vitest'
import type { Line, State } from '../../../src/contract/doctor.ts'
import { readSettings } from '../../../src/service/all-settings.ts'
import { doctorCommand } from '../../../src/service/doctor/command.ts'
import { makeCertificate } from '../../../src/simulator/kit/certificate.ts'
import { Faults } from '../../../src/simulator/kit/faults.ts'
import { openOrigins } from '../../../src/simulator/kit/origins.ts'
import { temporaryFolder } from '../../../src/simulator/kit/temporary.ts'
import { createEntra } from '../../../src/simulator/microsoft/entra.ts'
import { createExchange } from '../../../src/simulator/microsoft/exchange.ts'
import { createGraph } from '../../../src/simulator/microsoft/graph.ts'
import { createKeyVault } from '../../../src/simulator/microsoft/key-vault.ts'
import { rooms } from '../../../src/simulator/people.ts'
import { createZoom } from '../../../src/simulator/zoom/api.ts'
import { userCredentials } from '../../../src/simulator/zoom/apps.ts'
import { granularScopes } from '../../../src/simulator/zoom/oauth.ts'
import { command } from '../audit/kit.ts'
import { ada, clientId, entraClientSecret, openWorld, variables } from '../kit.ts'

/** The app by which people connect their own Zoom account. */
const userApp = {
  ZOOM_USER_CLIENT_ID: userCredentials.clientId,
  ZOOM_USER_CLIENT_SECRET: userCredentials.clientSecret,
  ZOOM_USER_WEBHOOK_SECRET_TOKEN: userCredentials.webhookSecret,
}

type Environment = Record<string, string | undefined>
type Certificate = Pick<Awaited<ReturnType<typeof makeCertificate>>, 'key' | 'cert'>

const isBuilt = existsSync(new URL('../../../dist/addin', import.meta.url))
const day = 24 * 3600_000
/** The application that uses the key in Azure Key Vault. */
const daemon = { clientId: '5c0e0000-0000-4000-8000-00000000da0a', clientSecret: 'simulated-daemon-secret' }
/** A room in Exchange Online. */
export const attic = rooms.attic.emailAddress

/**
 * A deployment as an administrator has it: the service behind a proxy with TLS, and the settings to look at it with.
 * `built`: the doctor is the command as `npm run build` makes it, in a process of its own.
 */
export async function openDeployment({ built }: { built: boolean }) {
  const trusted = [...tls.getCACertificates('default')]
  const folder = temporaryFolder()
  const ca = join(folder.path, 'ca.pem')
  const certificate = await makeCertificate(new Date())
  /** The vendors have the same certificate as the proxy usually has. */
  function trust({ cert }: Certificate) {
    writeFileSync(ca, `${certificate.cert}\n${cert}`)
    tls.setDefaultCACertificates([...trusted, certificate.cert, cert])
  }
  trust(certificate)

  let service = ''
  /** What the proxy answers by itself. Undefined: it passes the request on. */
  let instead: (request: Request) => Response | undefined = () => undefined
  const server = createServer(
    certificate,
    getRequestListener(async (request) => {
      const { pathname, search } = new URL(request.url)
      const own = instead(request)
      if (own) return own
      const answer = await proxy(service + pathname + search, { raw: request })
      // Nothing was built: then the service has no pages, but everything that it says about them.
      const { body, headers } = answer
      return isBuilt || !pathname.startsWith('/addin/') ? answer : new Response(body, { headers })
    }),
  )
  server.listen(0, 'localhost')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const PUBLIC_URL = `https://localhost:${port}`

  const world = await openWorld('PostgreSQL')
  const vendors = await openVendors(certificate, PUBLIC_URL)
  const { FRAME_ANCESTORS: outlooks } = readSettings({ ...variables, FRAME_ANCESTORS: undefined })
  const FRAME_ANCESTORS = [...outlooks, vendors.exchangeOrigin]
  const { EXCHANGE } = readSettings({ ...variables, ...userApp, EXCHANGE: vendors.exchange() })
  const served = { PUBLIC_URL, FRAME_ANCESTORS, EXCHANGE, ENTRA_CLIENT_SECRET: entraClientSecret, ...userApp }
  service = (await world.startService(served)).origin
  const environment: Environment = {
    ...variables,
    PUBLIC_URL,
    DATABASE_URL: world.settings.DATABASE_URL,
    FRAME_ANCESTORS: undefined,
    ...vendors.settings,
  }

  return {
    world,
    PUBLIC_URL,
    /** The settings of another process of the service, which the same vendors serve. */
    served: { ...served, ...vendors.settings },
    /** What the built command has, but for changes. */
    environment: { ...environment, NODE_EXTRA_CA_CERTS: ca } as Environment,
    /** Where the service answers without TLS. */
    plain: service,
    /** What its vendors and its proxy show. */
    certificate: certificate.cert,
    ...vendors,

    /** Until the end of the test, the proxy shows this certificate, which is trusted, or accepts other versions of TLS. */
    secure(context: tls.SecureContextOptions, trusts: Certificate = certificate) {
      trust(trusts)
      server.setSecureContext({ ...certificate, ...context })
      onTestFinished(() => {
        trust(certificate)
        server.setSecureContext(certificate)
      })
    },

    /** Until the end of the test, the proxy answers some requests by itself. */
    answer(by: typeof instead) {
      instead = by
      onTestFinished(() => {
        instead = () => undefined
      })
    },

    /** What no line may show. */
    secrets: () => [
      ...Object.entries(environment).flatMap(([name, value = '']) =>
        /SECRET|VAULT_KEYS|DATABASE_URL/.test(name) ? [value] : [],
      ),
      readFileSync(vendors.graphToken, 'utf8'),
    ],

    /** What the doctor prints with the settings of the deployment, but for these. */
    async doctor(changes: Environment = {}, ...args: string[]) {
      const variables = { ...environment, ...changes }
      if (built) {
        const set = Object.entries(variables).filter(([, value]) => value !== undefined)
        const { code, output, errors } = await command(
          { ...Object.fromEntries(set), NODE_EXTRA_CA_CERTS: ca },
          'doctor',
          ...args,
        )
        return { code, printed: output.trimEnd(), errors }
      }
      for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value)
      const printed: string[] = []
      const log = vi.spyOn(console, 'log').mockImplementation((line) => printed.push(line))
      const code = await doctorCommand(args).finally(() => {
        log.mockRestore()
        vi.unstubAllEnvs()
      })
      return { code, printed: printed.join('\n'), errors: '' }
    },

    async close() {
      tls.setDefaultCACertificates(trusted)
      await vendors.close()
      await folder.remove()
      await world.close()
      server.close().closeAllConnections()
    },
  }
}

export type Deployment = Awaited<ReturnType<typeof openDeployment>>

/** The lines of the doctor, who has an administrator's token for Graph. */
export async function linesOf(
  deployment: Deployment,
  changes: Environment = {},
  args: readonly string[] = [],
  seconds = '60',
) {
  const { code, printed } = await deployment.doctor(
    changes,
    ...args,
    '--json',
    '--graph-token-file',
    deployment.graphToken,
    '--seconds',
    seconds,
  )
  for (const secret of deployment.secrets()) expect(printed).not.toContain(secret)
  const { lines } = JSON.parse(printed) as { lines: Line[] }
  const is = (state: State) => lines.filter((line) => line.state === state)
  return { code, lines, failed: is('fail'), passed: is('pass'), unknown: is('unknown') }
}

/** Microsoft, Zoom and an Exchange server, which the doctor asks over TLS. */
async function openVendors(certificate: Awaited<ReturnType<typeof makeCertificate>>, publicUrl: string) {
  const closing = new AbortController()
  const names = ['entra', 'graph', 'zoom', 'exchange', 'keyVault'] as const
  const at = await openOrigins(names, 'anywhere', certificate, closing.signal)
  const [origin, faults] = [(name: (typeof names)[number]) => at[name].url, new Faults()]
  const pages = ['addin/redirect/index.html', 'addin/dialog/index.html', 'console/']
  const entra = createEntra({
    faults,
    origin: origin('entra'),
    clientId,
    clientSecret: entraClientSecret,
    redirectUris: pages.map((page) => `${publicUrl}/${page}`),
    serverRedirectUris: [`${publicUrl}/apps/sign-in/callback`],
    daemons: { [daemon.clientId]: daemon.clientSecret },
  })
  const { grants } = entra.registered
  const graph = createGraph({
    faults,
    origin: origin('graph'),
    entraKeys: entra.publishedKeys,
    registered: entra.registered,
  })
  const atZoom = {
    faults,
    origin: origin('zoom'),
    redirectUris: [`${publicUrl}/link/zoom/callback`, `${publicUrl}/apps/sign-in/zoom`],
  }
  const zoom = createZoom(atZoom)
  const keyVault = createKeyVault({
    faults,
    origin: origin('keyVault'),
    authority: origin('entra'),
    tenantId: ada.tenantId,
    entraKeys: entra.publishedKeys,
  })
  const exchange = createExchange({ faults, origin: origin('exchange'), audience: publicUrl })
  // Keys are generated on first use, which is slow.
  await Promise.all([entra.prepare(), exchange.metadata()])
  const usual = { entra, graph, zoom, exchange, keyVault }
  for (const name of names) at[name].serve(usual[name].app)
  /** Until the end of the test, another one is at the vendor's address. */
  function instead(name: (typeof names)[number], { app }: { app: Hono }) {
    at[name].serve(app)
    onTestFinished(() => at[name].serve(usual[name].app))
  }

  const folder = temporaryFolder()
  const ca = join(folder.path, 'ca.pem')
  writeFileSync(ca, certificate.cert)
  const graphToken = join(folder.path, 'graph-token')
  const claims = { aud: origin('graph'), scp: 'Application.Read.All DelegatedPermissionGrant.Read.All' }
  writeFileSync(graphToken, await entra.sign({ ...entra.claims(ada), ...claims }))

  return {
    faults,
    entra,
    graph,
    /** The room has accepted this from somebody else, or organised it itself. What it has accepted before is forgotten. */
    accepted(...events: readonly { subject: string; body: string; isOrganizer?: boolean }[]) {
      for (const { appointment } of graph.calendars.all(attic)) graph.calendars.delete(appointment.id)
      for (const [index, event] of events.entries()) {
        const [start, end] = [1, 2].map((hours) => new Date(Date.now() + hours * 3600_000).toISOString())
        graph.calendars.put({ id: `accepted-${index}`, start, end, isOrganizer: false, ...event }, attic)
      }
    },
    publicUrl,
    graphOrigin: origin('graph'),
    exchangeOrigin: origin('exchange'),
    /** What an administrator has consented to for everybody, until the end of the test. */
    consented: () => grants.map(({ scope }) => scope),
    /** Until the end of the test, no administrator has consented to anything. */
    noConsent() {
      const before = grants.splice(0)
      onTestFinished(() => void grants.splice(0, grants.length, ...before))
    },
    /** A file with an administrator's token for Graph. */
    graphToken,
    settings: {
      ENTRA_AUTHORITY: origin('entra'),
      ENTRA_CLIENT_SECRET: entraClientSecret,
      GRAPH_URL: origin('graph'),
      ZOOM_API_URL: `${origin('zoom')}/v2`,
      ZOOM_OAUTH_URL: `${origin('zoom')}/oauth`,
      ...userApp,
      ZOOM_CONNECT: 'true',
    } as Environment,
    /** The setting of the Exchange server. */
    exchange: (changes: object = {}) =>
      JSON.stringify([
        {
          metadataUrl: `${origin('exchange')}/autodiscover/metadata/json/1`,
          ewsUrl: `${origin('exchange')}/EWS/Exchange.asmx`,
          callbackUrl: publicUrl,
          internal: true,
          ca,
          ...changes,
        },
      ]),
    /** Until the end of the test, the certificate of the Exchange server ends in so many days. */
    async exchangeEndsIn(days: number) {
      const now = () => Date.now() - (4 * 365 - days) * day
      const made = createExchange({ faults, origin: origin('exchange'), audience: publicUrl, now })
      await made.metadata()
      instead('exchange', made)
    },

    /** Until the end of the test, an administrator has consented to this only. */
    consent(scope: string) {
      const before = grants.splice(0, grants.length, { consentType: 'AllPrincipals', scope })
      onTestFinished(() => void grants.splice(0, grants.length, ...before))
    },

    /** Until the end of the test, the app at Zoom lacks this scope. */
    withoutScope(name: string) {
      const scopes = granularScopes.filter((scope) => scope !== name)
      instead('zoom', createZoom({ ...atZoom, scopes }))
    },

    /** Until the end of the test, the user-managed app has these redirect addresses. */
    redirectsTo: (...redirectUris: string[]) => instead('zoom', createZoom({ ...atZoom, redirectUris })),

    /** A new version of a key in Azure Key Vault, and the settings that name it. */
    azureKey() {
      const address = keyVault.createKey('zoom')
      return {
        VAULT_AZURE_KEY: address,
        VAULT_AZURE_TENANT: ada.tenantId,
        VAULT_AZURE_CLIENT_ID: daemon.clientId,
        VAULT_AZURE_CLIENT_SECRET: daemon.clientSecret,
      }
    },
    keyVault,

    /** As it was: nothing fails, and everything is registered. */
    mend() {
      faults.reset()
      entra.reset()
      graph.reset()
    },

    async close() {
      closing.abort()
      await Promise.all(names.map((name) => at[name].closed))
      await folder.remove()
    },
  }
}

/** One for this machine that is valid for a month until so many days from now. */
export const certificateFor = (days: number) => certificateOf('localhost', { days })

/** One for a host, signed by itself or by another one. OpenSSL finds who signed by the name, so each has its own. */
export async function certificateOf(
  host: string,
  { days = 30, ca }: { days?: number; ca?: Certificate } = {},
): Promise<Certificate> {
  const { private: key, cert } = await generate(
    [{ name: 'commonName', value: `${host} ${crypto.randomUUID()}` }],
    {
      ...(ca && { ca }),
      keyType: 'ec',
      algorithm: 'sha256',
      notBeforeDate: new Date(Date.now() + (days - 31) * day),
      notAfterDate: new Date(Date.now() + days * day),
      extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: host }] }],
    },
  )
  return { key, cert }
}

/** Until the end of the test, the name server of this machine does not answer for a host. */
export function silentNameServer(host: string): void {
  const { lookup } = dns
  const silent = Object.assign(new Error(`getaddrinfo EAI_AGAIN ${host}`), { code: 'EAI_AGAIN' })
  vi.spyOn(dns, 'lookup').mockImplementation(((name: string, options: object) =>
    name === host ? Promise.reject(silent) : lookup(name, options)) as typeof lookup)
  syncBuiltinESMExports()
  onTestFinished(() => {
    vi.mocked(dns.lookup).mockRestore()
    syncBuiltinESMExports()
  })
}

/** Until the end of the test, this machine reaches nothing at an origin, whether or not it reaches the internet. */
export function noWayTo(origin: string): void {
  const { fetch } = globalThis
  const spy = vi
    .spyOn(globalThis, 'fetch')
    .mockImplementation((input, init) =>
      new URL(input instanceof Request ? input.url : input).origin === origin
        ? Promise.reject(new TypeError('fetch failed'))
        : fetch(input, init),
    )
  onTestFinished(() => spy.mockRestore())
}

/** Until the end of the test, the address of the same database, behind a wire on which each part takes so long. */
export async function farAway(databaseUrl: string, milliseconds: number): Promise<string> {
  const there = new URL(databaseUrl)
  const sockets = new Set<Socket>()
  const wire = (from: Socket, to: Socket) => {
    sockets.add(from)
    from.on('error', () => to.destroy()).on('close', () => setTimeout(() => to.destroy(), milliseconds))
    from.on('data', (data) => setTimeout(() => to.write(data), milliseconds))
  }
  const server = createTcpServer((near) => {
    const directory = there.searchParams.get('host')
    const port = Number(there.port || 5432)
    const far = directory ? connect(`${directory}/.s.PGSQL.${port}`) : connect(port, there.hostname)
    wire(near, far)
    wire(far, near)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  const here = new URL(databaseUrl)
  here.searchParams.delete('host')
  here.host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return here.href
}
