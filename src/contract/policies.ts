import type { Permission } from './permission.ts'

/**
 * What an organisation decides about its people: each policy and the values that it can have, the strictest first. Where
 * it is not known which rule is a person's, the strictest of those that could be decides.
 */
export const policyValues = {
  /** What the service may do with a person's calendar. `off`: none can be connected. */
  calendar: ['off', 'read', 'read-write'],
  /** Whether a person's apps get access tokens of the calendar's provider. `proxy`: none. */
  apps: ['proxy', 'direct'],
  /** What finds a person's Zoom account at first use: a sign-in to Zoom, or the sign-in name that Entra has verified. */
  zoomAccount: ['by-sign-in', 'by-name'],
  /** Whether the service follows what is changed in a connected calendar without the add-in. */
  sync: ['off', 'on'],
  /** Whether the add-in removes an obsolete invitation from the text, for which it reads the text. `choice`: the person's. */
  tidy: ['off', 'choice', 'on'],
  /** Whether every new appointment gets a Zoom meeting without a click. */
  everyMeeting: ['off', 'on'],
  /** Whether a mailbox on an Exchange server can sign in with its identity token. */
  exchangeSignIn: ['off', 'on'],
  /** Whether a person can sign in to Zoom, to choose their Zoom account or to connect their own one. */
  zoomSignIn: ['off', 'on'],
} as const satisfies Record<string, readonly string[]>

export type PolicyName = keyof typeof policyValues
export type PolicyValue<Name extends PolicyName = PolicyName> = (typeof policyValues)[Name][number]

export const policyNames = Object.keys(policyValues) as PolicyName[]

/** A value for every policy. */
export type Policies = { readonly [Name in PolicyName]: PolicyValue<Name> }

/** The permission of a calendar that a policy allows. Undefined: none. */
export const permissionIn = ({ calendar }: Pick<Policies, 'calendar'>): Permission | undefined =>
  calendar === 'off' ? undefined : calendar
