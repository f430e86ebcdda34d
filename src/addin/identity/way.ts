import type { Proof } from '../../browser/proof.ts'

export interface Ask {
  /** The service refused the last proof: get another. */
  fresh?: boolean
}

/** A way to prove who the person is. `silently` throws `sign_in_required` or `link_required` if the person has to act. */
export interface Way {
  /** For the pane: `through Outlook`. */
  how: string
  silently(ask: Ask): Promise<Proof>
  interactively(ask: Ask): Promise<Proof>
  /** Lets the person choose another account, which is used from then on. Absent: Outlook decides. */
  switchAccount?(): Promise<Proof>
}
