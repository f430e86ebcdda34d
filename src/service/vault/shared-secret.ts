import { Problem } from '../../contract/problems.ts'
import { untilTaken } from '../deadline.ts'
import { type Fields, type Log, type LoggedCause, reasonOf, whereabouts } from '../log.ts'
import { type Credential, type Credentials, type RefreshLease, refreshLeaseSeconds } from './credentials.ts'
import { VaultFailure } from './failure.ts'
import type { Owner } from './seal.ts'

/** A secret that its provider ends after a while, such as an access token. */
export interface Fetched {
  secret: string
  /** The provider's `expires_in`. */
  seconds: number
}

interface Needs {
  credentials: Credentials
  owner: Owner
  /** Fetches the next secret, before the signal aborts. The provider may end the one before. */
  fetch(signal: AbortSignal): Promise<Fetched>
  /** What was sealed with this secret needs it: it is made once, and never replaced. */
  isLasting?: boolean
  log: Log
}

/** What this process knows of the stored secret. The instants are in milliseconds. */
interface Known extends Pick<Credential, 'id' | 'version'> {
  secret: string
  since: number
  /** It is not used any more. */
  until: number
  /** The next one is fetched in the background. */
  renewAt: number
}

/** Why a stored secret does not open any more, so that the next one replaces it, unless it is a lasting one. */
const replaceable: readonly VaultFailure['reason'][] = ['not_genuine', 'unknown_key']
/** The key provider and a fetch together end before their lease does, in milliseconds. */
export const fetchMilliseconds = refreshLeaseSeconds * 1000 - 2_000
/** How long a request waits for a leased record, in milliseconds: longer than a lease of a process that has died. */
export const leasePatience = refreshLeaseSeconds * 1000 + 2_500
/** A secret is not used in its last seconds: the call that carries it takes time. */
const leastSeconds = 60
/** Milliseconds between two tries to renew in the background. */
const renewAgain = 30_000
/** Seconds before a secret that lacks a permission is replaced. */
const doubtSeconds = 60

/**
 * A secret that all processes share through the database, sealed. One process at a time fetches the next one: in the
 * background shortly before it expires, or when the provider refuses it. Each process keeps it in memory meanwhile.
 */
export function sharedSecret({ credentials, owner, fetch, isLasting = false, log }: Needs) {
  let known: Known | undefined
  let asked: Promise<Known> | undefined
  let renewing = false

  /** Waits for a secret that is newer than the one that this process knows, or the first. */
  function next(): Promise<Known> {
    const before = known
    return untilTaken(
      leasePatience,
      async () => {
        const found = await stored(credentials.find(owner))
        const adopted = found && isNewer(found, before) && (await adopt(found))
        return adopted || replace(found)
      },
      () => new Problem('service_unreachable'),
    )
  }

  /** Fetches the next secret before this one ends, unless another process has. */
  async function renew(before: Known): Promise<void> {
    const found = await stored(credentials.find(owner))
    if (found && isNewer(found, before) && (await adopt(found))) return
    await replace(found)
  }

  /** Uses the stored secret. Undefined: it ends soon, or cannot be opened and has to be replaced. */
  async function adopt(found: Credential): Promise<Known | undefined> {
    if (!found.sealed || found.secondsLeft < leastSeconds) return undefined
    try {
      return remember(found, await credentials.open(found, found.sealed), found.secondsLeft)
    } catch (error) {
      if (!(error instanceof VaultFailure) || !replaceable.includes(error.reason)) throw unavailable(error)
      log.error('credential not opened', { reason: error.reason })
      if (isLasting) throw unavailable(error)
      return undefined
    }
  }

  /** Fetches and stores the next secret. Undefined: another process does. */
  async function replace(found: Credential | undefined): Promise<Known | undefined> {
    const lease = await stored(credentials.lease(owner, found?.version ?? 0))
    if (!lease) return undefined
    try {
      return await fetchLeased(lease)
    } catch (error) {
      await credentials.release(lease).catch(() => {})
      throw error
    }
  }

  /** The key provider comes first: if it fails, the provider has not ended the secret that is in use. */
  async function fetchLeased(lease: RefreshLease): Promise<Known | undefined> {
    const signal = AbortSignal.timeout(fetchMilliseconds)
    const seal = await stored(credentials.sealer(lease))
    const { secret, seconds } = await fetch(signal)
    const version = await stored(credentials.replace(lease, seal(secret), seconds))
    return version === undefined ? undefined : remember({ id: lease.id, version }, secret, seconds)
  }

  /** A random part keeps the processes out of step. */
  function remember({ id, version }: Pick<Credential, 'id' | 'version'>, secret: string, seconds: number) {
    const since = Date.now()
    const until = since + (seconds - leastSeconds) * 1000
    const renewAt = until - seconds * 1000 * (0.1 + 0.1 * Math.random())
    known = { id, version, secret, since, until, renewAt }
    return known
  }

  function renewInBackground(before: Known): void {
    renewing = true
    before.renewAt = Date.now() + renewAgain
    renew(before)
      .catch((error) => log.warn('work failed', { work: 'vault', ...reasonOf(error) }))
      .finally(() => {
        renewing = false
      })
  }

  return {
    /**
     * The secret. `refused`: the provider has refused this one. Throws what `fetch` throws, and `service_unreachable` if
     * the database or the key provider fails.
     */
    async current(refused?: string): Promise<string> {
      if (known && known.secret !== refused && known.until > Date.now()) {
        if (known.renewAt < Date.now() && !renewing) renewInBackground(known)
        return known.secret
      }
      asked ??= next().finally(() => {
        asked = undefined
      })
      return (await asked).secret
    },

    /** The provider says that this secret lacks a permission: a newer one may have it. */
    doubt(secret: string): void {
      if (known?.secret === secret) known.renewAt = Math.min(known.renewAt, known.since + doubtSeconds * 1000)
    },
  }
}

export type SharedSecret = ReturnType<typeof sharedSecret>

/** Whether the database has another secret than the one that was in use. */
const isNewer = (found: Credential, before: Known | undefined) =>
  !before || found.id !== before.id || found.version > before.version

/** The database or the key provider could not be asked. */
class VaultUnavailable extends Error implements LoggedCause {
  constructor(readonly logFields: Fields) {
    super('The vault is not available')
    this.name = 'VaultUnavailable'
  }
}

const unavailable = (error: unknown) =>
  new Problem(
    'service_unreachable',
    {},
    new VaultUnavailable(error instanceof VaultFailure ? error.logFields : whereabouts(error)),
  )

const stored = <T>(answer: Promise<T>): Promise<T> =>
  answer.catch((error) => Promise.reject(unavailable(error)))
