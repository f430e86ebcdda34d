import {
  type Expression,
  type ExpressionBuilder,
  type Kysely,
  type SqlBool,
  sql,
  type UpdateObject,
} from 'kysely'
import type { Ending } from '../../contract/feed.ts'
import { Problem } from '../../contract/problems.ts'
import { directoryOf } from '../audit/append.ts'
import type { Audit } from '../audit/audit.ts'
import type { ActiveCaller, Caller } from '../caller.ts'
import { type ConnectionsTables, statesWithCredential } from '../connections/tables.ts'
import { type Database, isWithoutOlder } from '../database/open.ts'
import type { MeetingsTables } from '../meetings/tables.ts'
import { isNameHash, isZoomUser, personOf } from '../person.ts'
import { refused } from '../refused.ts'
import { deleteCredentials, type Ended } from '../vault/credentials.ts'
import { halfOf, halves, sha256 } from '../vault/hashed-secret.ts'
import { isOf } from '../vault/people.ts'
import type { VaultTables } from '../vault/tables.ts'
import type { IdentityTables } from './tables.ts'

export type Callers = ReturnType<typeof callerRecords>

/** What is stored about a caller: the Zoom user, and from when proofs are accepted. */
export function callerRecords(ground: Database, audit: Audit) {
  const database = ground.withTables<Tables>()
  const known = (subject: string) =>
    database
      .selectFrom('callers')
      .select(['zoom_user_id', 'valid_from'])
      .where('subject', '=', subject)
      .executeTakeFirst()

  const listeners: Listener[] = []
  let halved = false

  return {
    /**
     * Calls `act` when a caller has disconnected by this process, with the credentials that were deleted. Other processes
     * learn it from the database.
     */
    whenDisconnected: (act: Listener) => void listeners.push(act),

    /** Refuses a caller who disconnected after the proof was issued. */
    async requireActive(caller: Caller): Promise<ActiveCaller> {
      requireActive(caller, await known(caller.subject))
      return { ...caller, active: true }
    },

    /** The Zoom user of a caller who has not disconnected. Undefined: not known yet. */
    async activeZoomUserOf(caller: Caller): Promise<string | undefined> {
      return requireActive(caller, await known(caller.subject))?.zoom_user_id ?? undefined
    },

    /** Undefined: not known yet. */
    async zoomUserOf(subject: string): Promise<string | undefined> {
      return (await known(subject))?.zoom_user_id ?? undefined
    },

    /** Whether the caller has connected their own Zoom account. */
    async hasOwnZoom(subject: string): Promise<boolean> {
      const { rows } = await sql<{ has: boolean }>`
        select exists (select from connections where person = ${personOf(subject)} and ${ownZoom}) as has`.execute(
        database,
      )
      return rows[0]?.has === true
    },

    /**
     * Stores the Zoom user that the caller schedules as, and returns it. `firstOnly`: the verified sign-in name has found
     * the user, and an earlier one stays. Throws `zoom_connected` for a caller who has connected their own Zoom account.
     */
    async tie(caller: Caller, zoomUserId: string, firstOnly = false): Promise<string> {
      const hash = firstOnly ? hashedName(caller) : null
      halved ||= await isWithoutOlder(database, halves)
      const zoom_name = hash && halved ? halfOf(hash) : hash
      const tied = await audit.together(database, async (all, record) => {
        const row = { subject: caller.subject, zoom_user_id: zoomUserId, zoom_name }
        const isDone = await put(all.withTables<IdentityTables>(), row, (is) =>
          is.and([
            provedSince(caller)(is),
            hasNoOwnZoom(caller),
            ...(firstOnly ? [is('callers.zoom_user_id', 'is', null)] : []),
          ]),
        )
        if (!isDone) return false
        await record(linked(caller, firstOnly ? 'name' : 'zoom'))
        return true
      })
      if (tied) return zoomUserId
      // Of many first requests at once, those that come later have nothing to change or to record.
      const settled = requireActive(caller, await known(caller.subject))?.zoom_user_id
      if (!settled) throw refused('disconnected', caller.subject)
      if (!firstOnly && settled !== zoomUserId) throw new Problem('zoom_connected')
      return settled
    },

    /**
     * Replaces a Zoom user that Zoom no longer has. False: this sign-in name did not find that user, and must not find
     * another one.
     */
    async tieAgain(caller: Caller, gone: string, zoomUserId: string): Promise<boolean> {
      return audit.together(database, async (all, record) => {
        const { numUpdatedRows } = await all
          .updateTable('callers')
          .set({ zoom_user_id: zoomUserId })
          .where('subject', '=', caller.subject)
          .where('zoom_user_id', '=', gone)
          .where(isNameHash(hashedName(caller)))
          .where(provedSince(caller))
          .executeTakeFirstOrThrow()
        if (numUpdatedRows === 0n) return false
        await record(linked(caller, 'name'))
        return true
      })
    },

    /**
     * Keeps a disconnect waiting until the transaction ends, so that it finds what the transaction stored. Refuses a
     * caller who disconnected before. `zoomUserId`: the user of the Zoom account that the caller connects.
     */
    async hold(caller: Caller, within: Database, zoomUserId?: string): Promise<void> {
      const { subject } = caller
      const zoom = zoomUserId === undefined ? {} : { zoom_user_id: zoomUserId, zoom_name: null }
      const isHeld = await put(within.withTables<IdentityTables>(), { subject, ...zoom }, provedSince(caller))
      if (!isHeld) throw refused('disconnected', subject)
    },

    /** Keeps the end of this person's access waiting until the transaction ends, so that it finds what was stored. */
    async lock(subject: string, within: Database): Promise<void> {
      await put(within.withTables<IdentityTables>(), { subject })
    },

    /** Takes the caller's row, if there is one, as every act does that ends their access: before their credentials. */
    async inTurn(subject: string, within: Database): Promise<void> {
      await sql`select from callers where subject = ${subject} for update`.execute(within)
    },

    /** Forgets the Zoom user whom the caller scheduled as: the caller's own Zoom account is no longer connected. */
    async untie(subject: string, within: Database): Promise<void> {
      await within
        .withTables<IdentityTables>()
        .updateTable('callers')
        .set({ zoom_user_id: null, zoom_name: null })
        .where('subject', '=', subject)
        .execute()
    },

    /** Those who have connected the Zoom account of this user. */
    async whoConnectedZoom(zoomUserId: string): Promise<string[]> {
      const rows = await database
        .selectFrom('callers')
        .innerJoin('connections', 'connections.person', 'callers.id')
        .select('callers.subject')
        .where(isZoomUser(zoomUserId))
        .where('provider', '=', 'zoom')
        .where('state', 'in', statesWithCredential)
        .execute()
      return rows.map(({ subject }) => subject)
    },

    /** The mailboxes on Exchange servers whose people have proved by a sign-in to Zoom that they are this user. */
    async mailboxesOfZoom(zoomUserId: string): Promise<string[]> {
      const rows = await database
        .selectFrom('callers')
        .select('subject')
        .where(sql<boolean>`${isZoomUser(zoomUserId)} and starts_with(callers.subject, 'exch:')`)
        .execute()
      return rows.map(({ subject }) => subject)
    },

    /**
     * Ends at once all proofs of the caller issued so far, forgets the Zoom account, and deletes the credentials. Proofs
     * are dated to the second, so proofs of the current second end too. What an administrator has connected stays.
     */
    async disconnect(subject: string): Promise<void> {
      const ended = await audit.together(database, async (all, record) => {
        const ended = await end(all, subject)
        await all
          .deleteFrom('connections')
          .where('person', '=', personOf(subject))
          .where('state', '<>', 'disconnected_by_administrator')
          .where('provider', '<>', 'microsoft-application')
          .execute()
        await endStreams(all, subject, 'session_ended')
        await record({ act: 'disconnected', caller: subject })
        return ended
      })
      for (const listen of listeners) listen(subject, ended, 'session_ended')
    },

    /**
     * The same as an administrator's act (`by`: their id, or `command-line`). The person can connect nothing until an
     * administrator allows it again: one row in that state is enough, so a person who has connected nothing gets one.
     */
    async revoke(subject: string, by: string): Promise<void> {
      const row = { state: 'disconnected_by_administrator', failures: 0, ask_at: null } as const
      const ended = await audit.together(database, async (all, record) => {
        const ended = await end(all, subject)
        await all.updateTable('connections').set(row).where('person', '=', personOf(subject)).execute()
        await all
          .insertInto('connections')
          .values({ person: personOf(subject), provider: 'microsoft', permission: 'read', ...row })
          .onConflict((conflict) => conflict.columns(['person', 'provider']).doUpdateSet(row))
          .execute()
        await endStreams(all, subject, 'revoked')
        await record(administered('person revoked', subject, by))
        return ended
      })
      for (const listen of listeners) listen(subject, ended, 'revoked')
    },

    /** Lets a person connect again. */
    async allow(subject: string, by: string): Promise<void> {
      await audit.together(database, async (all, record) => {
        const { numDeletedRows } = await all
          .deleteFrom('connections')
          .where('person', '=', personOf(subject))
          .where('state', '=', 'disconnected_by_administrator')
          .executeTakeFirst()
        if (numDeletedRows > 0n) await record(administered('person allowed', subject, by))
      })
    },
  }
}

