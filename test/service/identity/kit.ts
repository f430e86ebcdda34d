import { createHash, randomBytes, X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer as createHttps } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getRequestListener } from '@hono/node-server'
import type { Hono } from 'hono'
import { type Login, meFrom, type Session, sessionFrom } from '../../../src/contract/identity.ts'
import { paths, zoomLoginPath } from '../../../src/contract/paths.ts'
import { readSettings, type Settings } from '../../../src/service/start.ts'
import { Calendars } from '../../../src/simulator/calendars.ts'
import { makeCertificate } from '../../../src/simulator/kit/certificate.ts'
import type { Faults } from '../../../src/simulator/kit/faults.ts'
import { createEws, type EwsFolder, type ServerAccount } from '../../../src/simulator/microsoft/ews/server.ts'
import { createExchange } from '../../../src/simulator/microsoft/exchange.ts'
import { type Mailbox, mailboxes } from '../../../src/simulator/people.ts'
import type { Post } from '../../../src/simulator/vendor.ts'
import type { ZoomOptions } from '../../../src/simulator/zoom/api.ts'
import { userCredentials } from '../../../src/simulator/zoom/apps.ts'
import { signIns } from '../../../src/simulator/zoom/users.ts'
import { judged, judgedPost } from '../../ews-schemas.ts'
import { type Engine, openWorld, variables } from '../kit.ts'

/** A mailbox on the organization's own Exchange server. */
export const tim: Mailbox = mailboxes['exchange-2019']
export const vint: Mailbox = mailboxes.hybrid

export const publicUrl = variables.PUBLIC_URL
export const audience = `${publicUrl}/addin/taskpane/index.html`

export type Identity = Awaited<ReturnType<typeof openIdentity>>

/** The world with an Exchange server and with Zoom's sign-in, and one service that knows both. `row`: of `EXCHANGE`. */
export async function openIdentity(
  engine: Engine = 'embedded',
  changes: Partial<Settings> = {},
  zoomOptions: Partial<ZoomOptions> = {},
  row: object = {},
) {
  const redirectUris = [publicUrl + paths.zoomLoginCallback]
  const world = await openWorld(engine, { redirectUris, ...zoomOptions })
  const exchange = await openExchange(world.faults, world.graph.calendars, judgedPost(world.post))
  const service = await world.startService({ ...exchange.settings(row), ...changes })
  const ask = asker(service.origin)

  /** Opens the dialog, signs in to Zoom there, and closes it with what it hands over. */
  async function signInAtZoom(email = tim.emailAddress, { verifier, challenge } = proofKey()) {
    const begun = await ask('GET', zoomLoginPath(challenge))
    const back = await ask('GET', await signIn(begun.location, email))
    return { verifier, code: codeIn(back.location) }
  }

  const exchangeToken = (token: string, link?: Login) =>
    ask('POST', paths.exchangeSession, { body: { token, ...(link && { link }) } })

  return {
    world,
    exchange,
    service,
    ask,
    signInAtZoom,
    exchangeToken,

    /** A session for the mailbox, tied to the Zoom user of that address. */
    async session(mailbox: Mailbox = tim, email = mailbox.emailAddress): Promise<Session> {
      const link = await signInAtZoom(email)
      const answer = await exchangeToken(await exchange.made.identityToken(mailbox), link)
      return sessionFrom(answer.body)
    },

    me: async (bearer: string) => meFrom((await ask('GET', paths.me, { bearer })).body),

    /** What the audit says of a request that was refused. */
    reasonOf(requestId: string | undefined): string | undefined {
      const line = world.logged.map((text) => JSON.parse(text)).find((said) => said.requestId === requestId)
      return line?.reason
    },

    sql: world.sql,

    async close() {
      await world.close()
      await exchange.close()
    },
  }
}

export interface Answer {
  status: number
  headers: Headers
  location: string
  body: Record<string, unknown> & { code?: string; requestId?: string }
}
interface Asked {
  bearer?: string
  body?: unknown
  headers?: Record<string, string>
}

