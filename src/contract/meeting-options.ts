import { check, type FromSchema, type ObjectSchema } from './schema.ts'

/**
 * What people can choose for a meeting besides its facts, by the names of Zoom's fields ("Create a meeting"), with the
 * values of each, the strictest first.
 */
export const optionValues = {
  waitingRoom: ['on', 'off'],
  meetingAuthentication: ['on', 'off'],
  joinBeforeHost: ['off', 'on'],
  /** How many minutes before the start. `any`: at any time. */
  jbhTime: ['5', '10', '15', 'any'],
  muteUponEntry: ['on', 'off'],
  hostVideo: ['off', 'on'],
  participantVideo: ['off', 'on'],
  audio: ['voip', 'telephony', 'both', 'thirdParty'],
  autoRecording: ['none', 'local', 'cloud'],
  encryptionType: ['e2ee', 'enhanced'],
  continuousMeetingChat: ['off', 'on'],
  autoStartMeetingSummary: ['off', 'on'],
  whoWillReceiveSummary: ['host', 'hosts', 'organisation', 'everybody'],
  autoStartAiCompanionQuestions: ['off', 'on'],
  languageInterpretation: ['off', 'on'],
  signLanguageInterpretation: ['off', 'on'],
  /** The person's own meeting id, instead of one for this meeting. The join link changes with it, and with the next one. */
  usePmi: ['off', 'on'],
  /** Who registers gets a link, or the host approves first. */
  approvalType: ['manual', 'automatic', 'none'],
} as const satisfies Record<string, readonly string[]>

export type OptionName = keyof typeof optionValues
export type OptionValue<Name extends OptionName = OptionName> = (typeof optionValues)[Name][number]

export const optionNames = Object.keys(optionValues) as OptionName[]

const address = '[^\\s;,@\\p{Cc}]+@[^\\s;,@\\p{Cc}]+'
const country = '[A-Z]{2}'
const spoken = '[^;,\\p{Cc}]{1,64}'
const listOf = (one: string) => `(${one}(;${one})*)?`

/** What people write, or choose from what the Zoom account has. */
export const optionTexts = {
  /** Empty: the one that Zoom makes. The join link changes with it. */
  passcode: {
    type: 'string',
    maxLength: 10,
    pattern: '^[A-Za-z0-9@_*-]{0,10}$',
    description: 'The passcode: 10 letters, digits, @, _, * and - at most.',
  },
  zoomTemplate: {
    type: 'string',
    maxLength: 64,
    pattern: '^[A-Za-z0-9_+/=-]{0,64}$',
    description: 'The id of a meeting template in the Zoom account. Only a new meeting can have one.',
  },
  /** Empty: the one with which the Zoom account begins. */
  authenticationProfile: {
    type: 'string',
    maxLength: 64,
    pattern: '^[A-Za-z0-9_-]{0,64}$',
    description:
      'How people sign in, where they must: the id of an authentication profile of the Zoom account.',
  },
  /** E-mail addresses with semicolons between them, as Zoom has them. Empty: nobody. */
  alternativeHosts: {
    type: 'string',
    maxLength: 2048,
    pattern: `^${listOf(address)}$`,
    description: 'The e-mail addresses of the alternative hosts, separated by semicolons.',
  },
  interpreters: {
    type: 'string',
    maxLength: 2048,
    pattern: `^${listOf(`${address},${spoken},${spoken}`)}$`,
    description:
      'The interpreters, separated by semicolons: e-mail address and two languages with commas between them, `a@b.example,English,French`.',
  },
  signLanguageInterpreters: {
    type: 'string',
    maxLength: 2048,
    pattern: `^${listOf(`${address},${spoken}`)}$`,
    description: 'The same with the sign language of each, `a@b.example,American`.',
  },
  dialInCountries: {
    type: 'string',
    maxLength: 512,
    pattern: `^${listOf(country)}$`,
    description: 'The countries of the telephone numbers (ISO 3166-1 alpha-2), separated by semicolons.',
  },
  /** Besides those of the host's Zoom account. Zoom's codes: `TY` is Japan, and `LA` is Latin America. */
  dataCenterRegions: {
    type: 'string',
    maxLength: 128,
    pattern: `^${listOf(country)}$`,
    description:
      'The data-centre regions that a new meeting can use too, by Zoom’s codes, separated by semicolons.',
  },
  countries: {
    type: 'string',
    maxLength: 1024,
    pattern: `^(|(approve|deny):${country}(;${country})*)$`,
    description:
      'From which countries alone people can join, `approve:DE;FR`, or cannot, `deny:AQ`. Empty: all can.',
  },
} as const satisfies ObjectSchema['properties']

