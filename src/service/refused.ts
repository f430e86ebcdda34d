import { Problem } from '../contract/problems.ts'

/** Refuses a proof. Every refusal is the same `sign_in_required`; why is its cause, for the audit alone. */
export function refused(reason: string): Problem {
  return new Problem('sign_in_required', {}, new ProofRefused(reason))
}

/** Why a proof was refused: whoever forges one learns nothing. */
export class ProofRefused extends Error {
  constructor(readonly reason: string) {
    super(reason)
    this.name = 'ProofRefused'
  }
}
