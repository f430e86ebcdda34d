import { permissions } from './permission.ts'
import { check, type FromSchema, type ObjectSchema } from './schema.ts'
/** The values of the policy about tidying the text. Here, because the add-in's pages need no other policy. */
export const tidyValues = ['off', 'choice', 'on'] as const

export const bootstrapSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['clientId', 'authority', 'scope', 'exchange', 'zoomLogin', 'everyMeeting'],
  properties: {
    clientId: { type: 'string' },
    authority: { type: 'string' },
    scope: { type: 'string' },
    exchange: { type: 'boolean' },
    zoomLogin: { type: 'boolean' },
    everyMeeting: { type: 'boolean' },
    calendar: { type: 'string', enum: permissions },
    zoomConnect: { type: 'boolean' },
    google: { type: 'string', enum: permissions },
    exchangeCalendar: { type: 'boolean' },
  },
} as const satisfies ObjectSchema

/** What the add-in must know to sign a person in, from `GET /bootstrap`. */
export type Bootstrap = FromSchema<typeof bootstrapSchema>

/** Throws `unexpected`. */
export function bootstrapFrom(input: unknown): Bootstrap {
  return check(bootstrapSchema, input, 'unexpected')
}

/** 256 random bits or a SHA-256, base64url: codes, verifiers (RFC 7636) and challenges. */
export const secretPattern = '^[A-Za-z0-9_-]{43}$'
const secret = { type: 'string', pattern: secretPattern } as const

/** What the provider's redirect brings to the dialog: OAuth's `state`, a point, and the authorization code. */
export const loginCodePattern = '^[A-Za-z0-9_-]{43}[.][\\x21-\\x7e]{1,2048}$'

export const loginSchema = {
  type: 'object',
  description: 'The result of a sign-in to a provider, as the dialog received it.',
  additionalProperties: false,
  required: ['code', 'verifier'],
  properties: {
    code: {
      type: 'string',
      pattern: loginCodePattern,
      description: 'What the dialog received. It works once.',
    },
    verifier: { ...secret, description: 'What only the add-in that opened the dialog knows.' },
  },
} as const satisfies ObjectSchema

/**
 * A sign-in to Zoom or Google: the code from the dialog's `#link=…`, and the verifier whose SHA-256 was the `challenge`
 * that the dialog was opened with.
 */
export type Login = FromSchema<typeof loginSchema>

export const sessionRequestSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['token'],
  properties: {
    token: { type: 'string', maxLength: 8192, description: 'The Exchange identity token.' },
    link: loginSchema,
  },
} as const satisfies ObjectSchema

/**
 * An Exchange identity token as `getUserIdentityTokenAsync` returned it, to be exchanged for a session. `link` is needed
 * the first time, to store the Zoom account of the mailbox.
 */
export type SessionRequest = FromSchema<typeof sessionRequestSchema>

export const sessionSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['session', 'expiresIn'],
  properties: {
    session: { type: 'string', pattern: '^session_[A-Za-z0-9_-]{43}$', description: 'The bearer.' },
    expiresIn: { type: 'integer', minimum: 1, description: 'Seconds until it expires.' },
  },
} as const satisfies ObjectSchema

/** A bearer for an Exchange mailbox. */
export type Session = FromSchema<typeof sessionSchema>

/** Throws `unexpected`. */
export function sessionFrom(input: unknown): Session {
  return check(sessionSchema, input, 'unexpected')
}

export const meSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['proof', 'zoomLinked', 'tidy', 'everyMeeting'],
  properties: {
    name: { type: 'string', description: 'The display name.' },
    proof: { type: 'string', enum: ['entra', 'exchange'], description: 'What kind of proof it is.' },
    zoomLinked: { type: 'boolean', description: 'Whether the Zoom account of the caller is known.' },
    tidy: {
      type: 'string',
      enum: tidyValues,
      description: 'Whether an obsolete invitation is removed from the text. `choice`: as the person wants.',
    },
    everyMeeting: { type: 'boolean', description: 'Whether every new appointment gets a Zoom meeting.' },
  },
} as const satisfies ObjectSchema

/** The caller, as far as the proof says. An Exchange identity token has no name. */
export type Me = FromSchema<typeof meSchema>

/** Throws `unexpected`. */
export function meFrom(input: unknown): Me {
  return check(meSchema, input, 'unexpected')
}

/** Throws `invalid_request`. */
export function sessionRequestFrom(input: unknown): SessionRequest {
  return check(sessionRequestSchema, input, 'invalid_request')
}

/** Throws `invalid_request`. */
export function loginFrom(input: unknown): Login {
  return check(loginSchema, input, 'invalid_request')
}
