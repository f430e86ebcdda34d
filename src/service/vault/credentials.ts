import { randomUUID } from 'node:crypto'
import { type Kysely, type RawBuilder, type Selectable, sql } from 'kysely'
import type { Act } from '../audit/acts.ts'
import { append, directoryOf, type Entry } from '../audit/append.ts'
import { type Database, isWithoutOlder } from '../database/open.ts'
import { personOf } from '../person.ts'
import { dataKeys } from './data-keys.ts'
import { VaultFailure } from './failure.ts'
import type { KeyProvider, Wrapped } from './key-provider.ts'
import { isRetired } from './key-removals.ts'
import { isApp, isOf, ownerColumns } from './people.ts'
import { type Context, type Owner, type Sealed, sealer } from './seal.ts'
import type { VaultTables } from './tables.ts'

/** A version of a stored credential, not opened yet. */
export interface Credential {
  readonly id: string
  /** Each replacement is one higher. 0: there is no secret yet. */
  readonly version: number
  readonly owner: Owner
  /** Null: there is no secret yet. */
  readonly sealed: Sealed | null
  /** Seconds until the provider ends the secret, by the database's clock. */
  readonly secondsLeft: number
  /** Seconds since it was stored. */
  readonly age: number
}

/** A credential that has just been deleted. Nothing but this process's memory has it. */
export type Ended = Pick<Credential, 'id' | 'version' | 'owner' | 'sealed'>

/** One process's right to fetch the next secret of a record. No other process fetches it until the lease ends. */
export interface RefreshLease {
  readonly id: string
  /** Of the secret that will be replaced. */
  readonly version: number
  readonly owner: Owner
  readonly lease: string
}

/** How long a process that has died keeps others from fetching the next secret. A fetch has to end before. */
export const refreshLeaseSeconds = 6

export type Credentials = ReturnType<typeof createCredentials>

