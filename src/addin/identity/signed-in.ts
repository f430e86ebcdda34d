/** A proof of who the person is, for the service. */
export interface SignedIn {
  /** What goes into `Authorization: Bearer`. */
  token: string
  /** What the person signs in with, to be shown. */
  name: string
  /** Milliseconds since 1970; a little before the proof ends. */
  until: number
}

/** What a sign-in is for. */
export interface Ask {
  /** Not what was just refused. */
  fresh?: boolean
  /** What Entra wants to be told first, from the service's refusal (a claims challenge). */
  claims?: string | undefined
}

/** A way to prove who the person is. Throws `sign_in_required` from `silently` when the person has to do something. */
export interface Way {
  /** How, in the pane: `through Outlook`. */
  how: string
  silently(ask: Ask): Promise<SignedIn>
  withTheirHelp(ask: Ask): Promise<SignedIn>
  /** Lets the person choose another account, who counts from then on. Absent: the choice is Outlook's. */
  switchAccount?(): Promise<SignedIn>
}
