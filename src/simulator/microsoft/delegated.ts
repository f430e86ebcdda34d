import { randomBytes } from 'node:crypto'
import type { Context } from 'hono'
import { type Person, people } from '../people.ts'
import { type ErrorNumber, entraError } from './errors.ts'
import type { Keys } from './keys.ts'
import { graphClaims, permission as ownPermission, type Registration } from './tokens.ts'

/** Lifetime of a confidential client's refresh token, in ms. Source: Entra, "Refresh tokens". */
const refreshLife = 90 * 24 * 3_600_000
/** The claims challenge of a Conditional Access policy. Source: Entra, "On-Behalf-Of flow", the error response example. */
const policy = '9ab03e19-ed42-4168-b6b7-7001fb3e933a'
const claims = JSON.stringify({ access_token: { polids: { essential: true, values: [policy] } } })
/** A permission of Microsoft Graph, as a scope names it. Graph has an address of its own in each world. */
const ofGraph = /^(https?:\/\/[^/]+)\/((?:Calendars|Contacts)\.\w+)$/

type Asked = [graph: string, permission: string]

function askedIn(scope: string): Asked[] {
  const [, graph, permission] = ofGraph.exec(scope) ?? []
  return graph !== undefined && permission !== undefined ? [[graph, permission]] : []
}

type GraphPermission = `${'Calendars' | 'Contacts'}.${'Read' | 'ReadWrite'}`
type OwnPermission = GraphPermission | 'Place.Read.All' | 'User.ReadBasic.All'

/** Every permission that the application can ask for. */
export const everything: readonly GraphPermission[] = [
  'Calendars.Read',
  'Calendars.ReadWrite',
  'Contacts.Read',
  'Contacts.ReadWrite',
]

/** Every permission that it can have by itself. */
export const everythingOwn: readonly OwnPermission[] = [...everything, 'Place.Read.All', 'User.ReadBasic.All']

/** What the directory's administrators have decided about the application. */
export function createDirectory() {
  let application: 'present' | 'disabled' | 'removed' = 'present'
  let consented = everything
  /** What the application may do by itself, without a person. */
  let own = everythingOwn
  let isGenerous = false
  let demandsMore = false
  let revokedAt = Number.NEGATIVE_INFINITY
  const satisfied = new Set<string>()
  let isSecretExpired = false
  /** What counts instead of the secret that the application began with. */
  let secrets: readonly string[] | undefined

  return {
    application: () => application,
    consented: () => consented,
    own: () => own,
    revokedAt: () => revokedAt,
    isGenerous: () => isGenerous,
    demandsMoreOf: ({ objectId }: Person) => demandsMore && !satisfied.has(objectId),

    /** Whether the token is wanted for a person who must prove more. */
    isChallenged: (asked: string | undefined) => asked?.includes(policy) ?? false,
    satisfy: ({ objectId }: Person) => void satisfied.add(objectId),

    /** Whether this is a secret of the application, which began with `first`. */
    knows: (secret: string | null, first: string | undefined) =>
      secret !== null && (secrets ?? [first]).includes(secret),
    /** From now on the application has these secrets. Source: Entra, "Add credentials": several at a time. */
    haveSecrets(...these: string[]) {
      secrets = these
    },
    isSecretExpired: () => isSecretExpired,
    /** The application's secret reaches its end. */
    expireSecret() {
      isSecretExpired = true
    },

    removeApplication() {
      application = 'removed'
    },
    disableApplication() {
      application = 'disabled'
    },
    consent(permissions: readonly GraphPermission[]) {
      consented = permissions
      application = 'present'
    },
    /** Which application permissions an administrator has granted. */
    giveOwn(permissions: readonly OwnPermission[]) {
      own = permissions
    },
    /**
     * A token has every permission that was consented to, whatever is asked for: the usual case at Entra. Source: MSAL's
     * maintainers, AzureAD/microsoft-authentication-library-for-dotnet issue 1713.
     */
    giveAll() {
      isGenerous = true
    },
    demandMore() {
      demandsMore = true
      satisfied.clear()
    },
    /** Source: Entra, "Refresh tokens": revoked by an administrator, or by a change of password. */
    revokeSessions(now: number) {
      revokedAt = now
    },
    reset() {
      application = 'present'
      consented = everything
      own = everythingOwn
      isGenerous = false
      demandsMore = false
      isSecretExpired = false
      secrets = undefined
      revokedAt = Number.NEGATIVE_INFINITY
      satisfied.clear()
    },
  }
}

export type Directory = ReturnType<typeof createDirectory>

interface RefreshToken {
  person: Person
  issuedAt: number
}

