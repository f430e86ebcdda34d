import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import type { ServiceAccount } from '../../contract/admin-service-accounts.ts'
import { type Account, accountFrom } from '../../contract/connections.ts'
import { Problem } from '../../contract/problems.ts'
import type { Act } from '../audit/acts.ts'
import type { Entry } from '../audit/append.ts'
import type { Audit } from '../audit/audit.ts'
import type { Database } from '../database/open.ts'
import { untilTaken } from '../deadline.ts'
import { keptFresh } from '../kept-fresh.ts'
import { checkAccount, type EwsServer, requireFree, verdictIn } from '../providers/exchange/ews.ts'
import type { Account as NamedAccount } from '../providers/exchange/ntlm.ts'
import type { Credentials, RefreshLease } from '../vault/credentials.ts'
import { type ExchangeServers, named } from './exchange-servers.ts'
import { answersIn, leaseSeconds, patience, type RefusedPasswords } from './refused-passwords.ts'
import type { ConnectionsTables } from './tables.ts'

interface Needs {
  database: Database
  audit: Audit
  credentials: Credentials
  servers: ExchangeServers
  refusedPasswords: RefusedPasswords
  /** These people's calendars can be opened again. */
  revived(subjects: readonly string[]): void
}

/** What opens mailboxes on a server. */
export interface OpenAccount {
  /** Names the stored password: another one has another id. */
  readonly id: string
  readonly server: EwsServer
  readonly account: NamedAccount
}

/** An administrator keeps it, and nobody else: it has no end. */
const keepsFor = 50 * 365 * 24 * 3600
/** What an account of a server is called in `refused_digests`. */
const nameOf = (server: string) => `app:${server}`
const ownerOf = (server: string) =>
  ({
    organisation: server,
    caller: 'app:service-account',
    provider: 'exchange',
    purpose: 'password',
  }) as const

/** Names a server: its metadata address can be longer than a name may be. */
export const serverId = (metadataUrl: string) => createHash('sha256').update(metadataUrl).digest('base64url')

export type ServiceAccounts = ReturnType<typeof serviceAccounts>

