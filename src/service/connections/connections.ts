import {
  type Connection,
  type ConnectionState,
  type ProviderName,
  providers as providerNames,
  type Connections as Shown,
  type SyncState,
  stateOf,
  syncSays,
} from '../../contract/connections.ts'
import { inBoth, isMore, isWider, type Permission, type Permits } from '../../contract/permission.ts'
import type { Policies as Values } from '../../contract/policies.ts'
import { Problem } from '../../contract/problems.ts'
import { problems as sentences } from '../../contract/service-problems.ts'
import type { Act } from '../audit/acts.ts'
import type { Entry } from '../audit/append.ts'
import type { Audit } from '../audit/audit.ts'
import type { ActiveCaller, Caller } from '../caller.ts'
import type { Database } from '../database/open.ts'
import { untilTaken } from '../deadline.ts'
import type { Callers } from '../identity/callers.ts'
import type { Log } from '../log.ts'
import type { Answer, Refused, Tokens } from '../outbound/oauth.ts'
import type { Policies } from '../policies/policies.ts'
import type { Credential, Credentials, Ended, RefreshLease } from '../vault/credentials.ts'
import { VaultFailure } from '../vault/failure.ts'
import { fetchMilliseconds, leasePatience } from '../vault/shared-secret.ts'
import type { AccessTokens } from './access-tokens.ts'
import { type Brought, type Granted, type Provider, problemsOf } from './provider.ts'
import { connectionRecords } from './records.ts'
import type { Standings } from './standing.ts'
import { storing } from './storing.ts'
import { hasCredential } from './tables.ts'

/** Who hears of connections with Microsoft 365 and with Exchange servers; of `changed`, also with Google. */
export interface ConnectionListeners {
  /** A calendar of this person was connected, or its connection has ended. */
  changed?(subject: string): void
  connected?(caller: ActiveCaller): void
  /** The connection ends after this: its access token still works. It must not throw. */
  ending?(subject: string): Promise<void>
  ended?(subject: string): void
  /** How meetings follow this person's calendar. */
  syncOf?(caller: Caller): Promise<SyncState>
  /**
   * The person is here and has no calendar connected. `moved`: meetings of theirs followed a calendar at the other provider, in
   * Microsoft 365 or on a server. `arrived`: that calendar is here now, and is connected.
   */
  looked?(caller: Caller): Promise<'moved' | 'arrived' | undefined>
}

export interface Needs {
  database: Database
  audit: Audit
  callers: Callers
  policies: Pick<Policies, 'of' | 'mostFor'>
  credentials: Credentials
  tokens: AccessTokens
  standings: Standings
  listeners: ConnectionListeners
  /** Those that the service is set up for. */
  providers: Partial<Record<ProviderName, Provider>>
  log: Log
}

/** Seconds between a credential and the end of a consent in which it is not certain which of them came first. */
const inDoubt = 10

/** What the audit trail calls each connection. */
const nouns = {
  microsoft: 'calendar',
  google: 'calendar',
  exchange: 'calendar',
  zoom: 'zoom',
} as const satisfies Record<ProviderName, string>

export type ConnectionActs = ReturnType<typeof connectionActs>

