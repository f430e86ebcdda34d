import { tidyValues } from './identity.ts'
import {
  type OptionName,
  type Options,
  type OptionValue,
  optionNames,
  optionTexts,
  optionValues,
  type TextName,
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
 * What people write, or choose from what the Zoom account has, and one text can be right for every meeting of an
 * organisation. The others are about one meeting: its passcode, its alternative hosts, who interprets.
 */
export const decidedTexts = [
  'authenticationProfile',
  'dialInCountries',
  'dataCenterRegions',
  'countries',
] as const satisfies TextName[]
export type DecidedText = (typeof decidedTexts)[number]

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
  /**
   * What opens a person's calendar on an Exchange server: their own password, or the service account that an administrator has
   * saved for that server.
   */
  exchangeAccess: ['own-credential', 'service-account'],
  /** Whether a person can sign in to Zoom, to choose their Zoom account or to connect their own one. */
  zoomSignIn: ['off', 'on'],
  /** Whether the organisation's logo may be in invitations: whose server it is on learns who opens one. */
  invitationLogo: ['off', 'on'],
  /** Whether a person can name alternative hosts. `off`: a meeting that is made from then on has none. */
  alternativeHosts: ['off', 'choice'],
  ...optionPolicies,
} as const satisfies Record<string, readonly string[]>

type ListedName = keyof typeof policyValues
export type PolicyName = ListedName | DecidedText
export type PolicyValue<Name extends ListedName = ListedName> = (typeof policyValues)[Name][number]

export const policyNames = [...Object.keys(policyValues), ...decidedTexts] as PolicyName[]

/** A value for every policy. A text is `zoom`, a text to begin with, or `always-` and a text. */
export type Policies = { readonly [Name in ListedName]: PolicyValue<Name> } & {
  readonly [Name in DecidedText]: string
}

export const isText = (name: PolicyName): name is DecidedText => decidedTexts.some((one) => one === name)

/** The longest text that an organisation decides, in characters: some 80 countries. */
export const longestText = 256

/** How strict a value is: 0 is the strictest. Of texts none is stricter than another. Undefined: it is no value of this policy. */
export function strictnessOf(name: PolicyName, value: string): number | undefined {
  if (!isText(name)) {
    const index = (policyValues[name] as readonly string[]).indexOf(value)
    return index < 0 ? undefined : index
  }
  if (value === 'zoom') return 2
  const text = value.replace(always, '')
  const { pattern, maxLength } = optionTexts[name]
  const isFit = text !== '' && text.length <= Math.min(maxLength, longestText)
  // As Zoom's ids of profiles are, and no word of an event.
  const isId = name !== 'authenticationProfile' || /^[A-Za-z0-9]{1,16}_[A-Za-z0-9_-]{1,47}$/.test(text)
  return isFit && isId && new RegExp(pattern, 'u').test(text) ? Number(text === value) : undefined
}

/** What an organisation decides about a text, of the three things that it can: the text in Zoom, one to begin with, or always one. */
export const textDecisions = ['zoom', 'default', 'always'] as const
export type TextDecision = (typeof textDecisions)[number]

/** The value of a policy about a text. */
export const valueOfText = (decision: TextDecision, text: string) =>
  ({ zoom: 'zoom', default: text, always: `always-${text}` })[decision]

/** The values that a policy can have, as an administrator writes them. */
export const valuesOf = (name: PolicyName): readonly string[] =>
  isText(name) ? ['zoom', 'TEXT', 'always-TEXT'] : policyValues[name]

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
  const decided = [...optionNames, ...decidedTexts].filter((name) => policies[name] !== 'zoom')
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
export type DecidedName = OptionName | DecidedText | 'alternativeHosts'
const always = /^always-/
