import { Problem } from '../contract/problems.ts'

/** Refuses a proof. Every refusal is the same `sign_in_required`. Only the audit log gets the reason. */
export function refused(reason: string): Problem {
  return new Problem('sign_in_required', {}, new ProofRefused(reason))
}

/** Why a proof was refused. A forger learns nothing of it. */
export class ProofRefused extends Error {
  constructor(readonly reason: string) {
    super(reason)
    this.name = 'ProofRefused'
  }
}
