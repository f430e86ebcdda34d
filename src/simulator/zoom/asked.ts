import type { Context } from 'hono'
import type { Account } from './account.ts'
import { bodies, faultsIn, isObject, type MeetingBody } from './fields.ts'
import { scopes } from './oauth.ts'
import { Refusal } from './refusals.ts'
import type { Meeting } from './state.ts'
import type { User } from './users.ts'

/** The user in a call's address. A person's token works for that person only; the account's token has no `me`. */
export function userOf(c: Context, { find }: Account, owner: 'account' | User = 'account'): User {
  const wanted = c.req.param('userId') ?? ''
  if (owner !== 'account') {
    if (['me', owner.id, owner.email].includes(wanted)) return owner
    throw new Refusal('missing scope', { about: scopes['read user'].join(', ') })
  }
  const user = find(wanted)
  if (!user) throw new Refusal('unknown user', { about: wanted })
  return user
}

/** A user who may host meetings. For a deactivated user Zoom documents no code; 3000 is our assumption. */
export function hostOf(c: Context, account: Account, owner: 'account' | User): User {
  const user = userOf(c, account, owner)
  if (user.type === 4) throw new Refusal('may not host')
  if (user.status !== 'active') throw new Refusal('may not schedule for', { about: user.email })
  return user
}

/** The body: a JSON object with only the fields in the table. */
export async function bodyOf(
  c: Context,
  kind: keyof typeof bodies,
  droppedTimeZones: ReadonlySet<unknown>,
): Promise<MeetingBody> {
  const body: unknown = await c.req.json().catch(() => undefined)
  const isJson = c.req.header('content-type')?.startsWith('application/json')
  if (!isJson || !isObject(body)) throw new Refusal('not JSON')
  const errors = faultsIn(body, bodies[kind])
  if (droppedTimeZones.has(body.timezone)) errors.push({ field: 'timezone', message: 'Invalid field.' })
  if (errors.length > 0) throw new Refusal('validation', { errors })
  return body
}

/** The host of the new meeting. `schedule_for` needs that person's scheduling privilege, whatever the token's scopes. */
export function scheduledFor(
  asking: User,
  { schedule_for, type }: MeetingBody,
  { find, assistants }: Account,
): User {
  if (schedule_for === undefined) return asking
  const owner = find(schedule_for)
  if (owner?.id === asking.id) return asking
  if (type === 1) throw new Refusal('instant for another')
  if (
    !owner ||
    !assistants(owner).some(({ id }) => id === asking.id) ||
    owner.type === 4 ||
    owner.status !== 'active'
  )
    throw new Refusal('may not schedule for', { about: schedule_for })
  return owner
}

/** Refuses `occurrence_id`: only meetings of type 8 have occurrences, and there are none here. */
export function withoutOccurrence(c: Context): void {
  if (c.req.query('occurrence_id') !== undefined)
    throw new Refusal('bad parameter', { about: 'occurrence_id' })
}

/** Which meetings a list of this `type` contains. No meeting is ever live here. */
const kinds: Record<string, (meeting: Meeting, now: number) => boolean> = {
  scheduled: ({ type }) => type !== 1,
  live: () => false,
  upcoming: ({ type, startsAt }, now) => type === 3 || (type === 2 && (startsAt ?? 0) > now),
  upcoming_meetings: (meeting, now) => kinds.upcoming?.(meeting, now) ?? false,
  previous_meetings: ({ type, startsAt }, now) => type === 2 && (startsAt ?? 0) <= now,
}

export function kindOf(type: string) {
  const kind = Object.hasOwn(kinds, type) ? kinds[type] : undefined
  if (!kind) throw new Refusal('bad parameter', { about: 'type' })
  return kind
}

/** One page of a list, and the token for the next page; on the last page it is empty. */
export function paged<T>(c: Context, all: T[]) {
  const page_size = Number(c.req.query('page_size') ?? 30)
  if (!Number.isInteger(page_size) || page_size < 1 || page_size > 300)
    throw new Refusal('bad parameter', { about: 'page_size' })
  const token = c.req.query('next_page_token')
  const read = token ? Buffer.from(token, 'base64url').toString() : '0'
  if (!/^\d{1,6}$/.test(read)) throw new Refusal('bad page token')
  const from = Number(read)
  const next = from + page_size
  return {
    page: all.slice(from, next),
    page_size,
    total_records: all.length,
    next_page_token: next < all.length ? Buffer.from(String(next)).toString('base64url') : '',
  }
}

/**
 * Alternative hosts are licensed users of the account. Source: Zoom support, "Designating an alternative host". Zoom
 * documents no code for it; a field that is not valid is our assumption.
 */
export function requireLicensed({ settings }: MeetingBody, { find }: Account): void {
  const named = String(settings?.alternative_hosts ?? '')
  const isLicensed = (one: string) => find(one.trim())?.type === 2
  if (named && !named.split(';').every(isLicensed))
    throw new Refusal('validation', {
      errors: [{ field: 'settings.alternative_hosts', message: 'Invalid field.' }],
    })
}
