import { createHash, randomBytes, randomInt } from 'node:crypto'
import { consumersTenant, type Person } from '../people.ts'
import type { ErrorNumber } from './errors.ts'
import type { Keys } from './keys.ts'
import type { RegistrationObject } from './registration.ts'

/** The only registration that the stand-in has: one application, which is client and API. */
export interface Registration {
  origin: string
  clientId: string
  now: () => number
  registered: RegistrationObject
}

/** The permission of the application's API that the add-in asks for. */
export const permission = 'access_as_user'
/** Every permission of the API. The console asks for the second one. */
const permissions = [permission, 'admin']

/** Scopes that may accompany the API's own and need no consent. */
const oidc = new Set(['openid', 'profile', 'offline_access', 'email'])

/** Why nobody gets a token for this scope: it is not one permission of the API, or the API does not expose it. */
export function scopeRefusal(
  scope: string,
  { clientId, registered }: Registration,
): [ErrorNumber, string] | undefined {
  const name = permissionIn(scope, clientId)
  if (name === undefined) return [70011, scope]
  const { identifierUris, api } = registered.object()
  const uri = `api://${clientId}`
  if (!identifierUris.includes(uri)) return [500011, uri]
  const isExposed = api.oauth2PermissionScopes.some(({ value, isEnabled }) => isEnabled && value === name)
  return isExposed ? undefined : [650053, name]
}

/** The API's permission in a scope. Undefined: there is none, or something else too. */
export function permissionIn(scope: string, clientId: string): string | undefined {
  const others = scope.split(' ').filter((part) => part && !oidc.has(part))
  return others.length === 1
    ? permissions.find((name) => others[0] === `api://${clientId}/${name}`)
    : undefined
}

/** The authentication context that a claims challenge demands. Source: Entra, "Claims challenges, claims requests". */
export function contextIn(claims: string | null): string | undefined {
  try {
    return JSON.parse(claims ?? '').access_token.acrs.value
  } catch {
    return undefined
  }
}

/** Entra sets `iat` and `nbf` this many seconds into the past, for clocks that are slow. */
const backdated = 300

/** What a token says beside the person: the permission, and the authentication contexts that they satisfied. */
export interface Granted {
  scp?: string
  contexts?: readonly string[]
}

/** The claims of an access token v2.0 for the add-in's own API. Source: Entra, "Access token claims reference". */
export function accessClaims(
  person: Person,
  { origin, clientId, now }: Registration,
  { scp = permission, contexts = [] }: Granted = {},
) {
  return {
    ...personClaims(person, { origin, clientId, now }),
    azp: clientId,
    azpacr: '0',
    scp,
    ...(person.roles && { roles: [...person.roles] }),
    ...groupClaims(person),
    ...(contexts.length > 0 && { acrs: [...contexts] }),
  }
}

/** The most groups that Entra puts into an access token. */
const mostGroups = 200

/**
 * The optional claim `groups`. Somebody in no group has no such claim, and of too many groups it only says that they are
 * elsewhere. Source: Entra, "Configure group claims" and "Access token claims reference", groups overage claim.
 */
function groupClaims({ groups = [], tenantId, objectId }: Person) {
  if (groups.length === 0) return {}
  if (groups.length <= mostGroups) return { groups: [...groups] }
  const endpoint = `https://graph.windows.net/${tenantId}/users/${objectId}/getMemberObjects`
  return { _claim_names: { groups: 'src1' }, _claim_sources: { src1: { endpoint } } }
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
export async function issue(
  keys: Keys,
  person: Person,
  registration: Registration,
  { nonce, ...granted }: Granted & { nonce?: string | undefined } = {},
) {
  const claims = accessClaims(person, registration, granted)
  const isNew = registration.registered.object().api.requestedAccessTokenVersion === 2
  const key = person.tenantId === consumersTenant ? 'consumers' : 'current'
  return {
    access_token: await keys.sign(isNew ? claims : olderAccessClaims(claims), { key }),
    id_token: await keys.sign(idClaims(person, registration, nonce), { key }),
    expires_in: claims.exp - Math.floor(registration.now() / 1000),
  }
}

/** The same in version 1.0, which an API gets that does not ask for 2. Source: Entra, "Access tokens", "Token formats". */
function olderAccessClaims({ azp, azpacr, preferred_username, ...others }: ReturnType<typeof accessClaims>) {
  return {
    ...others,
    aud: `api://${azp}`,
    iss: `https://sts.windows.net/${others.tid}/`,
    appid: azp,
    appidacr: azpacr,
    unique_name: preferred_username,
    upn: preferred_username,
    ver: '1.0',
  }
}

/** The claims of an access token v2.0 that an application gets for itself; it lives for an hour. */
export function appClaims(
  clientId: string,
  tenantId: string,
  resource: string,
  roles: readonly string[],
  { origin, now }: Pick<Registration, 'origin' | 'now'>,
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
    ...(roles.length > 0 && { roles: [...roles] }),
    tid: tenantId,
    uti: randomBytes(16).toString('base64url'),
    ver: '2.0',
  }
}

/** The same in version 1.0: the audience is the API's URI. Source: Entra, "Access tokens", "Token formats". */
export function olderClaims(
  clientId: string,
  tenantId: string,
  resource: string,
  registration: Registration,
) {
  const { azp, azpacr, ...others } = appClaims(clientId, tenantId, resource, [], registration)
  return {
    ...others,
    iss: `https://sts.windows.net/${tenantId}/`,
    appid: azp,
    appidacr: azpacr,
    ver: '1.0',
  }
}

/** The claims of a person's access token for Graph. */
export const graphClaims = (
  person: Person,
  graph: string,
  scopes: readonly string[],
  { origin, clientId, now }: Registration,
) => ({
  ...personClaims(person, { origin, clientId, now }),
  aud: graph,
  azp: clientId,
  azpacr: '1',
  idtyp: 'user',
  scp: scopes.join(' '),
})

/** `<oid>.<tid>`: the account's id in Microsoft's libraries. */
export const homeAccountId = (person: Person) => `${person.objectId}.${person.tenantId}`

function personClaims(person: Person, { origin, clientId, now }: Omit<Registration, 'registered'>) {
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
