import { tidyValues } from './identity.ts'
import {
  type OptionName,
  type Options,
  type OptionValue,
  optionNames,
  optionValues,
} from './meeting-options.ts'
import type { Permits } from './permission.ts'

/** A default that the person can change, or what is always so. `zoom`: what the Zoom account says. */
type Decision<Name extends OptionName> = 'zoom' | OptionValue<Name> | `always-${OptionValue<Name>}`

/** The options of meetings that are made from now on. The strictest value is stricter than what the Zoom account says. */
const optionPolicies = Object.fromEntries(
  optionNames.map((name) => {
    const [strictest, ...others] = optionValues[name]
    const always = others.map((value) => `always-${value}`)
    return [name, [`always-${strictest}`, strictest, 'zoom', ...others, ...always]]
  }),
) as unknown as { readonly [Name in OptionName]: readonly Decision<Name>[] }

/**
 * What an organisation decides about its people: each policy and the values that it can have, the strictest first. Where
 * it is not known which rule is a person's, the strictest of those that could be decides.
 */
export const policyValues = {
  /** What the service may do with a person's calendar. `off`: none can be connected. */
  calendar: ['off', 'read', 'read-write'],
  /** What a person's apps may do with the contacts of a connected account. They come with a calendar, never alone. */
  contacts: ['off', 'read', 'read-write'],
  /** Whether a person's apps get access tokens of the calendar's provider. `proxy`: none. */
  apps: ['proxy', 'direct'],
  /** What finds a person's Zoom account at first use: a sign-in to Zoom, or the sign-in name that Entra has verified. */
  zoomAccount: ['by-sign-in', 'by-name'],
  /** Whether the service follows what is changed in a connected calendar without the add-in. */
  sync: ['off', 'on'],
  /** Whether a meeting is removed whose appointment was never saved in a calendar that the service follows. */
  discarded: ['keep', 'remove'],
  /**
   * What the service does about a meeting that is changed or deleted in Zoom, while its calendar is followed. `show`: the
   * person reads it. `repair`: the meeting is made as its appointment is.
   */
  zoomChanges: ['show', 'repair'],
  /** Whether the add-in removes an obsolete invitation from the text, for which it reads the text. `choice`: the person's. */
  tidy: tidyValues,
  /** Whether every new appointment gets a Zoom meeting without a click. */
  everyMeeting: ['off', 'on'],
  /** Whether a mailbox on an Exchange server can sign in with its identity token. */
  exchangeSignIn: ['off', 'on'],
  /** Whether a person can sign in to Zoom, to choose their Zoom account or to connect their own one. */
  zoomSignIn: ['off', 'on'],
  /** Whether the organisation's logo may be in invitations: whose server it is on learns who opens one. */
  invitationLogo: ['off', 'on'],
  /** Whether a person can name alternative hosts. `off`: a meeting that is made from then on has none. */
  alternativeHosts: ['off', 'choice'],
  ...optionPolicies,
} as const satisfies Record<string, readonly string[]>

export type PolicyName = keyof typeof policyValues
export type PolicyValue<Name extends PolicyName = PolicyName> = (typeof policyValues)[Name][number]

export const policyNames = Object.keys(policyValues) as PolicyName[]

/** A value for every policy. */
export type Policies = { readonly [Name in PolicyName]: PolicyValue<Name> }

/** What policies allow with an account that a person connects. Undefined: no calendar, so nothing can be connected. */
export const permitsIn = ({
  calendar,
  contacts,
}: Pick<Policies, 'calendar' | 'contacts'>): Permits | undefined =>
  calendar === 'off'
    ? undefined
    : { permission: calendar, contacts: contacts === 'off' ? undefined : contacts }

/** What policies say about the options of a meeting: the values of a new one, and which of them people cannot change. */
export function optionsIn(policies: Pick<Policies, DecidedName>): { values: Options; locked: DecidedName[] } {
  const decided = optionNames.filter((name) => policies[name] !== 'zoom')
  const isWithoutHosts = policies.alternativeHosts === 'off'
  return {
    values: {
      ...Object.fromEntries(decided.map((name) => [name, policies[name].replace(always, '')])),
      ...(isWithoutHosts && { alternativeHosts: '' }),
    },
    locked: [
      ...decided.filter((name) => always.test(policies[name])),
      ...(isWithoutHosts ? (['alternativeHosts'] as const) : []),
    ],
  }
}
/** The options that an organisation can decide. */
export type DecidedName = OptionName | 'alternativeHosts'
const always = /^always-/