/** The connections of people with one provider. Each act is about the caller's own records: they name no other. */
export function connectionActs(needs: Needs, name: ProviderName) {
  const { database, audit, callers, policies, credentials, tokens, standings, log } = needs
  const provider = needs.providers[name]
  const records = connectionRecords(database, name)
  const problems = problemsOf[name]

  /**
   * What the caller's organisation lets the service do with the connection. Undefined: they can connect nothing. While
   * the person is not asking, nothing ends because a group is not known.
   */
  async function allowedFor(caller: Caller): Promise<Permits | undefined> {
    if (!caller.acting) return provider?.permits(await policies.of(caller))
    const most = await policies.mostFor([caller.subject])
    const values = most.get(caller.subject)
    return values && provider?.permits(values)
  }

  async function connect(caller: ActiveCaller, brought: Brought): Promise<Connection> {
    if (!provider?.accepts(caller)) throw new Problem('not_supported')
    const before = await records.find(caller.subject)
    if (before?.state === 'disconnected_by_administrator') return shown(before.state, permitsOf(before))
    const allowed = await allowedFor(caller)
    if (!allowed) throw new Problem(problems.notAllowed)
    const lease = await leased(caller, async (found) =>
      credentials.lease(ownerOf(name, caller), found?.version ?? 0),
    )
    return releasing(lease, async () => {
      const signal = AbortSignal.timeout(fetchMilliseconds)
      const seal = await inTime(credentials.sealer(lease), signal)
      const answer = await provider.connect(caller, allowed, brought, signal)
      return discarding(lease, answer, async () => {
        if (answer.kind === 'refused') return stop(caller, allowed, lease, answer)
        if (answer.kind === 'misconfigured') throw new Problem(problems.misconfigured)
        if (answer.kind === 'down' || !answer.refreshToken) throw unreachable(answer)
        const sealed = seal(answer.refreshToken)
        const made = { ...grantedIn(answer, allowed, allowed), serviceAccount: answer.serviceAccount }
        const version = await audit.together(database, async (all, record) => {
          await callers.hold(caller, all, answer.zoomUserId)
          const version = await credentials.replace(lease, sealed, provider.keepsFor, all)
          if (version === undefined) return undefined
          await records.put(caller.subject, made, 'connected', all)
          const moved = caller.acting && { reason: 'moved' }
          await record(entryOf('connected', caller, { ...detailOf(made, allowed), ...moved }))
          return version
        })
        if (version === undefined) return current(caller)
        keep(lease, version, allowed, answer)
        needs.listeners.connected?.(caller)
        needs.listeners.changed?.(caller.subject)
        return withMissing(shown('connected', made), allowed)
      })
    })
  }

  /**
   * The state now. Asks the provider, unless that is needless or the provider is known to be down. A connection that may
   * do more than a policy allows now goes on with less, or ends.
   */
  async function check(
    caller: ActiveCaller,
    isNeedless: (found: Credential) => boolean = ({ age }) => age < (provider?.checkedFor ?? 0),
    allowed = allowedFor,
  ): Promise<Connection> {
    const [row, permits] = await Promise.all([records.find(caller.subject), allowed(caller)])
    if (!row) return shown('not_connected', permits ?? least)
    const before = permitsOf(row)
    if (!provider || !hasCredential(row.state) || (row.waiting && permits)) return shown(row.state, before)
    const isTooMuch = !permits || isWider(before, permits)
    const taken = await leased(caller, async (found) => {
      if (!found?.sealed || (!isTooMuch && isNeedless(found))) return { found }
      const lease = await credentials.lease(ownerOf(name, caller), found.version)
      return lease && { found, lease }
    })
    const { found, lease } = { lease: undefined, ...taken }
    if (!found?.sealed) return lost(caller)
    if (!lease) return current(caller)
    return releasing(lease, async () => {
      if (!permits) {
        const stopped = await stop(caller, before, lease, { state: 'permission_lowered' })
        tell(found)
        return stopped
      }
      // Nobody's proof says that the person may have more than before.
      const allowed = caller.acting ? inBoth(before, permits) : permits
      return refresh(provider, caller, { before, allowed }, found, lease)
    })
  }

  async function refresh(
    provider: Provider,
    caller: ActiveCaller,
    { before, allowed }: { before: Permits; allowed: Permits },
    found: Credential,
    lease: RefreshLease,
  ) {
    const wanted = inBoth(before, allowed)
    const signal = AbortSignal.timeout(fetchMilliseconds)
    const [secret, seal] = await inTime(Promise.all([opened(found), credentials.sealer(lease)]), signal)
    if (secret === undefined) return stop(caller, wanted, lease, { state: 'needs_sign_in' })
    const answer = await provider.refresh(caller, wanted, secret, signal)
    return discarding(lease, answer, async () => {
      if (answer.kind === 'refused') return stop(caller, wanted, lease, answer)
      if (answer.kind !== 'granted') {
        await records.failed(caller.subject, 'retryAfter' in answer ? answer.retryAfter : undefined)
        return current(caller)
      }
      const sealed = seal(answer.refreshToken ?? secret)
      const granted = grantedIn(answer, wanted, allowed)
      // The provider may have ended the refresh token before: this one is the only one.
      const version = await storing(() =>
        audit.together(database, async (all, record) => {
          const version = await credentials.replace(lease, sealed, provider.keepsFor, all)
          if (version !== undefined) {
            const { serviceAccount } = answer
            await records.put(caller.subject, { ...granted, serviceAccount }, 'connected', all)
          }
          const entry = entryOf('connected', caller, detailOf(granted, before))
          if (version !== undefined && isWider(before, granted))
            await record({ ...entry, act: 'calendar lowered' })
          else if (version !== undefined && isWider(granted, before)) await record(entry)
          return version
        }),
      )
      if (version !== undefined) keep(lease, version, wanted, answer)
      return current(caller)
    })
  }

  /**
   * The provider says that the person withdrew its consent, so many seconds ago. A credential that is clearly older
   * ends, and a newer one stays. In between, clocks cannot tell, so the provider is asked. Throws a `Problem` if that
   * is not settled.
   */
  async function withdrawn(subject: string, ago: number): Promise<void> {
    const caller = actingFor(subject)
    const row = await records.find(subject)
    if (!provider || !row || !hasCredential(row.state)) return
    const { found, lease } = await leased(caller, async (found) => {
      if (!found?.sealed || found.age < ago - inDoubt) return { found: undefined }
      const lease = await credentials.lease(ownerOf(name, caller), found.version)
      return lease && { found, lease }
    })
    if (!found) return
    await releasing(lease, async () => {
      const state = 'revoked_by_provider'
      const before = permitsOf(row)
      if (found.age > ago + inDoubt) return stop(caller, before, lease, { state })
      const asked = { ...provider, refresh: refusedAs(state, provider.refresh) }
      const now = await refresh(asked, caller, { before, allowed: before }, found, lease)
      if (now.state === 'provider_down') throw new Problem(problems.unreachable)
      return now
    })
  }

  /** The provider says that it has the person's calendar no more: the credential is of no use. */
  async function gone(subject: string): Promise<void> {
    const caller = actingFor(subject)
    const row = await records.find(subject)
    if (!row || !hasCredential(row.state)) return
    const lease = await leased(caller, async (found) =>
      credentials.lease(ownerOf(name, caller), found?.version ?? 0),
    )
    await releasing(lease, () => stop(caller, permitsOf(row), lease, { state: 'revoked_by_provider' }))
  }

  /** Keeps the access token that came with the credential, if one did. */
  function keep(lease: RefreshLease, version: number, asked: Permits, answer: Granted): void {
    if (answer.accessToken) tokens.keep(lease, version, asked, answer)
    standings.forget(lease.owner)
  }

  /** Nothing in memory of this process outlives the connection. */
  function forget(subject: string): void {
    const owner = ownerOf(name, { subject })
    tokens.forget(owner)
    standings.forget(owner)
  }

  /** The provider refuses: its state is stored once, and without a credential nobody asks the provider again. */
  async function stop(
    caller: ActiveCaller,
    permits: Permits,
    lease: RefreshLease,
    { state, claims }: Pick<Extract<Answer, { kind: 'refused' }>, 'state' | 'claims'>,
  ): Promise<Connection> {
    const stopped = await audit.together(database, async (all, record) => {
      await callers.hold(caller, all)
      if (!(await credentials.destroyLeased(lease, all))) return false
      await records.put(caller.subject, permits, state, all)
      await record(entryOf('stopped', caller, { reason: state }))
      return true
    })
    forget(caller.subject)
    if (!stopped) return current(caller)
    needs.listeners.changed?.(caller.subject)
    return { ...shown(state, permits), ...(claims && { claims }) }
  }

  /** The credential of a connection is gone: it was not used for too long, or the person has just disconnected. */
  async function lost(caller: ActiveCaller): Promise<Connection> {
    await audit.together(database, async (all, record) => {
      await callers.hold(caller, all)
      if (await records.lapse(caller.subject, all))
        await record(entryOf('stopped', caller, { reason: 'needs_sign_in' }))
    })
    return current(caller)
  }

  async function disconnect(caller: ActiveCaller): Promise<void> {
    const owner = ownerOf(name, caller)
    await needs.listeners.ending?.(caller.subject)
    const ended = await audit.together(database, async (all, record) => {
      if (name === 'zoom') await callers.inTurn(caller.subject, all)
      const destroyed = await credentials.destroy(owner, all)
      const removed = await records.remove(caller.subject, all)
      if (removed && name === 'zoom') await callers.untie(caller.subject, all)
      if (destroyed || removed) await record(entryOf('disconnected', caller))
      return destroyed
    })
    forget(caller.subject)
    needs.listeners.ended?.(caller.subject)
    needs.listeners.changed?.(caller.subject)
    // Waits, because Zoom would end a connection that the person makes meanwhile.
    if (ended) await tell(ended)
  }

  /** Tells the provider that the credential, which is deleted already, is not used any more. It is told once. */
  async function tell(ended: Ended): Promise<void> {
    if (!provider?.revoke || !ended.sealed) return
    const refreshToken = await opened(ended).catch(() => undefined)
    if (refreshToken === undefined) log.warn('provider not told', { provider: name })
    else await revoke({ refreshToken })
  }

  async function revoke(granted: Partial<Tokens>): Promise<void> {
    const told = await provider?.revoke?.(granted, AbortSignal.timeout(fetchMilliseconds)).catch(() => false)
    if (told === false) log.warn('provider not told', { provider: name })
  }

  /** Tells the provider about tokens that came and are not stored, unless others of the same person are. */
  async function discarding<T>(
    lease: RefreshLease,
    answer: Answer<Granted>,
    act: () => Promise<T>,
  ): Promise<T> {
    try {
      return await act()
    } finally {
      const came = answer.kind === 'granted' ? answer : 'tokens' in answer ? answer.tokens : undefined
      if (came && provider?.revoke) {
        const isStored = await credentials.find(lease.owner).then(
          (found) => Boolean(found?.sealed),
          () => true,
        )
        if (!isStored) await revoke(came)
      }
    }
  }

  async function current({ subject }: ActiveCaller): Promise<Connection> {
    const row = await records.find(subject)
    return shown(row?.state ?? 'not_connected', row ? permitsOf(row) : least)
  }

  /** Tries `take` until it has what it needs: another request, of any process, may be working on the record. */
  function leased<Taken>(
    caller: ActiveCaller,
    take: (found: Credential | undefined) => Promise<Taken | undefined>,
  ): Promise<Taken> {
    const takeNow = async () => take(await credentials.find(ownerOf(name, caller)))
    return untilTaken(leasePatience, takeNow, () => new Problem(problems.busy))
  }

  /** Ends the lease if the act leaves it. */
  async function releasing<T>(lease: RefreshLease, act: () => Promise<T>): Promise<T> {
    try {
      return await act()
    } finally {
      await credentials.release(lease).catch(() => {})
    }
  }

  /** Undefined: it can never be opened again. A key that this process lacks may be that of a process that started later. */
  async function opened(found: Ended): Promise<string | undefined> {
    try {
      return found.sealed ? await credentials.open(found, found.sealed) : undefined
    } catch (error) {
      if (!(error instanceof VaultFailure) || error.reason !== 'not_genuine') throw error
      log.error('credential not opened', { reason: error.reason })
      return undefined
    }
  }

  /** The organisation allows no connection any more, so the person cannot connect again. */
  const withoutWayOut = (connection: Connection): Connection =>
    connection.state === 'disconnected_by_administrator'
      ? connection
      : { ...connection, says: sentences[problems.notAllowed].says, wayOut: 'none' }

  /** What the audit trail says of an act of the caller on their connection. */
  const entryOf = (
    act: 'connected' | 'stopped' | 'disconnected',
    { subject: caller }: ActiveCaller,
    detail: Record<string, string> = {},
  ): Entry => ({ act: `${nouns[name]} ${act}` satisfies Act, caller, detail: { provider: name, ...detail } })

  const shown = (state: ConnectionState, { permission, contacts }: Permits): Connection => {
    const { says, wayOut } = stateOf(name, state)
    return { state, says, wayOut, permission, ...(contacts && { contacts }) }
  }

  async function asked(caller: ActiveCaller): Promise<Pick<Connection, 'asks'>> {
    const asks = await provider?.asks?.(caller)
    return asks ? { asks } : {}
  }

  const unreachable = (answer: Answer<Granted>) =>
    new Problem(
      problems.unreachable,
      'retryAfter' in answer && answer.retryAfter ? { retryAfter: answer.retryAfter } : {},
    )

  callers.whenDisconnected((subject, ended) => {
    forget(subject)
    for (const credential of ended) if (credential.owner.provider === name) tell(credential)
  })

  return {
    connect: async (caller: ActiveCaller, brought: Brought): Promise<Connection> => ({
      ...(await connect(caller, brought)),
      ...(await asked(caller)),
    }),
    disconnect,
    check,
    withdrawn,
    gone,
    /** What policies let the service do with a connection. Undefined also where the service has no such provider. */
    permits: (values: Values) => provider?.permits(values),

    /**
     * Lowers the connection of a person to what they are allowed, or ends it. They are not asking. `isOtherWay`: it may be
     * opened in another way than a policy allows, which the provider knows.
     */
    async restrict(subject: string, allowed: Permits | undefined, isOtherWay = false): Promise<void> {
      await check(
        actingFor(subject),
        () => !isOtherWay,
        async () => allowed,
      )
    },

    /** Whether the service can connect this caller at all. */
    accepts: (caller: Caller) => provider?.accepts(caller) ?? false,

    /** The state, as the caller sees it. Undefined: they can connect nothing here. */
    async seenBy(caller: ActiveCaller): Promise<Connection | undefined> {
      if (!provider?.accepts(caller)) return undefined
      const connection = await check(caller)
      const allowed = await allowedFor(caller)
      const asks = await asked(caller)
      if (allowed)
        return hasCredential(connection.state)
          ? withMissing({ ...connection, ...asks }, allowed)
          : { ...connection, ...shown(connection.state, allowed), ...asks }
      return connection.state === 'not_connected' ? undefined : withoutWayOut(connection)
    },
  }
}

