import { z } from 'zod'
import { Problem } from '../../contract/problems.ts'
import { untilTaken } from '../deadline.ts'
import { requireActive } from '../identity/callers.ts'
import { lastUsed } from '../last-used.ts'
import type { ExchangeAccess, ExchangeCalendar } from '../providers/exchange/requests.ts'
import type { Credentials } from '../vault/credentials.ts'
import { actingFor, type ConnectionActs, ownerOf } from './connections.ts'
import { type ExchangeServers, named } from './exchange-servers.ts'
import { answersIn, leaseSeconds, patience, type RefusedPasswords } from './refused-passwords.ts'
import type { ServiceAccounts } from './service-accounts.ts'
import type { Standings } from './standing.ts'

/** What is sealed: an account that opens the mailbox, or the address of a mailbox that the service account opens. */
const sealed = z.union([
  z.object({ server: z.string(), user: z.string(), password: z.string() }),
  z.object({ server: z.string(), mailbox: z.string() }),
])

/** Reads a secret. `server`: the metadata address of the server that has the mailbox. */
export const openedIn = (secret: string) => sealed.parse(JSON.parse(secret))

interface Needs {
  servers: ExchangeServers
  credentials: Pick<Credentials, 'find' | 'open' | 'lease' | 'release'>
  standings: Standings
  refusedPasswords: Pick<RefusedPasswords, 'attempt'>
  serviceAccounts: Pick<ServiceAccounts, 'idOf' | 'current' | 'prove'>
  acts: Pick<ConnectionActs, 'check'>
}

/** People whose password this process has in memory. */
const mostKept = 10_000

export type ExchangeMailboxes = ReturnType<typeof exchangeMailboxes>

/** What opens a mailbox: an account of its person, or the service account of a server that acts as this address. */
type Kept = { credential: string; version: number } & (
  | { access: ExchangeAccess }
  | { by: string; mailbox: string }
)

/** Access to mailboxes on Exchange servers for the service itself, by what people have connected. */
export function exchangeMailboxes(needs: Needs) {
  const { servers, credentials, standings, refusedPasswords, serviceAccounts, acts } = needs
  const kept = lastUsed<Kept>(mostKept)

  /** What is stored now. */
  async function current(subject: string): Promise<Kept> {
    const found = await credentials.find(ownerOf('exchange', { subject }))
    if (!found?.sealed) throw new Problem('calendar_not_connected')
    const last = kept.get(subject)
    if (last?.credential === found.id && last.version === found.version) return last
    const before = last && 'access' in last ? last.access : undefined
    const { server: address, ...account } = openedIn(await credentials.open(found, found.sealed))
    const server = servers.get(address)
    if (!server) throw new Problem('calendar_not_connected')
    const { id, version } = found
    if ('mailbox' in account) {
      const now = { credential: id, version, by: serviceAccounts.idOf(address), mailbox: account.mailbox }
      kept.set(subject, now)
      return now
    }
    const made = { id: `${id}.${version}`, server, account: named(account) }
    const isSame = before && JSON.stringify(before.account) === JSON.stringify(made.account)
    const now = { credential: id, version, access: isSame && before?.server === server ? before : made }
    kept.set(subject, now)
    return now
  }

  async function accessBy(one: Kept): Promise<ExchangeAccess> {
    if ('access' in one) return one.access
    const open = await serviceAccounts.current(one.by).catch(withoutAccess)
    return { ...open, actsAs: one.mailbox }
  }

  return {
    /** Throws `calendar_not_connected`, `sign_in_required`. */
    async open(subject: string): Promise<ExchangeAccess> {
      const standing = await standings.of(ownerOf('exchange', { subject }))
      requireActive(actingFor(subject), standing)
      if (standing.credential === null) {
        kept.delete(subject)
        throw new Problem('calendar_not_connected')
      }
      const last = kept.get(subject)
      if (last?.credential === standing.credential && last.version === standing.version) return accessBy(last)
      return accessBy(await current(subject))
    },

    /**
     * A mailbox as the service accounts of the servers open it, where it may be, with the server. Nothing is connected, and
     * nothing proves yet whose it is.
     */
    async *opened(subject: string, mailbox: string): AsyncIterable<ExchangeCalendar & { server: string }> {
      for (const server of servers.keys()) {
        const by = serviceAccounts.idOf(server)
        const access = async () => ({ ...(await serviceAccounts.current(by)), actsAs: mailbox })
        const isThere = await access().catch(unlessMissing)
        if (!isThere) continue
        yield {
          server,
          subject: `${subject} ${by}`,
          access,
          prove: (act) =>
            serviceAccounts.prove(by, (open, signal) => act({ ...open, actsAs: mailbox }, signal)),
        }
      }
    },

    /** Asks the server whether it has the mailbox: if it says that it has not, the connection ends. */
    async check(subject: string): Promise<void> {
      await acts.check(actingFor(subject), () => false)
    },

    /**
     * Runs `act` with the lease of the credential, as those do who check or replace it: so of all processes one tries the
     * password. If the server refuses it, the connection ends, unless there is another one by now. A service account has a
     * lease of its own. Throws as `open` does, and `calendar_busy`.
     */
    async prove<Came>(
      subject: string,
      act: (access: ExchangeAccess, signal: AbortSignal) => Promise<Came | 'refused'>,
    ): Promise<Came> {
      const one = await current(subject)
      if ('by' in one)
        return serviceAccounts
          .prove(one.by, (open, signal) => act({ ...open, actsAs: one.mailbox }, signal))
          .catch(withoutAccess)
      const owner = ownerOf('exchange', { subject })
      const take = async () => credentials.lease(owner, (await current(subject)).version, leaseSeconds)
      const busy = () => new Problem('calendar_busy', { retryAfter: 5 })
      const lease = await untilTaken(patience, take, busy)
      const signal = AbortSignal.timeout(answersIn)
      try {
        const access = await accessBy(await current(subject))
        const { password } = access.account
        const came = await refusedPasswords.attempt(subject, password, signal, () => act(access, signal))
        if (came !== 'refused') return came
      } finally {
        await credentials.release(lease).catch(() => {})
      }
      kept.delete(subject)
      await acts.check(actingFor(subject), () => false)
      throw new Problem('calendar_not_connected')
    },
  }
}

function unlessMissing(error: unknown): undefined {
  if (!(error instanceof Problem) || error.code !== 'service_account_missing') throw error
}

/** Without its account nothing opens the mailbox, and the connection waits for an administrator. */
function withoutAccess(error: unknown): never {
  if (error instanceof Problem && error.code === 'service_account_missing')
    throw new Problem('calendar_not_connected', {}, error)
  throw error
}
