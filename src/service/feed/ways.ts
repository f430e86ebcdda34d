import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Caller } from '../caller.ts'
import { sha256 } from '../vault/hashed-secret.ts'

/** Where a person sees which app wants to sign in, and goes on to Entra or Zoom. */
export const signInPath = '/apps/sign-in'

/** Who proves to the service who a person is. */
export type Way = 'entra' | 'zoom'

/**
 * Where each of them sends the browser back to, which is registered there. The addresses differ, so that the answer of one is
 * never taken for the answer of the other (RFC 9700, section 4.4.2.2).
 */
export const callbackPaths = {
  entra: `${signInPath}/callback`,
  zoom: `${signInPath}/zoom`,
} as const satisfies Record<Way, string>

/**
 * A sign-in by OAuth's authorization code flow. What begins and what ends belongs to one sign-in of one browser: `state` and
 * the verifier of PKCE are made of its number (`uid`), which a signed cookie of this browser has.
 */
export interface SignIn {
  /** Where the browser goes. */
  address(uid: string): string
  /** Who signed in. Throws `Problem`s only. */
  person(uid: string, code: string): Promise<Caller>
}

/** The ways that this deployment has. */
export type Ways = Partial<Record<Way, SignIn>>

/** A code for this browser's sign-in that nobody else can make. */
export const codeFor = (secret: Buffer, purpose: string, uid: string) =>
  createHmac('sha256', secret).update(`${purpose} ${uid}`).digest('base64url')

/** OAuth's `state` of a sign-in. */
export const stateOf = (secret: Buffer, way: Way, uid: string) =>
  codeFor(secret, way === 'entra' ? 'state' : 'zoom state', uid)

/** Whether this answer, which came to the address of this way, is to this sign-in. */
export function isAnswer(secret: Buffer, way: Way, uid: string, state: string): boolean {
  const [expected, given] = [sha256(stateOf(secret, way, uid)), sha256(state)]
  return timingSafeEqual(expected, given)
}
