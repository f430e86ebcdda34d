import { check, type FromSchema, type ObjectSchema } from './schema.ts'

/**
 * What people can choose for a meeting besides its facts, by the names of Zoom's fields ("Create a meeting"), with the
 * values of each, the strictest first.
 */
export const optionValues = {
  waitingRoom: ['on', 'off'],
  meetingAuthentication: ['on', 'off'],
  joinBeforeHost: ['off', 'on'],
  muteUponEntry: ['on', 'off'],
  hostVideo: ['off', 'on'],
  participantVideo: ['off', 'on'],
  autoRecording: ['none', 'local', 'cloud'],
} as const satisfies Record<string, readonly string[]>

export type OptionName = keyof typeof optionValues
export type OptionValue<Name extends OptionName = OptionName> = (typeof optionValues)[Name][number]

export const optionNames = Object.keys(optionValues) as OptionName[]

/** Values of some options. */
export type Options = { readonly [Name in OptionName]?: OptionValue<Name> }

/** Options that change. Only a person chooses who else may start the meeting, so no policy is about that. */
export type OptionsChange = Options & { readonly alternativeHosts?: string }

const address = '[^\\s;,@\\p{Cc}]+@[^\\s;,@\\p{Cc}]+'
/** E-mail addresses with semicolons between them, as Zoom has them. Empty: nobody. */
export const alternativeHosts = {
  type: 'string',
  maxLength: 2048,
  pattern: `^(${address}(;${address})*)?$`,
  description: 'The e-mail addresses of the alternative hosts, separated by semicolons.',
} as const

const formOf = <Name extends OptionName>(name: Name) =>
  ({ type: 'string', enum: optionValues[name] }) as {
    type: 'string'
    enum: readonly OptionValue<Name>[]
  }

export const optionsChangeSchema = {
  type: 'object',
  description: 'The options that change. Every other one stays as it is.',
  additionalProperties: false,
  required: [],
  properties: {
    waitingRoom: formOf('waitingRoom'),
    meetingAuthentication: formOf('meetingAuthentication'),
    joinBeforeHost: formOf('joinBeforeHost'),
    muteUponEntry: formOf('muteUponEntry'),
    hostVideo: formOf('hostVideo'),
    participantVideo: formOf('participantVideo'),
    autoRecording: formOf('autoRecording'),
    alternativeHosts,
  },
} as const satisfies ObjectSchema

const deciders = ['organisation', 'zoom'] as const

const shown = <Name extends OptionName>(name: Name) =>
  ({
    type: 'object',
    additionalProperties: false,
    required: ['value'],
    properties: {
      value: formOf(name),
      lockedBy: {
        type: 'string',
        enum: deciders,
        description: 'Who decides it, so that the person cannot: a policy, or the Zoom account.',
      },
    },
  }) as const satisfies ObjectSchema

export const meetingOptionsSchema = {
  type: 'object',
  description: 'The options of a meeting, as Zoom has them. One of which Zoom says nothing is missing.',
  additionalProperties: false,
  required: [],
  properties: {
    waitingRoom: shown('waitingRoom'),
    meetingAuthentication: shown('meetingAuthentication'),
    joinBeforeHost: shown('joinBeforeHost'),
    muteUponEntry: shown('muteUponEntry'),
    hostVideo: shown('hostVideo'),
    participantVideo: shown('participantVideo'),
    autoRecording: shown('autoRecording'),
    alternativeHosts,
  },
} as const satisfies ObjectSchema

export type MeetingOptions = FromSchema<typeof meetingOptionsSchema>

/** Throws `invalid_request`. */
export function optionsChangeFrom(input: unknown): OptionsChange {
  return check(optionsChangeSchema, input, 'invalid_request')
}

/** Throws `unexpected`. */
export function meetingOptionsFrom(input: unknown): MeetingOptions {
  return check(meetingOptionsSchema, input, 'unexpected')
}
