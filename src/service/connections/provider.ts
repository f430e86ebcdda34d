import type { Asked, ProviderName } from '../../contract/connections.ts'
import type { Permits } from '../../contract/permission.ts'
import type { Policies } from '../../contract/policies.ts'
import type { ProblemCode } from '../../contract/problems.ts'
import type { ActiveCaller, Caller } from '../caller.ts'
import type { Answer, Tokens } from '../outbound/oauth.ts'

/** What a person brings to connect: the bearer of the request, and a sign-in at the provider if it needs one. */
export interface Brought {
  bearer: string
  login: unknown
  /** Instead of both: the address of a mailbox, of which the service itself has proved that it is theirs. */
  mailbox?: string
}

/** What a provider gives. An Exchange server has no access tokens: it gives only what the service keeps. */
export type Granted =
  | (Tokens & { opens?: Permits; serviceAccount?: never })
  /** `serviceAccount`: the server whose account opens the mailbox. */
  | { accessToken?: never; refreshToken: string; opens?: never; serviceAccount?: string }

/** How connecting went. `zoomUserId`: the Zoom user who signed in. */
export type Connected = Answer<Granted> & { zoomUserId?: string }

/** Whom a person connects with. An act sends nothing more after `signal`, and throws `Problem`s only. */
export interface Provider {
  readonly name: ProviderName
  /** Seconds for which the provider keeps a refresh token that is not used. */
  readonly keepsFor: number
  /** For so many seconds after the provider accepted the credential, the connection counts as checked. */
  readonly checkedFor: number
  /** Whether this caller can connect. */
  accepts(caller: Caller): boolean
  /** What these policies let the service do with the connection. Undefined: nothing can be connected. */
  permits(policies: Policies): Permits | undefined
  /** What connecting asks of this caller besides what the provider itself asks. */
  asks?(caller: ActiveCaller): Promise<Asked | undefined>
  /**
   * Gets the first tokens. `opens` in the answer: what they allow, which may be less of the contacts than is wanted.
   * Missing: what is wanted. Throws `link_expired`, `invalid_request`, and what is said of an Exchange server.
   */
  connect(caller: ActiveCaller, wanted: Permits, brought: Brought, signal: AbortSignal): Promise<Connected>
  /** Gets the next tokens. Without a refresh token in the answer, this one stays valid. */
  refresh(
    caller: ActiveCaller,
    granted: Permits,
    refreshToken: string,
    signal: AbortSignal,
  ): Promise<Answer<Granted>>
  /** Tells the provider that these tokens are not used any more. False: it could not be told. Missing: it cannot be told. */
  revoke?(tokens: Partial<Tokens>, signal: AbortSignal): Promise<boolean>
}

/** What people read when an act fails, by provider. */
export const problemsOf = {
  microsoft: {
    misconfigured: 'calendar_misconfigured',
    unreachable: 'calendar_unreachable',
    busy: 'calendar_busy',
    refuses: 'calendar_refuses',
    notConnected: 'calendar_not_connected',
    notAllowed: 'calendar_not_allowed',
  },
  google: {
    misconfigured: 'calendar_misconfigured',
    unreachable: 'calendar_unreachable',
    busy: 'calendar_busy',
    refuses: 'calendar_refuses',
    notConnected: 'calendar_not_connected',
    notAllowed: 'calendar_not_allowed',
  },
  zoom: {
    misconfigured: 'zoom_misconfigured',
    unreachable: 'zoom_unreachable',
    busy: 'zoom_busy',
    refuses: 'zoom_busy',
    notConnected: 'zoom_not_connected',
    notAllowed: 'zoom_sign_in_not_allowed',
  },
  exchange: {
    misconfigured: 'exchange_misconfigured',
    unreachable: 'calendar_unreachable',
    busy: 'calendar_busy',
    refuses: 'calendar_refuses',
    notConnected: 'calendar_not_connected',
    notAllowed: 'calendar_not_allowed',
  },
} as const satisfies Record<ProviderName, Record<string, ProblemCode>>