/** The stored credentials. Every secret is sealed before it reaches the database. */
export function createCredentials(ground: Database, keys: KeyProvider) {
  const database = ground.withTables<VaultTables>()
  const unwrapped = dataKeys(keys)
  const ofOwner = ({ organisation, caller, provider, purpose }: Owner) =>
    sql<boolean>`${isOf(caller, organisation)} and provider = ${provider} and purpose = ${purpose}`
  let packs = false
  /** In the caller's transaction, or in one of its own. */
  const together = <T>(within: Database | undefined, act: (all: Kysely<VaultTables>) => Promise<T>) =>
    within ? act(within.withTables<VaultTables>()) : database.transaction().execute(act)
  /** Deletes these, and records it together: a credential that cannot be audited stays. Returns them. */
  const destroyWhere = (condition: RawBuilder<unknown>, within?: Database) =>
    together(within, async (all) => {
      const destroyed = await deleteCredentials(all, condition)
      for (const { owner, ...row } of destroyed)
        await append(all, entryOf('credential destroyed', { ...owner, ...row }))
      return destroyed
    })
  const heldBy = ({ id, lease, version }: RefreshLease) =>
    sql<boolean>`id = ${id} and lease = ${lease} and version = ${version}`

  return {
    /** The owner's record as it is now. Undefined: there is none. */
    async find(owner: Owner): Promise<Credential | undefined> {
      const row = await database
        .selectFrom('credentials')
        .select(['id', 'version', 'key_id', 'wrapped', 'sealed'])
        .select(sql<number>`coalesce(extract(epoch from expires_at - now()), 0)::float8`.as('secondsLeft'))
        .select(sql<number>`coalesce(extract(epoch from now() - replaced_at), 0)::float8`.as('age'))
        .where(ofOwner(owner))
        .executeTakeFirst()
      if (!row) return undefined
      const { id, version, secondsLeft, age } = row
      return { id, version, owner, sealed: sealedIn(row), secondsLeft, age }
    },

    /** The secret, once its use is recorded. Throws `VaultFailure`. */
    async open(
      { id, version, owner }: Pick<Credential, 'id' | 'version' | 'owner'>,
      sealed: Sealed,
    ): Promise<string> {
      const secret = await unwrapped.open({ ...owner, id, version }, sealed)
      await append(database, entryOf('credential used', { ...owner, id, version }))
      return secret
    },

    /**
     * Takes the right to fetch the secret after `seen`, the version that the caller knows; 0: none. Undefined: another
     * process has it, or has stored a newer version. `seconds`: how long the lease lasts.
     */
    async lease(
      owner: Owner,
      seen: number,
      seconds = refreshLeaseSeconds,
    ): Promise<RefreshLease | undefined> {
      const { organisation, caller, provider, purpose } = owner
      const lease = randomUUID()
      const leaseEnd = sql<Date>`now() + make_interval(secs => ${seconds})`
      const isFree = sql`credentials.lease is null or credentials.leased_until < now() or credentials.lease = ${lease}::uuid`
      const [columns, values, unique] = isApp(caller)
        ? [
            sql`organisation, caller`,
            sql`${organisation}, ${caller}`,
            sql`(organisation, caller, provider, purpose) where person is null`,
          ]
        : [sql`person`, personOf(caller), sql`(person, length(provider), length(purpose))`]
      const first = sql<{ id: string }>`
        insert into credentials (id, ${columns}, provider, purpose, version, lease, leased_until)
        select ${timedId()}::uuid, ${values}, ${provider}, ${purpose}, 0, ${lease}::uuid, ${leaseEnd}
        on conflict ${unique}
        do update set lease = excluded.lease, leased_until = excluded.leased_until
        where credentials.version = 0 and (${isFree})
        returning id`
      // A record that has been destroyed is not made again: nobody would have the right to it.
      const next = sql<{ id: string }>`
        update credentials set lease = ${lease}::uuid, leased_until = ${leaseEnd}
        where ${ofOwner(owner)} and version = ${seen} and (${isFree})
        returning id`
      if (seen === 0 && !isApp(caller))
        await sql`insert into callers (subject) values (${caller}) on conflict do nothing`.execute(database)
      const row = await (seen === 0 ? first : next).execute(database)
      const [taken] = row.rows
      return taken && { id: taken.id, version: seen, owner, lease }
    },

    /**
     * Makes ready to seal the next secret of a leased record. Throws `VaultFailure` if the key provider does not answer,
     * or the active key is retired.
     */
    async sealer({ id, version, owner }: RefreshLease) {
      if (await isRetired(database, keys.active)) throw new VaultFailure('key_retired')
      packs ||= await isWithoutOlder(database, '0046-shorter-credentials')
      return sealer(keys, { ...owner, id, version: version + 1 }, packs)
    },

    /**
     * Stores the next secret and ends the lease. Returns its version. Undefined: the lease has been taken over, or the
     * record has been destroyed; the secret is not stored. `within`: the transaction that the statement is a part of.
     */
    async replace(
      lease: RefreshLease,
      sealed: Sealed,
      seconds: number,
      within?: Database,
    ): Promise<number | undefined> {
      return together(within, async (all) => {
        const row = await all
          .updateTable('credentials')
          .set({
            version: sql<number>`version + 1`,
            key_id: sealed.keyId,
            wrapped: sealed.wrapped,
            sealed: sealed.sealed,
            // To the hour if it lives for days: an index has equal instants once.
            expires_at: sql<Date>`date_trunc(${seconds > 86_400 ? 'hour' : 'microseconds'}, now() + make_interval(secs => ${seconds}::float8))`,
            replaced_at: sql<Date>`now()`,
            lease: null,
            leased_until: null,
            rewrap_at: null,
            failures: 0,
          })
          .where(heldBy(lease))
          .returning('version')
          .executeTakeFirst()
        if (row) await append(all, entryOf('credential replaced', { ...lease.owner, ...lease, ...row }))
        return row?.version
      })
    },

    /** Ends the lease; the record stays as it is. */
    async release(lease: RefreshLease): Promise<void> {
      await database.updateTable('credentials').set({ lease: null }).where(heldBy(lease)).execute()
    },

    /** Ends every lease. For a database that only this process can open: the processes that held them are gone. */
    async releaseAll(): Promise<void> {
      await database.updateTable('credentials').set({ lease: null }).where('lease', 'is not', null).execute()
    },

    /** Deletes the record with its wrapped data key. A refresh in flight cannot bring it back. Returns what it was. */
    async destroy(owner: Owner, within?: Database): Promise<Ended | undefined> {
      return (await destroyWhere(ofOwner(owner), within))[0]
    },

    /** Deletes the leased record. False: the lease has been taken over, or the record has been destroyed already. */
    async destroyLeased(lease: RefreshLease, within?: Database): Promise<boolean> {
      return (await destroyWhere(heldBy(lease), within)).length > 0
    },

    /** Deletes the records whose secret expired an hour ago, or never came. A record that is being refreshed stays. */
    async destroyExpired(): Promise<void> {
      await destroyWhere(
        sql`(version = 0 or expires_at < now() - interval '1 hour') and (lease is null or leased_until < now() - interval '1 minute')`,
      )
    },

    /** Those of these ids that still have a record. */
    async existing(ids: string[]): Promise<Set<string>> {
      const { rows } = await sql<{ id: string }>`
        select id from credentials where id = any(${ids}::uuid[])`.execute(database)
      return new Set(rows.map(({ id }) => id))
    },

    /** How many records each key has wrapped, by the key's id. */
    async countByKey(): Promise<Map<string, number>> {
      const rows = await database
        .selectFrom('credentials')
        .select((row) => ['key_id', row.fn.countAll<string>().as('count')])
        .where('key_id', 'is not', null)
        .groupBy('key_id')
        .execute()
      return new Map(rows.map(({ key_id, count }) => [key_id ?? '', Number(count)]))
    },

    /** The newest wrapped data keys that name this key, of secrets that cannot be fetched again. */
    async newestOf(keyId: string): Promise<(Context & Wrapped)[]> {
      const { rows } = await sql<Context & Wrapped>`
        select id, version, ${ownerColumns}, key_id as "keyId", wrapped from credentials
        where key_id = ${keyId} and purpose <> 'access-token' order by replaced_at desc limit 10`.execute(
        database,
      )
      return rows
    },
  }
}

