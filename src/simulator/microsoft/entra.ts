import { Hono } from 'hono'
import { cors } from 'hono/cors'
import { type Faults, faulty } from '../kit/faults.ts'
import { consumersTenant, type Mailbox, type Person, people } from '../people.ts'
import { createBroker, type NestedAppAuthRequest, type NestedAppAuthResponse } from './bridge.ts'
import { entraError } from './errors.ts'
import { createGrants } from './grants.ts'
import { createKeys, type SignOptions } from './keys.ts'
import { createSignIn } from './sign-in.ts'
import { accessClaims } from './tokens.ts'

export interface EntraOptions {
  faults: Faults
  /** Where the stand-in is reached; every issuer begins with it: `https://localhost:3002`. */
  origin: string
  /** The one application that is registered: program and API at once. */
  clientId: string
  /** Where the application may be sent back to: its single-page redirect URIs, compared letter by letter. */
  redirectUris?: readonly string[]
  /** ms since 1970. */
  now?: () => number
}

export interface Entra {
  app: Hono
  /** Answers what an add-in put on Outlook's bridge, for the person whose mailbox it is. */
  broker(mailbox: Mailbox, request: NestedAppAuthRequest): Promise<NestedAppAuthResponse>
  /** The claims that an honest access token for this person has now; a forgery begins with them. */
  claims(person: Person): ReturnType<typeof accessClaims>
  /** Signs anything, in any way. For tests that forge. */
  sign(claims: object | string, options?: SignOptions): Promise<string>
  /** A new key signs from now on; the last one stays published, the one before does not. */
  rotate(): void
  reset(): void
}

/** Names that stand for more than one directory. */
const shared = ['common', 'organizations', 'consumers']

/**
 * A stand-in for Microsoft Entra ID: discovery, keys, signing in, and v2.0 tokens for one application.
 * It knows the directories that `mailboxes.ts` names, and no other.
 */
export function createEntra(options: EntraOptions): Entra {
  const { faults, origin, clientId, redirectUris = [], now = Date.now } = options
  const registration = { origin, clientId, redirectUris, now }
  const keys = createKeys(origin)
  const grants = createGrants(registration, keys)
  /** Addresses of those who have signed in by hand and agreed: Outlook gets their tokens without asking again. */
  const agreed = new Set<string>()
  const signIn = createSignIn(registration, grants, agreed)

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
    broker: createBroker(registration, keys, faults, agreed),
    claims: (person) => accessClaims(person, registration),
    sign: keys.sign,
    rotate: keys.rotate,
    reset() {
      agreed.clear()
      for (const part of [keys, grants, signIn]) part.reset()
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