/** One HTTP request; a redirect is an answer. */
export const asker =
  (origin: string) =>
  async (method: string, path: string, { bearer, body, headers = {} }: Asked = {}): Promise<Answer> => {
    const response = await fetch(new URL(path, origin), {
      method,
      redirect: 'manual',
      headers: {
        ...(bearer && { authorization: `Bearer ${bearer}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    return {
      status: response.status,
      headers: response.headers,
      location: response.headers.get('location') ?? '',
      body: response.headers.get('content-type')?.includes('json') ? JSON.parse(text) : {},
    }
  }

const s256 = (verifier: string) => createHash('sha256').update(verifier).digest('base64url')

/** What the dialog hands over. */
export const codeIn = (location: string) =>
  new URLSearchParams(new URL(location, publicUrl).hash.slice(1)).get('link') ?? 'none'

/** What an add-in makes before it opens the dialog. */
export function proofKey() {
  const verifier = randomBytes(32).toString('base64url')
  return { verifier, challenge: s256(verifier) }
}

/** An Exchange server behind TLS, and how often it was asked. */
export async function openExchange(faults: Faults, calendars = new Calendars(), post?: Post) {
  const [{ key, cert }, next] = await Promise.all([
    makeCertificate(new Date()),
    // Of two that sign themselves and have one name, OpenSSL trusts the first only.
    makeCertificate(new Date(), [], 'Renewed'),
  ])
  const folder = mkdtempSync(join(tmpdir(), 'zoom-for-outlook-exchange-'))
  const ca = join(folder, 'ca.pem')
  writeFileSync(ca, `${cert}\n${next.cert}`)
  let asked = 0
  let app: Hono | undefined
  const listener = getRequestListener((request, env) => {
    asked++
    return (app as Hono).fetch(request, env)
  })
  const server = createHttps({ key, cert }, listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = `https://localhost:${(server.address() as AddressInfo).port}`
  const made = createExchange({ faults, origin, audience })
  const accounts: ServerAccount[] = []
  const folderOfEws: EwsFolder = { schemes: ['ntlm'], bindings: 'require' }
  const ews = createEws(accounts, folderOfEws, calendars, Date.now, post)
  app = made.app.route('/', judged(ews.app))
  const row = {
    metadataUrl: `${origin}/autodiscover/metadata/json/1`,
    ewsUrl: `${origin}/EWS/Exchange.asmx`,
    internal: true,
    ca,
  }
  return {
    made,
    /** The accounts of its domain, and how its EWS folder is set up. A test changes them. */
    accounts,
    folder: folderOfEws,
    ews,
    origin,
    row,
    asked: () => asked,
    /** The SHA-256 of its certificate, and of the next one. */
    pins: [cert, next.cert].map((one) =>
      new X509Certificate(one).fingerprint256.replaceAll(':', '').toLowerCase(),
    ),
    /** It shows its next certificate from now on, also to who is connected now. */
    renewCertificate(): void {
      server.setSecureContext(next)
      server.closeAllConnections()
    },
    /** The settings for this server and for the Zoom accounts of its people. */
    settings(changes: object = {}) {
      const { EXCHANGE, ZOOM_USER_CLIENT_ID, ZOOM_USER_CLIENT_SECRET } = readSettings({
        ...variables,
        EXCHANGE: JSON.stringify([{ ...row, ...changes }]),
        ZOOM_USER_CLIENT_ID: userCredentials.clientId,
        ZOOM_USER_CLIENT_SECRET: userCredentials.clientSecret,
      })
      return { EXCHANGE, ZOOM_USER_CLIENT_ID, ZOOM_USER_CLIENT_SECRET }
    },
    async close() {
      await new Promise((resolve) => server.close(resolve).closeAllConnections())
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** The person signs in to Zoom and agrees, in the browser that was sent there: where it goes then. */
export async function signIn(authorize: string, email: string): Promise<string> {
  const person = signIns.find((user) => user.email === email)?.id ?? ''
  const body = new URLSearchParams(person ? { person, allow: 'yes' } : { decline: 'yes' })
  const { headers } = await fetch(authorize, { method: 'POST', body, redirect: 'manual' })
  const back = new URL(headers.get('location') ?? '')
  if (back.origin !== publicUrl) throw new Error(`Zoom sends the browser to ${back.origin}`)
  return back.pathname + back.search
}
