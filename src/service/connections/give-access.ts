import {
  type AccessToken,
  type Connection,
  type ConnectionState,
  connectionStates,
} from '../../contract/connections.ts'
import { isMore, type Permission } from '../../contract/permission.ts'
import { permissionIn } from '../../contract/policies.ts'
import { Problem } from '../../contract/problems.ts'
import type { ActiveCaller, Caller } from '../caller.ts'
import { requireActive } from '../identity/callers.ts'
import { type Log, reasonOf } from '../log.ts'
import type { Policies } from '../policies/policies.ts'
import type { AccessTokens, KeptToken } from './access-tokens.ts'
import { type ConnectionActs, hasCredential, ownerOf } from './connections.ts'
import type { Standings } from './standing.ts'

interface Needs {
  connections: Pick<ConnectionActs, 'check'>
  policies: Pick<Policies, 'of'>
  tokens: AccessTokens
  standings: Standings
  /** Whether the service can connect calendars at all. */
  offered: boolean
  log: Log
}

/** Milliseconds between two refreshes because the provider is said to refuse tokens. A fresh one would be refused too. */
const betweenRefusals = 60_000
/** Milliseconds between two tries to refresh in the background. */
const refreshAgain = 30_000

export type GiveAccess = ReturnType<typeof createGiveAccess>

/**
 * Gives the caller's own apps an access token of the calendar's provider. A process fetches one at its first request,
 * and from then on shortly before the last one ends, or when the provider has refused it.
 */
export function createGiveAccess({ connections, policies, tokens, standings, offered, log }: Needs) {
  const refreshes = new Map<string, Promise<Connection>>()

  /** `refused`: the id of a token that the provider has refused. */
  async function give(caller: Caller, refused: string | undefined): Promise<AccessToken> {
    const permission = await requireDirectAccess(caller)
    const isUnfit = (kept: KeptToken) => isOlder(kept, refused) || isMore(kept.permission, permission)
    const standing = await standings.of(ownerOf(caller))
    requireActive(caller, standing)
    const kept = tokens.find(caller.subject, standing.credential)
    if (kept && kept.since > Date.now() - betweenRefusals && isOlder(kept, refused)) throw refuses(kept)
    if (!kept || isUnfit(kept)) return renewed({ ...caller, active: true }, isUnfit)
    if (kept.renewAt < Date.now()) renewInBackground({ ...caller, active: true }, kept)
    return shown(kept)
  }

  /**
   * Refuses a caller whose apps get no access token: the organisation wants calendars to be read by the service only, or
   * not at all. Returns what a token may allow.
   */
  async function requireDirectAccess(caller: Caller): Promise<Permission> {
    if (!offered || caller.proof !== 'entra') throw new Problem('not_supported')
    const decided = await policies.of(caller)
    const permission = permissionIn(decided)
    if (!permission) throw new Problem('calendar_not_allowed')
    if (decided.apps === 'proxy') throw new Problem('apps_not_allowed')
    return permission
  }

  /** Waits for the refresh that is running, or for another one. */
  async function renewed(caller: ActiveCaller, isUnfit: (kept: KeptToken) => boolean): Promise<AccessToken> {
    const { state } = await refresh(caller, (kept) => !isUnfit(kept))
    if (!hasCredential(state)) throw notConnected(state)
    // The policy may have changed while Entra was asked.
    const permission = await requireDirectAccess(caller)
    const { credential } = await standings.of(ownerOf(caller))
    const kept = tokens.find(caller.subject, credential)
    if (kept && !isUnfit(kept) && !isMore(kept.permission, permission)) return shown(kept)
    throw new Problem(state === 'connected' ? 'calendar_busy' : 'calendar_unreachable', { retryAfter: 30 })
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
      const kept = tokens.find(subject, id)
      return kept !== undefined && suffices(kept)
    }
    const begun = connections.check(caller, isNeedless).finally(() => refreshes.delete(subject))
    refreshes.set(subject, begun)
    return begun
  }

  return give
}

/** Whether the token is the refused one, or came before it. An id of an earlier connection means nothing. */
function isOlder({ credential, version }: KeptToken, refused: string | undefined): boolean {
  const [id, number] = refused?.split('.') ?? []
  return id === credential && version <= Number(number)
}

const shown = ({ secret, credential, version, expiresAt }: KeptToken): AccessToken => ({
  accessToken: secret,
  expiresIn: Math.floor((expiresAt - Date.now()) / 1000),
  id: `${credential}.${version}`,
})

const refuses = ({ since }: KeptToken) =>
  new Problem('calendar_refuses', { retryAfter: Math.ceil((since + betweenRefusals - Date.now()) / 1000) })

/** Says what has ended the connection, and what the person can do. */
const notConnected = (state: ConnectionState) =>
  new Problem(
    'calendar_not_connected',
    state === 'not_connected' ? {} : { title: connectionStates[state].says },
  )
