import { sql } from 'kysely'
import type { ConnectionKind } from '../../contract/connections.ts'
import type { Permission, Permits } from '../../contract/permission.ts'
import type { Database } from '../database/open.ts'
import { personOf } from '../person.ts'
import { refused } from '../refused.ts'
import { isOf } from '../vault/people.ts'
import { type ConnectionsTables, statesWithCredential } from './tables.ts'

type State = ConnectionsTables['connections']['state']

/** Seconds before a provider that has failed is asked again: twice as long after each failure. */
const firstPause = 30
const longestPause = 15 * 60

/** The stored states of the connections of one kind. `within`: the transaction that a statement is a part of. */
export function connectionRecords(ground: Database, provider: ConnectionKind) {
  const on = (within: Database) => within.withTables<ConnectionsTables>()
  const of = (subject: string) => sql<boolean>`person = ${personOf(subject)} and provider = ${provider}`
  /** An administrator has ended the access of this person, to every provider. */
  const isEnded = (subject: string) =>
    sql<boolean>`exists (select from connections where person = ${personOf(subject)} and state = 'disconnected_by_administrator')`

  /** Whether a server has a service account. It has until `within` ends. */
  const isAccepted = async (server: string, within: Database) =>
    (
      await sql`select from service_accounts where server = ${server} and state = 'accepted' for share`.execute(
        within,
      )
    ).rows.length > 0

  return {
    /** Undefined: not connected. `waiting`: the provider has failed, and is not asked yet. */
    find: (subject: string) =>
      on(ground)
        .selectFrom('connections')
        .select(['state', 'permission', 'contacts'])
        .select(sql<boolean>`coalesce(ask_at > now(), false)`.as('waiting'))
        .where('person', '=', personOf(subject))
        .where((row) =>
          row.or([row('provider', '=', provider), row('state', '=', 'disconnected_by_administrator')]),
        )
        .orderBy(sql`state = 'disconnected_by_administrator'`, 'desc')
        .limit(1)
        .executeTakeFirst(),

    /**
     * Stores the state that the provider's answer gives the connection. Refuses a caller whom an administrator has
     * disconnected. `within` holds what a revocation changes first, the caller or the credential, so none comes between.
     * `serviceAccount`: the server whose account opens the calendar.
     */
    async put(
      subject: string,
      {
        permission,
        contacts = null,
        serviceAccount = null,
      }: {
        permission: Permission
        contacts?: Permits['contacts'] | null
        serviceAccount?: string | null | undefined
      },
      answered: State,
      within: Database,
    ): Promise<void> {
      const isOrphan =
        serviceAccount && answered === 'connected' && !(await isAccepted(serviceAccount, within))
      const state = isOrphan ? 'needs_administrator' : answered
      const row = { permission, contacts, service_account: serviceAccount, state, failures: 0, ask_at: null }
      const stored = await on(within)
        .insertInto('connections')
        .columns([
          'person',
          'provider',
          'permission',
          'contacts',
          'service_account',
          'state',
          'failures',
          'ask_at',
        ])
        .expression(
          sql`select ${personOf(subject)}, ${provider}, ${permission}, ${contacts}, ${serviceAccount}, ${state}, 0, null::timestamptz where not ${isEnded(subject)}`,
        )
        .onConflict((conflict) => conflict.columns(['person', 'provider']).doUpdateSet(row))
        .returning('person')
        .executeTakeFirst()
      if (!stored) throw refused('disconnected_by_administrator', subject)
    },

    /** The provider failed. The next request waits longer each time, or as long as the provider says. */
    async failed(subject: string, retryAfter = 0, within = ground): Promise<void> {
      const pause = sql`greatest(${retryAfter}, least(${longestPause}, ${firstPause} * 2 ^ least(failures, 10)) * (0.75 + random() / 2))`
      await on(within)
        .updateTable('connections')
        .set({
          state: 'provider_down',
          failures: sql<number>`failures + 1`,
          ask_at: sql<Date>`now() + make_interval(secs => ${pause})`,
        })
        .where(of(subject))
        .where('state', 'in', statesWithCredential)
        .execute()
    },

    /** Stores what the provider answered, unless the connection has ended meanwhile. */
    async settle(subject: string, permission: Permission, state: State, within: Database): Promise<void> {
      await on(within)
        .updateTable('connections')
        .set({ permission, state, failures: 0, ask_at: null })
        .where(of(subject))
        .where(sql<boolean>`state <> 'disconnected_by_administrator'`)
        .execute()
    },

    /** A policy allows only this. Undefined: nothing. False: the connection has no more already, or has ended. */
    async restrict(subject: string, allowed: Permission | undefined, within: Database): Promise<boolean> {
      const { numUpdatedRows } = await on(within)
        .updateTable('connections')
        .set(allowed ? { permission: allowed } : { state: 'permission_lowered', failures: 0, ask_at: null })
        .where(of(subject))
        .where('state', 'in', statesWithCredential)
        .where(allowed ? sql<boolean>`permission <> ${allowed}` : sql<boolean>`true`)
        .executeTakeFirstOrThrow()
      return numUpdatedRows > 0n
    },

    /** The connection's credential is gone. False: so is the connection. */
    async lapse(subject: string, within: Database): Promise<boolean> {
      const { numUpdatedRows } = await on(within)
        .updateTable('connections')
        .set({ state: 'needs_sign_in', failures: 0, ask_at: null })
        .where(of(subject))
        .where('state', 'in', statesWithCredential)
        .where(
          sql<boolean>`not exists (select from credentials where ${isOf(subject)} and provider = ${provider} and version > 0)`,
        )
        .executeTakeFirstOrThrow()
      return numUpdatedRows > 0n
    },

    /** Forgets the connection. An administrator's decision stays. False: there is nothing to forget. */
    async remove(subject: string, within: Database): Promise<boolean> {
      const { numDeletedRows } = await on(within)
        .deleteFrom('connections')
        .where(of(subject))
        .where('state', '<>', 'disconnected_by_administrator')
        .executeTakeFirstOrThrow()
      return numDeletedRows > 0n
    },
  }
}
