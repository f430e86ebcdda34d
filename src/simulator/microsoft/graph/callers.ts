import type { Context } from 'hono'
import { createLocalJWKSet, type JSONWebKeySet, type JWTPayload, jwtVerify } from 'jose'
import { type Mailbox, mailboxes, type Person, people, rooms, sharedMailboxes } from '../../people.ts'
import { type GraphCode, GraphError } from './errors.ts'

/** Who calls, by their token. */
export interface Caller {
  tenantId: string
  /** The application. */
  clientId: string
  /** Undefined: the application calls for itself. */
  personId?: string
}

const isRoom = new Set(Object.values(rooms).map(({ objectId }) => objectId))
const unattended: readonly Person[] = [...Object.values(rooms), ...Object.values(sharedMailboxes)]

/** Calendars that Graph can open: those of mailboxes in Exchange Online. */
const online = new Set([
  ...unattended.map(({ objectId }) => objectId),
  ...Object.values<Mailbox>(mailboxes)
    .filter(({ accountType }) => accountType === 'office365')
    .map(({ objectId }) => objectId),
])

/** Seconds that Entra sets `iat` back. */
const backdated = 300

/** Who may do what. Source: Microsoft Graph, "Permissions reference"; Exchange, "RBAC for Applications". */
export function createCallers(origin: string, entraKeys: () => Promise<JSONWebKeySet>, now: () => number) {
  let isLimited = false
  let revokedAt = Number.NEGATIVE_INFINITY
  /** Whether mailboxes that have moved are here now, by their owners' object ids. */
  const moved = new Map<string, boolean>()
  const seen = new Set<unknown>()
  const revoked = new Set<unknown>()

  const isRevoked = ({ idtyp, uti, iat = 0 }: JWTPayload) =>
    idtyp !== 'app' && (revoked.has(uti) || iat + backdated < Math.floor(revokedAt / 1000))

  /** Whose call this is. Refused: without a token of Entra for Graph, or without one of these permissions. */
  async function callerOf(
    c: Context,
    permission = /^Calendars\.Read(Write)?$/,
    otherwise: GraphCode = 'ErrorAccessDenied',
  ): Promise<Caller> {
    const bearer = (c.req.header('authorization') ?? '').replace(/^Bearer /, '')
    const keys = createLocalJWKSet(await entraKeys())
    const options = { audience: origin, currentDate: new Date(now()) }
    const token = (await jwtVerify(bearer, keys, options).catch(() => undefined))?.payload
    if (!token || isRevoked(token)) throw new GraphError('InvalidAuthenticationToken')
    seen.add(token.uti)
    if (!permissionsIn(token).some((name) => permission.test(name))) throw new GraphError(otherwise)
    const caller = { tenantId: String(token.tid), clientId: String(token.azp) }
    return token.idtyp === 'app' ? caller : { ...caller, personId: String(token.oid) }
  }

  /** The owner of the calendar that the caller asks for: `me`, or an id or address of a person. */
  function ownerFor(caller: Caller, asked: string): Person {
    const { personId, tenantId } = caller
    if (asked === 'me' && !personId)
      throw new GraphError('BadRequest', '/me request is only valid with delegated authentication flow.')
    const id = asked === 'me' ? String(personId) : asked.toLowerCase()
    const owner = find(id, tenantId)
    if (isLimited && !personId && !isRoom.has(owner?.objectId ?? id))
      throw new GraphError('ErrorAccessDenied')
    if (!owner) throw new GraphError('ErrorInvalidUser')
    if (personId && owner.objectId !== personId) throw new GraphError('ErrorAccessDenied')
    if (!(moved.get(owner.objectId) ?? online.has(owner.objectId)))
      throw new GraphError('MailboxNotEnabledForRESTAPI')
    return owner
  }

  return {
    callerOf,
    ownerFor,
    /** Whoever of the directory has this object id or address. */
    find,
    /** Only the mailboxes of rooms stay in the application's scope. */
    limitScope() {
      isLimited = true
    },
    /** The mailbox of this person has moved here from a server of the organisation. */
    moveHere: (objectId: string) => void moved.set(objectId, true),
    /** It has moved away, to a server of the organisation. */
    moveAway: (objectId: string) => void moved.set(objectId, false),
    /** People's tokens of until now are refused; those that Entra issues from now on are not. */
    revokeTokens() {
      revokedAt = now()
      for (const uti of seen) revoked.add(uti)
    },
    reset() {
      isLimited = false
      revokedAt = Number.NEGATIVE_INFINITY
      moved.clear()
      seen.clear()
      revoked.clear()
    },
  }
}

export type Callers = ReturnType<typeof createCallers>

const permissionsIn = ({ roles, scp }: JWTPayload): string[] =>
  Array.isArray(roles) ? roles : String(scp ?? '').split(' ')

const find = (id: string, tenant: string): Person | undefined =>
  [...people, ...unattended].find(
    ({ objectId, emailAddress, tenantId }) => tenantId === tenant && [objectId, emailAddress].includes(id),
  )
