import type { AuthenticationResult } from '@azure/msal-browser'
import { Problem, type ProblemCode } from '../contract/problems.ts'
import type { Proof } from './proof.ts'

/** Turns what MSAL acquired into a proof, and what MSAL threw into a `Problem`. */
export async function proofFrom(acquired: Promise<AuthenticationResult>): Promise<Proof> {
  try {
    const { accessToken, account, expiresOn } = await acquired
    return { token: accessToken, name: account.username, expiresAt: (expiresOn?.getTime() ?? 0) - 60_000 }
  } catch (error) {
    throw problemOf(error)
  }
}

/** MSAL's error codes that have a problem of their own. MSAL spells `cancelled` both ways. */
const meanings: Record<string, ProblemCode> = {
  user_canceled: 'sign_in_cancelled',
  user_cancelled: 'sign_in_cancelled',
  access_denied: 'sign_in_refused',
  unauthorized_client: 'sign_in_refused',
  no_account_found: 'sign_in_required',
  popup_window_error: 'sign_in_window_blocked',
  empty_window_error: 'sign_in_window_blocked',
}

function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error
  if (navigator.onLine === false) return new Problem('offline', {}, error)
  const { name, errorCode } = error as { name?: string; errorCode?: string }
  const meaning = meanings[errorCode ?? '']
  if (meaning) return new Problem(meaning, {}, error)
  if (name === 'InteractionRequiredAuthError') return new Problem('sign_in_required', {}, error)
  return new Problem('sign_in_unavailable', {}, error)
}
