import { check, type ObjectSchema } from './schema.ts'

/** What the add-in must know to sign a person in, from `GET /bootstrap`. */
export interface Bootstrap {
  /** Application (client) id of the registration in Entra ID. */
  readonly clientId: string
  /** `https://login.microsoftonline.com/organizations` */
  readonly authority: string
  /** `api://<client id>/access_as_user` */
  readonly scope: string
  /** Whether a mailbox on an Exchange server of the organisation proves itself by its identity token. */
  readonly exchange: boolean
  /** Whether a person can say by signing in to Zoom which Zoom user they are. */
  readonly zoomLogin: boolean
  /** Whether a new appointment gets its Zoom meeting unasked. */
  readonly everyMeeting: boolean
  /** Whether the add-in takes an invitation that counts no more out of the text, for everybody. */
  readonly tidyInvitation: boolean
}

export const bootstrapSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['clientId', 'authority', 'scope', 'exchange', 'zoomLogin', 'everyMeeting', 'tidyInvitation'],
  properties: {
    clientId: { type: 'string', description: 'Application (client) id in Entra ID.' },
    authority: { type: 'string', format: 'uri', description: 'Where people sign in.' },
    scope: { type: 'string', description: "The scope of the service's API." },
    exchange: { type: 'boolean', description: "Whether Exchange servers' identity tokens are accepted." },
    zoomLogin: { type: 'boolean', description: 'Whether a sign-in to Zoom can tie a caller to its user.' },
    everyMeeting: { type: 'boolean', description: 'Whether every new appointment gets a Zoom meeting.' },
    tidyInvitation: {
      type: 'boolean',
      description: 'Whether an invitation that counts no more is taken out of the text for everybody.',
    },
  },
} as const satisfies ObjectSchema

/** Throws `unexpected`. */
export function bootstrapFrom(input: unknown): Bootstrap {
  return check<Bootstrap>(bootstrapSchema, input, 'unexpected')
}

/** 256 random bits or a SHA-256, base64url: codes, verifiers (RFC 7636) and challenges. */
export const secretPattern = '^[A-Za-z0-9_-]{43}$'
const secret = { type: 'string', pattern: secretPattern } as const

/** What proves which Zoom user a person is, once: the code that their sign-in to Zoom gave, and who began it. */
export interface ZoomLogin {
  /** From the dialog's `#link=…`. */
  readonly code: string
  /** Whose SHA-256 was the `challenge` that the dialog was opened with. */
  readonly verifier: string
}

export const zoomLoginSchema = {
  type: 'object',
  description: 'A sign-in to Zoom, as the dialog handed it over.',
  additionalProperties: false,
  required: ['code', 'verifier'],
  properties: {
    code: { ...secret, description: 'The one-time code.' },
    verifier: { ...secret, description: 'What only the add-in that opened the dialog knows.' },
  },
} as const satisfies ObjectSchema

/** An Exchange identity token, to be exchanged for a session. */
export interface SessionRequest {
  /** As `getUserIdentityTokenAsync` gave it. */
  readonly token: string
  /** Needed the first time: ties the mailbox to the person's Zoom user. */
  readonly link?: ZoomLogin
}

export const sessionRequestSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['token'],
  properties: {
    token: { type: 'string', maxLength: 8192, description: 'The Exchange identity token.' },
    link: zoomLoginSchema,
  },
} as const satisfies ObjectSchema

/** A bearer that stands for an Exchange mailbox for a while. */
export interface Session {
  readonly session: string
  /** Seconds. */
  readonly expiresIn: number
}

export const sessionSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['session', 'expiresIn'],
  properties: {
    session: { type: 'string', pattern: '^session_[A-Za-z0-9_-]{43}$', description: 'The bearer.' },
    expiresIn: { type: 'integer', minimum: 1, description: 'How long it counts, in seconds.' },
  },
} as const satisfies ObjectSchema

/** Throws `unexpected`. */
export function sessionFrom(input: unknown): Session {
  return check<Session>(sessionSchema, input, 'unexpected')
}

/** Who is asking, as far as their proof says. */
export interface Me {
  /** Absent: the proof names nobody. An Exchange identity token does not. */
  readonly name?: string
  readonly proof: 'entra' | 'exchange'
  /** Whether it is settled whose Zoom account the caller schedules with. */
  readonly zoomLinked: boolean
}

export const meSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['proof', 'zoomLinked'],
  properties: {
    name: { type: 'string', description: 'The display name.' },
    proof: { type: 'string', pattern: '^(entra|exchange)$', description: 'What vouches for the caller.' },
    zoomLinked: { type: 'boolean', description: 'Whether the Zoom account is settled.' },
  },
} as const satisfies ObjectSchema

/** Throws `unexpected`. */
export function meFrom(input: unknown): Me {
  return check<Me>(meSchema, input, 'unexpected')
}

/** Throws `invalid_request`. */
export function sessionRequestFrom(input: unknown): SessionRequest {
  return check<SessionRequest>(sessionRequestSchema, input, 'invalid_request')
}

/** Throws `invalid_request`. */
export function zoomLoginFrom(input: unknown): ZoomLogin {
  return check<ZoomLogin>(zoomLoginSchema, input, 'invalid_request')
}
