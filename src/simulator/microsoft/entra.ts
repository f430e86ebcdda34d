import { Hono } from 'hono'
import { cors } from 'hono/cors'
import type { JSONWebKeySet } from 'jose'
import { type Faults, faulty } from '../kit/faults.ts'
import { consumersTenant, type Mailbox, type Person, people } from '../people.ts'
import { createBroker, type NestedAppAuthRequest, type NestedAppAuthResponse } from './bridge.ts'
import { createDelegated, createDirectory, type Directory } from './delegated.ts'
import { entraError } from './errors.ts'
import { createGrants } from './grants.ts'
import { createKeys, type SignOptions } from './keys.ts'
import { createRegistrationObject, type RegistrationObject } from './registration.ts'
import { createSignIn } from './sign-in.ts'
import { accessClaims, type Granted } from './tokens.ts'

export interface EntraOptions {
  faults: Faults
  /** The stand-in's address, with which every issuer begins: `https://localhost:3002`. */
  origin: string
  /** The only registered application; it is client and API. */
  clientId: string
  /** Without it, the application gets no tokens on behalf of people, and none of its own. */
  clientSecret?: string
  /** The application's single-page redirect URIs; only an exact match is accepted. */
  redirectUris?: readonly string[]
  /** Its redirect URIs of the platform *web*, whose codes a server redeems with the secret. */
  serverRedirectUris?: readonly string[]
  /** The add-in's address. With it, Outlook's bridge demands its redirect address, `brk-multihub://`. */
  addin?: string
  /** Applications that get tokens of their own: client id → secrets. */
  daemons?: Readonly<Record<string, string | readonly string[]>>
  /** ms since 1970. */
  now?: () => number
}

export interface Entra {
  app: Hono
  /** What administrators decide. */
  directory: Directory
  /** How the application is registered. */
  registered: RegistrationObject
  /** The keys with which tokens of every directory are signed. */
  publishedKeys(): Promise<JSONWebKeySet>
  /** Answers a request to the bridge of this mailbox's Outlook. */
  broker(mailbox: Mailbox, request: NestedAppAuthRequest): Promise<NestedAppAuthResponse>
  /** The claims of a valid access token for this person now. Tests change them to forge tokens. */
  claims(person: Person, granted?: Granted): ReturnType<typeof accessClaims>
  /** Generates the keys that `common` publishes, which is slow. Otherwise the first request waits for that. */
  prepare(): Promise<void>
  /** Signs any claims in any way. For tests that forge tokens. */
  sign(claims: object | string, options?: SignOptions): Promise<string>
  /** Signs with a new key from now on. The last key stays published; the key before it does not. */
  rotate(): void
  reset(): void
}

/** Endpoints for more than one directory. */
const shared = ['common', 'organizations', 'consumers']

/**
 * A stand-in for Microsoft Entra ID: discovery, keys, sign-in pages, and v2.0 tokens for one application.
 * It has only the directories that `people.ts` names.
 */
export function createEntra(options: EntraOptions): Entra {
  const { faults, origin, clientId, clientSecret, redirectUris = [], daemons = {}, now = Date.now } = options
  const servers = options.serverRedirectUris ?? []
  const directory = createDirectory()
  const registered = createRegistrationObject(clientId, redirectUris, servers, directory.haveSecrets)
  const registration = {
    origin,
    clientId,
    registered,
    addin: options.addin,
    // A redirect address of any platform can be sent to; only a single-page one can redeem its code in a browser.
    get redirectUris() {
      const { spa, web, publicClient } = registered.object()
      return [spa, web, publicClient].flatMap((platform) => platform.redirectUris)
    },
    daemons: { ...daemons, ...(clientSecret && { [clientId]: clientSecret }) },
    now,
    ...(clientSecret && { clientSecret }),
  }
  const keys = createKeys(origin)
  const delegated = createDelegated(registration, keys, directory)
  const grants = createGrants(registration, keys, delegated)
  /** Addresses of people who have signed in and consented: Outlook gets their tokens without asking again. */
  const agreed = new Set<string>()
  const signIn = createSignIn(registration, grants, { agreed, directory })

  const app = new Hono()
  for (const path of ['v2.0/.well-known/*', 'discovery/*', 'oauth2/v2.0/token'])
    app.use(`/:tenant/${path}`, cors())
  app.use(faulty(faults, 'entra'))
  app.use('/:tenant/*', async (c, next) => {
    const tenant = c.req.param('tenant')
    return isTenant(tenant) ? next() : c.json(entraError(90002, tenant), 400)
  })
  app.get('/:tenant/v2.0/.well-known/openid-configuration', (c) =>
    c.json(configuration(origin, c.req.param('tenant'))),
  )
  app.get('/:tenant/discovery/v2.0/keys', async (c) =>
    c.json({ keys: await keys.published(c.req.param('tenant')) }, 200, {
      'cache-control': 'max-age=86400, private',
    }),
  )
  app.get('/:tenant/oauth2/v2.0/authorize', signIn.show)
  app.post('/:tenant/oauth2/v2.0/authorize', signIn.answer)
  app.post('/:tenant/oauth2/v2.0/token', grants.token)

  return {
    app,
    directory,
    registered,
    publishedKeys: async () => ({ keys: await keys.published('common') }),
    broker: createBroker(registration, keys, faults, { agreed, directory }),
    claims: (person, granted) => accessClaims(person, registration, granted),
    prepare: async () => void (await keys.published('common')),
    sign: keys.sign,
    rotate: keys.rotate,
    reset() {
      agreed.clear()
      for (const part of [keys, grants, delegated, directory, signIn, registered]) part.reset()
    },
  }
}

function isTenant(name: string): boolean {
  return shared.includes(name) || people.some(({ tenantId }) => tenantId === name)
}

/** Source: Entra, "OpenID Connect on the Microsoft identity platform". The shared endpoints' issuer is a template. */
function configuration(origin: string, tenant: string) {
  const issuing = { common: '{tenantid}', organizations: '{tenantid}', consumers: consumersTenant }[tenant]
  return {
    issuer: `${origin}/${issuing ?? tenant}/v2.0`,
    authorization_endpoint: `${origin}/${tenant}/oauth2/v2.0/authorize`,
    token_endpoint: `${origin}/${tenant}/oauth2/v2.0/token`,
    jwks_uri: `${origin}/${tenant}/discovery/v2.0/keys`,
    response_types_supported: ['code'],
    response_modes_supported: ['query', 'fragment'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['RS256'],
    scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
  }
}