/** Hears of a caller who has disconnected, of the credentials that were deleted, and why the apps have to forget. */
type Listener = (subject: string, ended: readonly Ended[], ending: Ending) => void

type Tables = IdentityTables & MeetingsTables & VaultTables & ConnectionsTables

type Row = UpdateObject<IdentityTables, 'callers'> & { subject: string }
type If = ExpressionBuilder<IdentityTables, 'callers'>

/**
 * Stores this of a caller: in a new row, or in the one that there is where `condition` is true of it. Whichever it is, the row
 * is locked until the transaction ends. False: nothing is stored. No `on conflict (subject)`: the index that keeps subjects
 * apart is one of hashes, which takes a third of the bytes.
 */
async function put(
  all: Kysely<IdentityTables>,
  row: Row,
  condition: (is: If) => Expression<SqlBool> = () => sql<boolean>`true`,
): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await all
    .insertInto('callers')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirstOrThrow()
  if (numInsertedOrUpdatedRows) return true
  const { numUpdatedRows } = await all
    .updateTable('callers')
    .set(row)
    .where('subject', '=', row.subject)
    .where(condition)
    .executeTakeFirstOrThrow()
  return numUpdatedRows > 0n
}

/** Ends the proofs so far, forgets the Zoom account, and deletes the credentials. A refresh in flight finds none to replace. */
async function end(all: Kysely<Tables>, subject: string): Promise<Ended[]> {
  const valid_from = sql<Date>`date_trunc('second', now()) + interval '1 second'`
  await put(all.withTables<IdentityTables>(), { subject, valid_from, zoom_user_id: null, zoom_name: null })
  const ended = await deleteCredentials(all.withTables<VaultTables>(), isOf(subject))
  await all.deleteFrom('sessions').where('subject', '=', subject).execute()
  await sql`delete from app_sessions where subject = ${subject}`.execute(all)
  await sql`delete from templates where subject = ${subject}`.execute(all)
  await all
    .updateTable('meetings')
    .set({ ticket: null, ticket_subject: null, ticket_proved_at: null, ticket_until: null })
    .where('ticket_subject', '=', subject)
    .execute()
  return ended
}