/**
 * What the vault answers before the signal, which counts from the lease, aborts. Later another process may have the lease
 * and ask the provider, which may accept the secret only once.
 */
async function inTime<T>(answer: Promise<T>, signal: AbortSignal): Promise<T> {
  const answered = await answer
  if (signal.aborted) throw new Problem('service_unreachable', { retryAfter: 5 }, signal.reason)
  return answered
}

/** What is said of a connection that cannot be made. */
const least: Permits = { permission: 'read' }

const permitsOf = ({
  permission,
  contacts,
}: {
  permission: Permission
  contacts: Permission | null
}): Permits => ({
  permission,
  contacts: contacts ?? undefined,
})

/** What a connection has after this answer. Of the contacts it has no more than is allowed, whatever the provider gave. */
const grantedIn = ({ opens }: Granted, wanted: Permits, allowed: Permits): Permits => ({
  permission: wanted.permission,
  contacts: opens ? inBoth(opens, allowed).contacts : wanted.contacts,
})

/** What the audit trail says of a connection. Contacts are named only where they were or could have been a part of it. */
const detailOf = ({ permission, contacts }: Permits, before: Permits) => ({
  permission,
  ...((contacts || before.contacts) && { contacts: contacts ?? 'off' }),
})

const withMissing = (connection: Connection, { contacts }: Permits): Connection =>
  isMore(contacts, connection.contacts) ? { ...connection, contactsMissing: true } : connection

