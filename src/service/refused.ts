import { Problem } from '../contract/problems.ts'

/**
 * Refuses a proof. Every refusal is the same `sign_in_required`. Only the audit gets the reason, and the `caller` if the
 * proof is genuine.
 */
export function refused(reason: string, caller?: string): Problem {
  return new Problem('sign_in_required', {}, new ProofRefused(reason, caller))
}

/** Why a proof was refused. A forger learns nothing of it. */
export class ProofRefused extends Error {
  constructor(
    readonly reason: string,
    readonly caller?: string,
  ) {
    super(reason)
    this.name = 'ProofRefused'
  }
}