/** PostgreSQL's name of the channel by which processes hear what apps are told. */
export const appsChannel = 'zoom_for_outlook_apps'

/** Every process ends the streams of this person's apps, once the transaction is committed. */
const endStreams = (all: Kysely<Tables>, subject: string, ending: Ending) =>
  sql`select pg_notify(${appsChannel}, ${`person ${subject} ${ending}`})`.execute(all)

/** An act of `by` on a person, in the trail of the person's organisation. */
const administered = (act: 'person revoked' | 'person allowed', subject: string, by: string) => ({
  act,
  caller: by,
  organisation: directoryOf(subject),
  subject: `person:${subject}`,
})

/** `way`: a sign-in to Zoom, or the verified sign-in name. */
const linked = ({ subject }: Caller, way: 'zoom' | 'name') =>
  ({ act: 'zoom linked', caller: subject, detail: { way } }) as const

/** Refuses a caller who disconnected after the proof was issued, as their row says. */
export function requireActive<Row extends { valid_from: Date | null }>(caller: Caller, row: Row | undefined) {
  const { provedAt, subject } = caller
  if (row?.valid_from && provedAt < row.valid_from.getTime()) throw refused('disconnected', subject)
  return row
}

const hashedName = ({ signInName }: Caller) => (signInName ? sha256(signInName.toLowerCase()) : null)

/** True while the caller has not disconnected since the proof was issued. */
function provedSince({ provedAt }: Caller) {
  return (row: If) =>
    row.or([row('callers.valid_from', 'is', null), row('callers.valid_from', '<=', new Date(provedAt))])
}

/** True while the caller has not connected their own Zoom account. */
const hasNoOwnZoom = ({ subject }: Caller) =>
  sql<boolean>`not exists (select from connections where person = ${personOf(subject)} and ${ownZoom})`

/** What is true of the row of a connection by which a person schedules with their own Zoom account. */
export const ownZoom = sql<boolean>`provider = 'zoom' and state <> 'disconnected_by_administrator'`

/** The same condition for a statement about another table, which saves a statement. */
export function notDisconnected(subject: string, provedAt: Date) {
  return sql<boolean>`not exists (
    select from callers where subject = ${subject} and valid_from > ${provedAt})`
}
