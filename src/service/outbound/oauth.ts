import { z } from 'zod'
import { type ConnectionState, longestClaims } from '../../contract/connections.ts'
import { onceMore } from './once-more.ts'

/** An authorization code, and the verifier of PKCE (RFC 7636) that belongs to it. */
export interface Authorization {
  code: string
  verifier: string
}

export interface Tokens {
  accessToken: string
  /** Until the provider ends the access token. */
  seconds: number
  /** What it opens, in the provider's words. Empty: the provider does not say. */
  scope: string
  refreshToken?: string
}

/** How a provider answered a request for tokens. */
export type Answer<Granted = Tokens> =
  | ({ kind: 'granted' } & Granted)
  /** `claims`: what the person's next access token must satisfy, as JSON. `tokens`: granted, and too little for us. */
  | { kind: 'refused'; state: Refused; claims?: string; tokens?: Tokens }
  /** The provider refuses the service itself: its secret or its registration. */
  | { kind: 'misconfigured' }
  /** `retryAfter` in seconds, if the provider said it. `tokens`: granted, and then the provider failed. */
  | { kind: 'down'; retryAfter?: number; tokens?: Tokens }

export type Refused = Extract<ConnectionState, 'needs_sign_in' | 'revoked_by_provider' | 'permission_lowered'>

/** A refusal (RFC 6749, section 5.2). `error_codes` and `claims` are Entra's. */
export type Refusal = z.infer<typeof refusal>

export interface TokenRequest {
  url: string
  headers?: Record<string, string>
  form: Record<string, string>
  /** The request changes nothing at the provider that a second one would miss. */
  repeatable: boolean
  /** Whether the scopes that were granted are enough. Missing: the provider names none for such a grant. */
  suffices?(scope: string): boolean
  /** What the provider's own errors mean. By default a refusal of the grant means *needs sign-in*. */
  meaning?(refusal: Refusal): Refused | undefined
  log(said: { status: number; milliseconds: number }, refusal: Refusal | undefined): void
}

/** The errors of RFC 6749 and of OpenID Connect that only the person can solve. */
const personal = new Set(['invalid_grant', 'interaction_required', 'consent_required', 'login_required'])
/** The errors that pass. */
const passing = new Set(['temporarily_unavailable', 'server_error'])

const granted = z.object({
  token_type: z.string().regex(/^bearer$/i),
  scope: z.string().optional(),
  expires_in: z.number().positive(),
  access_token: z.string().min(1),
  refresh_token: z.string().min(1).optional(),
})

const refusal = z.object({
  error: z.string(),
  error_codes: z.array(z.number()).catch([]),
  claims: z.string().max(longestClaims).optional().catch(undefined),
})

/** Asks a provider's token endpoint, before `signal` aborts. */
export async function requestTokens(request: TokenRequest, signal: AbortSignal): Promise<Answer> {
  const { url, headers = {}, form, repeatable, log } = request
  const began = performance.now()
  const body = new URLSearchParams(form)
  const send = () => fetch(url, { method: 'POST', headers, body, redirect: 'error', signal })
  const response = await (repeatable ? onceMore(send) : send()).catch(() => undefined)
  const answer: unknown = await response?.json().catch(() => undefined)
  const error = refusal.safeParse(answer).data
  log({ status: response?.status ?? 0, milliseconds: Math.round(performance.now() - began) }, error)
  if (!response) return { kind: 'down' }
  return response.ok ? read(answer, request) : refusedBy(error, response, request)
}

/** An answer that lacks a field gives nothing: no token of it is stored. */
function read(answer: unknown, { suffices }: TokenRequest): Answer {
  const { success, data } = granted.safeParse(answer)
  if (!success || (suffices && data.scope === undefined)) return { kind: 'down' }
  const { refresh_token: refreshToken, access_token: accessToken, expires_in: seconds, scope = '' } = data
  const tokens = { accessToken, seconds, scope, ...(refreshToken && { refreshToken }) }
  if (suffices && !suffices(scope)) return { kind: 'refused', state: 'permission_lowered', tokens }
  return { kind: 'granted', ...tokens }
}

function refusedBy(
  error: Refusal | undefined,
  { status, headers }: Response,
  { meaning }: TokenRequest,
): Answer {
  if (!error || status === 429 || status >= 500 || passing.has(error.error)) {
    const seconds = Number(headers.get('retry-after'))
    return { kind: 'down', ...(seconds > 0 && { retryAfter: seconds }) }
  }
  const state = meaning?.(error)
  if (state) return { kind: 'refused', state }
  if (!personal.has(error.error)) return { kind: 'misconfigured' }
  return { kind: 'refused', state: 'needs_sign_in', ...(error.claims && { claims: error.claims }) }
}