/**
 * The token endpoint for the application itself, which has a secret: on-behalf-of, and refresh tokens for Microsoft
 * Graph. Each use issues another refresh token, and the one before stays valid. Source: Entra, "On-Behalf-Of flow" and
 * "Refresh tokens". Only Graph may read an access token for Graph.
 */
export function createDelegated(
  registration: Registration & { clientSecret?: string },
  keys: Keys,
  directory: Directory,
) {
  const { clientId, clientSecret, now } = registration
  const refreshTokens = new Map<string, RefreshToken>()

  const redeem: Record<string, (form: URLSearchParams) => Promise<RefreshToken | ErrorNumber>> = {
    async 'urn:ietf:params:oauth:grant-type:jwt-bearer'(form) {
      if (form.get('requested_token_use') !== 'on_behalf_of') return 900144
      const asserted = await keys.verify(form.get('assertion') ?? '', now())
      if (asserted === 'not signed') return 50013
      if (asserted === 'expired') return 500133
      if (asserted.aud !== clientId || asserted.scp !== ownPermission) return 500131
      const person = people.find(({ objectId }) => objectId === asserted.oid)
      return person ? { person, issuedAt: now() } : 50034
    },
    async refresh_token(form) {
      const token = refreshTokens.get(form.get('refresh_token') ?? '')
      if (!token) return 9002313
      if (token.issuedAt <= directory.revokedAt()) return 50173
      return token.issuedAt + refreshLife > now() ? token : 700082
    },
  }

  /** Why the person's application may not have what it asks for. */
  function forbidden(person: Person, tenant: string, asked: readonly string[]): ErrorNumber | undefined {
    if (directory.application() === 'removed') return 700016
    if (directory.application() === 'disabled') return 7000112
    if (tenant !== person.tenantId) return 50034
    const consented: readonly string[] = directory.consented()
    if (consented.length === 0) return 65001
    // Of several, each one needs consent. Source: AzureAD/microsoft-identity-web issue 726.
    if (asked.length > 1 && asked.some((name) => !consented.includes(name))) return 65001
    return directory.demandsMoreOf(person) ? 50079 : undefined
  }

  async function answer(person: Person, graph: string, asked: readonly string[], offline: boolean) {
    // With less consent than asked for, the answer names what was granted (RFC 6749, section 5.1).
    const all = directory.consented()
    const granted = directory.isGenerous() ? all : all.filter((name) => asked.includes(name))
    const refresh_token = `simulated.${randomBytes(48).toString('base64url')}`
    if (offline) refreshTokens.set(refresh_token, { person, issuedAt: now() })
    const scopes = granted.length > 0 ? granted : all
    const claims = graphClaims(person, graph, scopes, registration)
    return {
      token_type: 'Bearer',
      scope: scopes.map((name) => `https://graph.microsoft.com/${name}`).join(' '),
      expires_in: claims.exp - Math.floor(now() / 1000),
      access_token: await keys.sign(claims),
      ...(offline && { refresh_token }),
    }
  }

  return {
    isSecretExpired: directory.isSecretExpired,
    knows: directory.knows,

    /** The application's own permissions of Graph, or why it gets no token at all. Without consent it gets an empty one. */
    own(): readonly string[] | ErrorNumber {
      if (directory.application() === 'removed') return 700016
      return directory.application() === 'disabled' ? 7000112 : directory.own()
    },

    async token(c: Context, form: URLSearchParams) {
      const refuse = (number: ErrorNumber, about?: string) =>
        c.json(
          { ...entraError(number, about), ...(number === 50079 && { claims }) },
          number === 7000215 ? 401 : 400,
        )
      if (!directory.knows(form.get('client_secret'), clientSecret)) return refuse(7000215, clientId)
      const grantType = form.get('grant_type') ?? ''
      const redeemed = Object.hasOwn(redeem, grantType) ? await redeem[grantType]?.(form) : undefined
      if (redeemed === undefined) return refuse(70003, grantType)
      if (typeof redeemed === 'number') return refuse(redeemed)
      const scopes = (form.get('scope') ?? '').split(' ')
      const wanted = scopes.flatMap((scope) => askedIn(scope))
      const [[graph] = []] = wanted
      if (!graph || wanted.some(([other]) => other !== graph)) return refuse(70011, scopes.join(' '))
      const asked = wanted.map(([, permission]) => permission)
      const number = forbidden(redeemed.person, c.req.param('tenant') ?? '', asked)
      if (number) return refuse(number, clientId)
      const answered = await answer(redeemed.person, graph, asked, scopes.includes('offline_access'))
      return c.json(answered, 200, { 'cache-control': 'no-store' })
    },

    reset: () => refreshTokens.clear(),
  }
}

export type Delegated = ReturnType<typeof createDelegated>