export type TextName = keyof typeof optionTexts
/** Those of which the Zoom account has a list. */
export const offeredNames = [
  'authenticationProfile',
  'dataCenterRegions',
  'interpreters',
  'signLanguageInterpreters',
] as const satisfies TextName[]
export type OfferedName = (typeof offeredNames)[number]
export const textNames = Object.keys(optionTexts) as TextName[]

/** Zoom takes these with a new meeting only, and does not say them of a meeting. */
export const ofNewNames = ['zoomTemplate', 'dataCenterRegions'] as const satisfies TextName[]

/** Those that count only while an option is on. */
export const parentOf = {
  interpreters: 'languageInterpretation',
  signLanguageInterpreters: 'signLanguageInterpretation',
} as const satisfies { [Name in TextName]?: OptionName }
export type ChildName = keyof typeof parentOf
export const childNames = Object.keys(parentOf) as ChildName[]

/** Values of some options. */
export type Choices = { readonly [Name in OptionName]?: OptionValue<Name> }
export type Options = Choices & { readonly [Name in TextName]?: string }

const formOf = <Name extends OptionName>(name: Name) =>
  ({ type: 'string', enum: optionValues[name] }) as {
    type: 'string'
    enum: readonly OptionValue<Name>[]
  }
const ofEach = <Form>(form: (name: OptionName) => unknown) =>
  Object.fromEntries(optionNames.map((name) => [name, form(name)])) as Form

const choices = ofEach<{ [Name in OptionName]: ReturnType<typeof formOf<Name>> }>(formOf)

export const optionsSchema = {
  type: 'object',
  description: 'Options of a meeting. Of one that is missing, nothing is said.',
  additionalProperties: false,
  required: [],
  properties: { ...choices, ...optionTexts },
} as const satisfies ObjectSchema

const { passcode: _, ...savedTexts } = optionTexts

/** What is saved for several meetings: no passcode, which is a secret of one. */
export const savedOptionsSchema = {
  ...optionsSchema,
  properties: { ...choices, ...savedTexts },
} as const satisfies ObjectSchema

const shown = <Name extends OptionName>(name: Name) =>
  ({
    type: 'object',
    additionalProperties: false,
    required: [],
    properties: {
      value: formOf(name),
      lockedBy: {
        type: 'string',
        enum: ['organisation', 'zoom'],
        description: 'Who decides it, so that the person cannot: a policy, or the Zoom account.',
      },
      without: {
        type: 'string',
        maxLength: 64,
        pattern: '^[A-Za-z0-9]+(;[A-Za-z0-9]+)*$',
        description:
          'The values that the Zoom account or the licence does not have, separated by semicolons.',
      },
    },
  }) as const satisfies ObjectSchema

const optionsShownSchema = {
  type: 'object',
  description:
    'The options that a person can choose, with their values. One that the Zoom account or the licence does not have is missing. One whose value Zoom does not say has none.',
  additionalProperties: false,
  required: [],
  properties: {
    ...ofEach<{ [Name in OptionName]: ReturnType<typeof shown<Name>> }>(shown),
    ...optionTexts,
    authenticationProfileGone: {
      type: 'string',
      maxLength: 256,
      description:
        'The authentication profile is no longer in the Zoom account. The name that it had there; empty: not known.',
    },
  },
} as const satisfies ObjectSchema

/** What can be chosen, by its id, with the name that it has in Zoom. */
export type Offered = Readonly<Record<string, string>>

/** The options, with what can be chosen of those that have no values here. */
export type MeetingOptions = FromSchema<typeof optionsShownSchema> & {
  readonly offered?: { readonly [Name in OfferedName]?: Offered }
  readonly decided?: { readonly [Name in TextName]?: string }
}

const ofOffered = {
  type: 'object',
  description: 'What the Zoom account has for an option, where there is a choice: the names by the ids.',
  additionalProperties: { type: 'object', additionalProperties: { type: 'string' } },
}
const ofDecided = {
  type: 'object',
  description: 'The texts that a policy decides, so that the person cannot, as people read them.',
  additionalProperties: { type: 'string' },
}
export const meetingOptionsSchema = {
  ...optionsShownSchema,
  properties: { ...optionsShownSchema.properties, offered: ofOffered, decided: ofDecided },
}

/** Throws `invalid_request`. */
export function optionsFrom(input: unknown): Options {
  return check(optionsSchema, input, 'invalid_request')
}

/** Throws `invalid_request`. */
export function savedOptionsFrom(input: unknown): Options {
  return check(savedOptionsSchema, input, 'invalid_request')
}

/** Throws `unexpected`. */
export function meetingOptionsFrom(input: unknown): MeetingOptions {
  const { offered, decided, ...options } = Object(input) as MeetingOptions
  const checked = check(optionsShownSchema, options, 'unexpected')
  return { ...checked, ...(offered && { offered }), ...(decided && { decided }) }
}
