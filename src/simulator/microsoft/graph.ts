import { randomUUID } from 'node:crypto'
import { type Context, Hono } from 'hono'
import { createLocalJWKSet, type JSONWebKeySet, type JWTPayload, jwtVerify } from 'jose'
import { type Faults, faulty } from '../kit/faults.ts'
import { type Mailbox, mailboxes, type Person, people, rooms } from '../people.ts'

export interface GraphOptions {
  faults: Faults
  /** Graph's address, which is also the resource that its tokens are for. */
  origin: string
  /** The keys that Entra publishes. */
  entraKeys(): Promise<JSONWebKeySet>
}

/** Graph's errors by code, with their status. Source: Microsoft Graph, "Error responses" and "Outlook errors". */
const errors = {
  InvalidAuthenticationToken: [401, 'Access token is empty, malformed or for another audience.'],
  ErrorAccessDenied: [403, 'Access is denied. Check credentials and try again.'],
  ErrorInvalidUser: [404, 'The requested user is invalid.'],
  MailboxNotEnabledForRESTAPI: [404, 'The mailbox is inactive, soft-deleted, or hosted on-premises.'],
} as const

const isRoom = new Set(Object.values(rooms).map(({ objectId }) => objectId))
/** Calendars that Graph can open: those of mailboxes in Exchange Online. */
const online = new Set([
  ...isRoom,
  ...Object.values<Mailbox>(mailboxes)
    .filter(({ accountType }) => accountType === 'office365')
    .map(({ objectId }) => objectId),
])

/**
 * A stand-in for Microsoft Graph, for an application that has permissions of its own: whether it may open the calendar
 * of a mailbox. Source: Microsoft Graph, "Get calendar"; Exchange, "Role Based Access Control for Applications".
 */
export function createGraph({ faults, origin, entraKeys }: GraphOptions) {
  let isLimited = false

  /** Undefined: the token is not Entra's, or not for Graph. */
  async function tokenIn(c: Context): Promise<JWTPayload | undefined> {
    const bearer = (c.req.header('authorization') ?? '').replace(/^Bearer /, '')
    const keys = createLocalJWKSet(await entraKeys())
    return (await jwtVerify(bearer, keys, { audience: origin }).catch(() => undefined))?.payload
  }

  const app = new Hono()
  app.use(faulty(faults, 'graph'))
  app.get('/v1.0/users/:id/calendar', async (c) => {
    const token = await tokenIn(c)
    if (!token) return refuse(c, 'InvalidAuthenticationToken')
    const id = c.req.param('id').toLowerCase()
    if (!mayRead(token) || (isLimited && !isRoom.has(id))) return refuse(c, 'ErrorAccessDenied')
    const owner = find(id, String(token.tid))
    if (!owner) return refuse(c, 'ErrorInvalidUser')
    if (!online.has(owner.objectId)) return refuse(c, 'MailboxNotEnabledForRESTAPI')
    return c.json({ '@odata.context': `${origin}/v1.0/$metadata#users/calendar(id)/$entity`, id: 'AQMkADc=' })
  })

  return {
    app,
    /** Only the mailboxes of rooms stay in the application's scope. */
    limitScope() {
      isLimited = true
    },
    reset() {
      isLimited = false
    },
  }
}

const mayRead = ({ roles }: JWTPayload) =>
  Array.isArray(roles) && roles.some((role) => /^Calendars\.Read(Write)?$/.test(role))

const find = (id: string, tenant: string): Person | undefined =>
  [...people, ...Object.values(rooms)].find(
    ({ objectId, emailAddress, tenantId }) => tenantId === tenant && [objectId, emailAddress].includes(id),
  )

function refuse(c: Context, code: keyof typeof errors): Response {
  const [status, message] = errors[code]
  const innerError = {
    date: new Date().toISOString(),
    'request-id': randomUUID(),
    'client-request-id': randomUUID(),
  }
  return c.json({ error: { code, message, innerError } }, status)
}