/** One account for each Exchange server, by which the service opens the mailboxes of people who have proved theirs. */
export function serviceAccounts({ database, audit, credentials, servers, refusedPasswords, revived }: Needs) {
  const byId = new Map([...servers].map(([address, server]) => [serverId(address), server]))
  const stored = keptFresh((server: string) => credentials.find(ownerOf(server)))
  const opened = new Map<string, OpenAccount>()
  /** Who tries the password at the moment. */
  const leading = new Map<string, Promise<unknown>>()

  function serverOf(id: string): EwsServer {
    const server = byId.get(id)
    if (!server) throw new Problem('no_such_server')
    return server
  }

  /** The account that is stored now. Throws `service_account_missing`. */
  async function current(id: string): Promise<OpenAccount & { version: number }> {
    const [server, found] = [byId.get(id), await stored.current(id)]
    if (!server || !found?.sealed) throw new Problem('service_account_missing')
    const { version } = found
    const name = `${found.id}.${version}`
    const kept = opened.get(id)
    if (kept?.id === name) return { ...kept, version }
    const secret = accountFrom(JSON.parse(await credentials.open(found, found.sealed)))
    const open = { id: name, server, account: named(secret) }
    opened.set(id, open)
    return { ...open, version }
  }

  function forget(id: string): void {
    stored.forget(id)
    opened.delete(id)
  }

  /** Of all processes one has the lease of a stored account. */
  const leased = (id: string, take: () => Promise<RefreshLease | undefined>) =>
    untilTaken(
      patience,
      () => {
        stored.forget(id)
        return take()
      },
      () => new Problem('calendar_busy', { retryAfter: 5 }),
    )

  type Try<Came> = (open: OpenAccount, signal: AbortSignal) => Promise<Came | 'refused'>

  /** Tries the password while nobody else does, in any process. */
  async function lead<Came>(id: string, act: Try<Came>): Promise<Came> {
    const lease = await leased(id, async () =>
      credentials.lease(ownerOf(id), (await current(id)).version, leaseSeconds),
    )
    const signal = AbortSignal.timeout(answersIn)
    try {
      const open = await current(id)
      const { password } = open.account
      const came = await refusedPasswords.attempt(nameOf(id), password, signal, () => act(open, signal))
      return came === 'refused' ? await refuse(id, lease) : came
    } finally {
      await credentials.release(lease).catch(() => {})
    }
  }

  /** The server refuses the stored password: it is deleted, and all mailboxes of the account wait for an administrator. */
  async function refuse(id: string, lease: RefreshLease): Promise<never> {
    await audit.together(database, async (all, record) => {
      if (!(await credentials.destroyLeased(lease, all))) return
      await setState(id, 'refused', all)
      await record(entryOf('service account refused', id))
    })
    forget(id)
    throw new Problem('service_account_missing')
  }

  /** `within`: the transaction in which the account ends. */
  async function setState(id: string, state: 'refused' | undefined, within: Database): Promise<void> {
    const on = within.withTables<ConnectionsTables>()
    await (state
      ? on.updateTable('service_accounts').set({ state, since: now }).where('server', '=', id).execute()
      : on.deleteFrom('service_accounts').where('server', '=', id).execute())
    await on
      .updateTable('connections')
      .set({ state: 'needs_administrator', failures: 0, ask_at: null })
      .where('service_account', '=', id)
      .where('state', 'in', ['connected', 'provider_down'])
      .execute()
  }

  return {
    /** Of a server that the setting names, by its metadata address. */
    idOf: serverId,

    /** The account that opens mailboxes of this server now. Throws `service_account_missing`. */
    current: async (id: string): Promise<OpenAccount> => current(id),

    /**
     * Runs `act`, which tries the password of the server's account, while nobody else does, in any process. If the server refuses
     * it, it is deleted. Throws `service_account_missing`, `calendar_busy`, and what `act` throws.
     */
    async prove<Came>(id: string, act: Try<Came>): Promise<Came> {
      for (const until = performance.now() + patience; performance.now() < until; ) {
        const other = leading.get(id)
        if (other) await other.catch(() => {})
        else {
          const led = lead(id, act).finally(() => leading.delete(id))
          leading.set(id, led)
          return led
        }
      }
      throw new Problem('calendar_busy', { retryAfter: 5 })
    },

    async list(by: string): Promise<ServiceAccount[]> {
      await audit.record({ act: 'service accounts viewed', caller: by })
      const { rows } = await sql<Omit<ServiceAccount, 'host' | 'since'> & { since: Date | null }>`
        select server, coalesce(state, 'none') as state, since,
          (select count(*)::int from connections where service_account = server) as mailboxes
        from unnest(${[...byId.keys()]}::text[]) as known (server) left join service_accounts using (server)`.execute(
        database,
      )
      return rows.map((row) => ({
        ...row,
        host: new URL(serverOf(row.server).ewsUrl).host,
        since: row.since?.toISOString() ?? null,
      }))
    },

    /**
     * Saves an account once the server has accepted its password, which is tried once. Throws `no_such_server`,
     * `service_account_refused`, `too_many_passwords`, `exchange_misconfigured`, `calendar_unreachable`, `calendar_busy`.
     */
    async save(by: string, id: string, account: Account): Promise<void> {
      const server = serverOf(id)
      const retryAfter = await refusedPasswords.pauseOf(nameOf(id))
      if (retryAfter) throw new Problem('too_many_passwords', { retryAfter })
      const lease = await leased(id, async () =>
        credentials.lease(ownerOf(id), (await credentials.find(ownerOf(id)))?.version ?? 0, leaseSeconds),
      )
      try {
        const signal = AbortSignal.timeout(answersIn)
        const seal = await credentials.sealer(lease)
        const verdict = await refusedPasswords
          .attempt(nameOf(id), account.password, signal, async () => {
            const verdict = await checkAccount(server, named(account), signal)
            return verdict.kind === 'refused' ? 'refused' : verdict
          })
          .catch(verdictIn)
        if (verdict === 'refused') {
          await audit.record(entryOf('service account refused', id, by))
          throw new Problem('service_account_refused')
        }
        if (verdict.kind === 'misconfigured') throw new Problem('exchange_misconfigured')
        if (verdict.kind === 'down') requireFree({ server, account: named(account) })
        if (verdict.kind !== 'accepted' && (verdict.kind !== 'no_calendar' || verdict.mayPass))
          throw new Problem(
            'calendar_unreachable',
            'retryAfter' in verdict && verdict.retryAfter ? { retryAfter: verdict.retryAfter } : {},
          )
        const sealed = seal(JSON.stringify(account))
        const subjects = await audit.together(database, async (all, record) => {
          const version = await credentials.replace(lease, sealed, keepsFor, all)
          if (version === undefined) throw new Problem('calendar_busy', { retryAfter: 5 })
          const row = { state: 'accepted', since: now } as const
          await all
            .withTables<ConnectionsTables>()
            .insertInto('service_accounts')
            .values({ server: id, ...row })
            .onConflict((conflict) => conflict.column('server').doUpdateSet(row))
            .execute()
          const { rows } = await sql<{ subject: string }>`
            update connections set state = 'connected', failures = 0, ask_at = null from callers
            where callers.id = person and service_account = ${id} and state = 'needs_administrator'
            returning callers.subject`.execute(all)
          await record(entryOf('service account saved', id, by))
          return rows.map(({ subject }) => subject)
        })
        forget(id)
        revived(subjects)
      } finally {
        await credentials.release(lease).catch(() => {})
      }
    },

    /** Throws `no_such_server`. One that is not there counts as removed. */
    async remove(by: string, id: string): Promise<void> {
      serverOf(id)
      await audit.together(database, async (all, record) => {
        const destroyed = await credentials.destroy(ownerOf(id), all)
        await setState(id, undefined, all)
        if (destroyed) await record(entryOf('service account removed', id, by))
      })
      forget(id)
    },
  }
}

const now = sql<Date>`date_trunc('milliseconds', now())`

const entryOf = (act: Act, server: string, by?: string): Entry => ({
  act,
  ...(by && { caller: by }),
  organisation: `exchange:${server}`,
})