/** Deletes credentials with their wrapped data keys, and returns what they were. It records nothing. */
export async function deleteCredentials(
  all: Kysely<VaultTables>,
  condition: RawBuilder<unknown>,
): Promise<Ended[]> {
  const { rows } = await sql<Row>`
    delete from credentials where ${condition}
    returning id, version, ${ownerColumns}, key_id, wrapped, sealed`.execute(all)
  return rows.map(({ id, version, organisation, caller, provider, purpose, ...secret }) => ({
    id,
    version,
    owner: { organisation, caller, provider, purpose },
    sealed: sealedIn(secret),
  }))
}

type Row = Version & Secret
type Secret = Pick<Selectable<VaultTables['credentials']>, 'key_id' | 'wrapped' | 'sealed'>

const sealedIn = ({ key_id: keyId, wrapped, sealed }: Secret): Sealed | null =>
  keyId && wrapped && sealed ? { keyId, wrapped, sealed } : null

/** A version of a record, as the audit names it. */
type Version = Owner & Pick<Credential, 'id' | 'version'>

const entryOf = (act: Act, { id, version, organisation, caller, provider, purpose }: Version): Entry => ({
  act,
  caller,
  organisation: caller.startsWith('app:') ? `${provider}:${organisation}` : directoryOf(caller),
  subject: `credential:${id}`,
  detail: { provider, purpose, version },
})

/** A UUID of version 7 (RFC 9562). The time comes first, so an index of them grows at its end, where its pages are full. */
function timedId(): string {
  const time = Date.now().toString(16).padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice('00000000-0000-4'.length)}`
}
