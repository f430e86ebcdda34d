import { type AccessToken, type Connection, type ProviderName, stateOf } from '../../contract/connections.ts'
import { isMore, isWider, type Permits } from '../../contract/permission.ts'
import { permitsIn } from '../../contract/policies.ts'
import { Problem } from '../../contract/problems.ts'
import type { ActiveCaller, Caller } from '../caller.ts'
import { requireActive } from '../identity/callers.ts'
import { type Log, reasonOf } from '../log.ts'
import type { Policies } from '../policies/policies.ts'
import type { AccessTokens, KeptToken } from './access-tokens.ts'
import { actingFor, type ConnectionActs, ownerOf } from './connections.ts'
import { problemsOf } from './provider.ts'
import type { Standings } from './standing.ts'
import { hasCredential } from './tables.ts'

interface Needs {
  acts: Pick<ConnectionActs, 'check' | 'accepts'>
  policies: Pick<Policies, 'of'>
  tokens: AccessTokens
  standings: Standings
  log: Log
}

/** Milliseconds between two refreshes because an app says that the provider refuses tokens. A fresh one would be refused too. */
const betweenRefusals = 60_000
/** Milliseconds between two tries to refresh in the background. */
const refreshAgain = 30_000

export type Access = ReturnType<typeof accessTo>

/**
 * Access tokens of the connections with one provider. A process fetches one at its first request, and from then on
 * shortly before the last one ends, or when the provider has refused it.
 */
export function accessTo(name: ProviderName, { acts, policies, tokens, standings, log }: Needs) {
  const refreshes = new Map<string, Promise<Connection>>()
  const problems = problemsOf[name]

  /** An access token that is wanted. `isRefused`: one that has just been fetched is not replaced for this. */
  async function current(caller: Caller, wanted: Wanted, isRefused?: Judge): Promise<KeptToken> {
    const isUnfit = await wanted()
    const owner = ownerOf(name, caller)
    const standing = await standings.of(owner)
    requireActive(caller, standing)
    const kept = tokens.find(owner, standing.credential)
    if (kept && kept.since > Date.now() - betweenRefusals && isRefused?.(kept)) throw refuses(kept)
    if (!kept || isUnfit(kept)) return renewed({ ...caller, active: true }, isUnfit, wanted)
    if (kept.renewAt < Date.now()) renewInBackground({ ...caller, active: true }, kept)
    return kept
  }

  /** Waits for the refresh that is running, or for another one. */
  async function renewed(caller: ActiveCaller, isUnfit: Judge, wanted: Wanted): Promise<KeptToken> {
    const owner = ownerOf(name, caller)
    const { state } = await refresh(caller, (kept) => !isUnfit(kept))
    if (!hasCredential(state)) {
      const title = state === 'not_connected' ? {} : { title: stateOf(name, state).says }
      throw new Problem(problems.notConnected, title)
    }
    // The policy may have changed while the provider was asked.
    const isUnfitNow = await wanted()
    const { credential } = await standings.of(owner)
    const kept = tokens.find(owner, credential)
    if (kept && !isUnfitNow(kept)) return kept
    throw new Problem(state === 'connected' ? problems.busy : problems.unreachable, { retryAfter: 30 })
  }

  function renewInBackground(caller: ActiveCaller, before: KeptToken): void {
    before.renewAt = Date.now() + refreshAgain
    refresh(caller, ({ version }) => version > before.version).catch((error) =>
      log.warn('work failed', { work: 'access-token', ...reasonOf(error) }),
    )
  }

  /** One refresh at a time for each caller. `suffices`: what another request has got meanwhile. */
  function refresh(caller: ActiveCaller, suffices: (kept: KeptToken) => boolean): Promise<Connection> {
    const { subject } = caller
    const running = refreshes.get(subject)
    if (running) return running
    const isNeedless = ({ id }: { id: string }) => {
      const kept = tokens.find(ownerOf(name, caller), id)
      return kept !== undefined && suffices(kept)
    }
    const begun = acts.check(caller, isNeedless).finally(() => refreshes.delete(subject))
    refreshes.set(subject, begun)
    return begun
  }

  const refuses = ({ since }: KeptToken) =>
    new Problem(problems.refuses, {
      retryAfter: Math.ceil((since + betweenRefusals - Date.now()) / 1000),
    })

  /** The token for the caller's own apps, and what it may allow. `refused`: the id of one that the provider has refused. */
  async function forApps(caller: Caller, refused: string | undefined) {
    const isRefused = (kept: KeptToken) => isOlder(kept, refused)
    let allowed: Permits | undefined
    const wanted = async () => {
      const permits = await requireDirectAccess(caller)
      allowed = permits
      return (kept: KeptToken) => isRefused(kept) || isWider(kept.asked, permits)
    }
    const kept = await current(caller, wanted, isRefused)
    return { kept, allowed }
  }

  return {
    /** For the caller's own apps. `refused`: the id of a token that the provider has refused. */
    async give(caller: Caller, refused: string | undefined): Promise<AccessToken> {
      const { kept, allowed } = await forApps(caller, refused)
      // Asking again would not help: this is what the provider gives.
      if (isMore(kept.opens.contacts, allowed?.contacts)) throw new Problem('contacts_not_allowed')
      return shown(kept)
    },

    /**
     * The same, of a token that can read the calendar and nothing else. Undefined: the connection's tokens open more.
     * Asking the provider for less would not help, because Entra puts into each token all that was consented to.
     */
    async giveReading(caller: Caller, refused: string | undefined): Promise<AccessToken | undefined> {
      const { kept } = await forApps(caller, refused)
      const { permission, contacts } = kept.opens
      return isMore(permission, 'read') || contacts ? undefined : shown(kept)
    },

    /**
     * For the service itself, which acts for this person: it has checked that they ask, or they asked for it before.
     * `refused`: the token that the provider has just refused.
     */
    async use(subject: string, refused: string | undefined): Promise<string> {
      const wanted = async () => (kept: KeptToken) => kept.secret === refused
      return (await current(actingFor(subject), wanted)).secret
    },
  }

  /**
   * Refuses a caller whose apps get no access token: the organisation wants calendars to be read by the service only, or
   * not at all. Returns what a token may allow.
   */
  async function requireDirectAccess(caller: Caller): Promise<Permits> {
    if (!acts.accepts(caller)) throw new Problem('not_supported')
    const decided = await policies.of(caller)
    const permits = permitsIn(decided)
    if (!permits) throw new Problem('calendar_not_allowed')
    if (decided.apps === 'proxy') throw new Problem('apps_not_allowed')
    return permits
  }
}

type Judge = (kept: KeptToken) => boolean
/** Says which tokens are unfit, as far as is known now. Throws a `Problem` if the caller may have none. */
type Wanted = () => Promise<Judge>

/** Whether the token is the refused one, or came before it. An id of an earlier connection means nothing. */
function isOlder({ credential, version }: KeptToken, refused: string | undefined): boolean {
  const [id, number] = refused?.split('.') ?? []
  return id === credential && version <= Number(number)
}

const shown = ({ secret, credential, version, expiresAt, opens }: KeptToken): AccessToken => ({
  accessToken: secret,
  expiresIn: Math.floor((expiresAt - Date.now()) / 1000),
  id: `${credential}.${version}`,
  opens: { calendar: opens.permission, ...(opens.contacts && { contacts: opens.contacts }) },
})
