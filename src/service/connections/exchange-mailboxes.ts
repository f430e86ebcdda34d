import { readFileSync } from 'node:fs'
import { z } from 'zod'
import type { Account } from '../../contract/connections.ts'
import { Problem } from '../../contract/problems.ts'
import { untilTaken } from '../deadline.ts'
import { requireActive } from '../identity/callers.ts'
import type { ExchangeEndpoint } from '../identity/exchange/settings.ts'
import { lastUsed } from '../last-used.ts'
import type { EwsServer } from '../providers/exchange/ews.ts'
import type { ExchangeAccess } from '../providers/exchange/requests.ts'
import type { Credentials } from '../vault/credentials.ts'
import { actingFor, type ConnectionActs, ownerOf } from './connections.ts'
import type { RefusedPasswords } from './refused-passwords.ts'
import type { Standings } from './standing.ts'

/** What is sealed: everything that opens the mailbox later. */
const sealed = z.object({ server: z.string(), user: z.string(), password: z.string() })

/** Reads a secret. `server`: the metadata address of the server that has the mailbox. */
export const accountIn = (secret: string) => sealed.parse(JSON.parse(secret))

/** Servers whose calendars are asked for, by their metadata address. */
export type ExchangeServers = ReadonlyMap<string, EwsServer>

export const exchangeServers = (endpoints: readonly ExchangeEndpoint[]): ExchangeServers =>
  new Map(
    endpoints.flatMap(({ ewsUrl, ca, metadataUrl, ...row }): [string, EwsServer][] =>
      ewsUrl ? [[metadataUrl, { ...row, ewsUrl, ca: ca && readFileSync(ca, 'utf8') }]] : [],
    ),
  )

/** `DOMAIN\user`, or a user principal name. */
export function named({ user, password }: Account) {
  const [first = '', ...rest] = user.split('\\')
  return rest.length === 0
    ? { domain: '', user: first, password }
    : { domain: first, user: rest.join('\\'), password }
}

interface Needs {
  servers: ExchangeServers
  credentials: Pick<Credentials, 'find' | 'open' | 'lease' | 'release'>
  standings: Standings
  refusedPasswords: Pick<RefusedPasswords, 'attempt'>
  acts: Pick<ConnectionActs, 'check'>
}

/** Seconds of the lease with which a question proves a password, which may take its time. */
const leaseSeconds = 12
/** Milliseconds of it in which the server has to answer, and for which others wait. */
const [answersIn, patience] = [10_000, 14_500]

/** People whose password this process has in memory. */
const mostKept = 10_000

export type ExchangeMailboxes = ReturnType<typeof exchangeMailboxes>

/** Access to mailboxes on Exchange servers for the service itself, by the accounts that people have connected. */
export function exchangeMailboxes({ servers, credentials, standings, refusedPasswords, acts }: Needs) {
  const kept = lastUsed<{ credential: string; version: number; access: ExchangeAccess }>(mostKept)

  /** The account that is stored now. */
  async function current(subject: string) {
    const found = await credentials.find(ownerOf('exchange', { subject }))
    if (!found?.sealed) throw new Problem('calendar_not_connected')
    const last = kept.get(subject)
    if (last?.credential === found.id && last.version === found.version) return last
    const before = last?.access
    const { server: address, ...account } = accountIn(await credentials.open(found, found.sealed))
    const server = servers.get(address)
    if (!server) throw new Problem('calendar_not_connected')
    const { id, version } = found
    const made = { id: `${id}.${version}`, server, account: named(account) }
    const isSame = before && JSON.stringify(before.account) === JSON.stringify(made.account)
    const now = { credential: id, version, access: isSame && before?.server === server ? before : made }
    kept.set(subject, now)
    return now
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
      if (last?.credential === standing.credential && last.version === standing.version) return last.access
      return (await current(subject)).access
    },

    /** Asks the server whether it has the mailbox: if it says that it has not, the connection ends. */
    async check(subject: string): Promise<void> {
      await acts.check(actingFor(subject), () => false)
    },

    /**
     * Runs `act` with the lease of the credential, as those do who check or replace it: so of all processes one tries the
     * password. If the server refuses it, the connection ends, unless there is another one by now. Throws as `open` does,
     * and `calendar_busy`.
     */
    async prove<Came>(
      subject: string,
      act: (access: ExchangeAccess, signal: AbortSignal) => Promise<Came | 'refused'>,
    ): Promise<Came> {
      const owner = ownerOf('exchange', { subject })
      const take = async () => credentials.lease(owner, (await current(subject)).version, leaseSeconds)
      const busy = () => new Problem('calendar_busy', { retryAfter: 5 })
      const lease = await untilTaken(patience, take, busy)
      const signal = AbortSignal.timeout(answersIn)
      try {
        const { access } = await current(subject)
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
