import { createHash, randomBytes, randomInt } from 'node:crypto'
import { consumersTenant, type Person } from '../people.ts'
import type { Keys } from './keys.ts'

/** The only registration that the stand-in has: one application, which is client and API. */
export interface Registration {
  origin: string
  clientId: string
  now: () => number
}

/** The only permission of the application's API. */
export const permission = 'access_as_user'

/** Scopes that may accompany the API's own and need no consent. */
const oidc = new Set(['openid', 'profile', 'offline_access', 'email'])

/** Whether `scope` is the API's permission, with or without scopes of OpenID Connect. */
export function isApiScope(scope: string, clientId: string): boolean {
  const others = scope.split(' ').filter((part) => part && !oidc.has(part))
  return others.length === 1 && others[0] === `api://${clientId}/${permission}`
}

/** Entra sets `iat` and `nbf` this many seconds into the past, for clocks that are slow. */
const backdated = 300

/** The claims of an access token v2.0 for the add-in's own API. Source: Entra, "Access token claims reference". */
export function accessClaims(person: Person, { origin, clientId, now }: Registration) {
  return {
    ...personClaims(person, { origin, clientId, now }),
    azp: clientId,
    azpacr: '0',
    scp: permission,
  }
}

/** The claims of an ID token v2.0. Source: Entra, "ID token claims reference". */
function idClaims(person: Person, registration: Registration, nonce?: string) {
  return {
    ...personClaims(person, registration),
    login_hint: Buffer.from(person.objectId).toString('base64url'),
    ...(nonce !== undefined && { nonce }),
  }
}

/** An access token and its ID token; `expires_in` in seconds. */
export async function issue(keys: Keys, person: Person, registration: Registration, nonce?: string) {
  const claims = accessClaims(person, registration)
  const key = person.tenantId === consumersTenant ? 'consumers' : 'current'
  return {
    access_token: await keys.sign(claims, { key }),
    id_token: await keys.sign(idClaims(person, registration, nonce), { key }),
    expires_in: claims.exp - Math.floor(registration.now() / 1000),
  }
}

/** The claims of an access token v2.0 that an application gets for itself; it lives for an hour. */
export function appClaims(
  clientId: string,
  tenantId: string,
  resource: string,
  { origin, now }: Registration,
) {
  const seconds = Math.floor(now() / 1000)
  return {
    aud: resource,
    iss: `${origin}/${tenantId}/v2.0`,
    iat: seconds - backdated,
    nbf: seconds - backdated,
    exp: seconds + 3599,
    azp: clientId,
    azpacr: '1',
    idtyp: 'app',
    tid: tenantId,
    uti: randomBytes(16).toString('base64url'),
    ver: '2.0',
  }
}

/** `<oid>.<tid>`: the account's id in Microsoft's libraries. */
export const homeAccountId = (person: Person) => `${person.objectId}.${person.tenantId}`

function personClaims(person: Person, { origin, clientId, now }: Registration) {
  const seconds = Math.floor(now() / 1000)
  return {
    aud: clientId,
    iss: `${origin}/${person.tenantId}/v2.0`,
    iat: seconds - backdated,
    nbf: seconds - backdated,
    // A random lifetime of 60 to 90 minutes, as in Entra's default policy.
    exp: seconds + randomInt(3600, 5401),
    name: person.displayName,
    oid: person.objectId,
    preferred_username: person.emailAddress,
    sub: createHash('sha256').update(`${person.objectId} at ${clientId}`).digest('base64url'),
    tid: person.tenantId,
    uti: randomBytes(16).toString('base64url'),
    ver: '2.0',
  }
}
