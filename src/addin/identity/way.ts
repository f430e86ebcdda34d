import type { Proof, ProofOptions } from '../../browser/proof.ts'

/** A way to prove who the person is. `silently` throws `sign_in_required` or `link_required` if the person has to act. */
export interface Way {
  /** Loads what signing in takes, so that it begins at once. Asks nobody for a proof. */
  prepare?(): Promise<unknown>
  how: 'throughOutlook' | 'withMicrosoft' | 'throughExchange'
  silently(options: ProofOptions): Promise<Proof>
  interactively(options: ProofOptions): Promise<Proof>
  /** Lets the person choose another account, which is used from then on. Absent: Outlook decides. */
  switchAccount?(): Promise<Proof>
}