/** The same, and a refusal is this state. */
const refusedAs =
  (state: Refused, refresh: Provider['refresh']): Provider['refresh'] =>
  async (...asked) => {
    const answer = await refresh(...asked)
    return answer.kind === 'refused' ? { ...answer, state } : answer
  }

/** Every provider that the caller can connect with, and the state. */
export async function allOf(
  acts: Record<ProviderName, ConnectionActs>,
  caller: ActiveCaller,
  listeners: ConnectionListeners,
  isFirst = true,
): Promise<Shown> {
  const seen = await Promise.all(providerNames.map(async (name) => [name, await acts[name].seenBy(caller)]))
  const all: Shown = Object.fromEntries(seen.filter(([, connection]) => connection))
  const calendar = all.microsoft ?? all.exchange
  const { syncOf, looked } = listeners
  if (calendar?.state === 'not_connected') {
    const came = isFirst ? await looked?.(caller) : undefined
    if (came === 'arrived') return allOf(acts, caller, listeners, false)
    if (came) return { ...all, sync: syncSays[all.microsoft ? 'left' : 'moved'] }
  }
  if (!syncOf || !calendar || !hasCredential(calendar.state)) return all
  return { ...all, sync: syncSays[await syncOf(caller)] }
}

/** The service itself, which acts for this person without a proof of theirs. */
export const actingFor = (subject: string): ActiveCaller => ({
  subject,
  proof: subject.startsWith('entra:') ? 'entra' : 'exchange',
  provedAt: Date.now(),
  active: true,
  acting: true,
})

/** Whose credential it is: that of the person's directory, or of their mailbox on an Exchange server. */
export const ownerOf = (provider: ProviderName, { subject }: Pick<Caller, 'subject'>) =>
  ({
    organisation: subject.split(':')[1] ?? '',
    caller: subject,
    provider,
    purpose: provider === 'exchange' ? 'password' : 'refresh-token',
  }) as const
