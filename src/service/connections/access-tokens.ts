import type { Permits } from '../../contract/permission.ts'
import { lastUsed } from '../last-used.ts'
import type { RefreshLease } from '../vault/credentials.ts'
import type { Owner } from '../vault/seal.ts'

/** Names the connection of a caller with a provider. */
export const nameOf = ({ provider, caller }: Owner) => `${provider} ${caller}`

/** An access token of a caller, in memory. The instants are in milliseconds. */
export interface KeptToken {
  readonly secret: string
  /** The id of the credential that it came with, and its version: each refresh is one higher, in any process. */
  readonly credential: string
  readonly version: number
  /** What was asked for, and what the provider put into it, which may be more. */
  readonly asked: Permits
  readonly opens: Permits
  readonly since: number
  readonly expiresAt: number
  /** It is not handed out any more: the call that carries it takes time. */
  readonly until: number
  /** The next one is fetched in the background. */
  renewAt: number
}

/** Access tokens in memory. Of more people, those who asked last have one. */
const mostTokens = 10_000
/** A token is not handed out in its last seconds, or in its last tenth if that is shorter. */
const leastSeconds = 60

export type AccessTokens = ReturnType<typeof accessTokens>

/** The access tokens that this process has. They are in memory only, and no longer than the provider says. */
export function accessTokens() {
  const tokens = lastUsed<KeptToken>(mostTokens)
  /** A newer one stays. */
  const forgetOne = (name: string, token: KeptToken) => tokens.get(name) === token && tokens.delete(name)

  return {
    /** Keeps a token that came with this version of a credential. A random part keeps connections and processes out of step. */
    keep(
      { owner, id }: RefreshLease,
      version: number,
      asked: Permits,
      {
        accessToken: secret,
        seconds,
        opens = asked,
      }: { accessToken: string; seconds: number; opens?: Permits },
    ): void {
      const since = Date.now()
      const expiresAt = since + seconds * 1000
      const until = expiresAt - Math.min(leastSeconds, seconds / 10) * 1000
      const renewAt = until - seconds * 1000 * (0.1 + 0.1 * Math.random())
      tokens.set(nameOf(owner), {
        secret,
        credential: id,
        version,
        asked,
        opens,
        since,
        expiresAt,
        until,
        renewAt,
      })
    },

    /** The caller's token, if it can be handed out and came with this credential. */
    find(owner: Owner, credential: string | null): KeptToken | undefined {
      const token = tokens.get(nameOf(owner))
      return token && token.credential === credential && token.until > Date.now() ? token : undefined
    },

    forget: (owner: Owner) => void tokens.delete(nameOf(owner)),

    /**
     * Forgets tokens that have ended, and those whose credential is gone: another process may have disconnected their
     * person. `existing`: which of these credentials the database still has.
     */
    async forgetEnded(existing: (ids: string[]) => Promise<Set<string>>): Promise<void> {
      const kept = tokens.entries()
      if (kept.length === 0) return
      const ids = await existing(kept.map(([, { credential }]) => credential))
      for (const [name, token] of kept)
        if (!ids.has(token.credential) || token.expiresAt < Date.now()) forgetOne(name, token)
    },
  }
}
