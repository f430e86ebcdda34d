import { check, type ObjectSchema } from './schema.ts'

/** What comes back when an appointment has its Zoom meeting: all that an invitation needs. */
export interface Meeting {
  /** Zoom's meeting id, digits only. */
  readonly id: string
  /** `https://…/j/81234567890?pwd=…` */
  readonly joinUrl: string
  readonly passcode?: string
  /** Telephone numbers with their country, one a line: `US +1 646 558 8656`. */
  readonly dialIn?: string
  /** A bearer that can change the facts of this one meeting and do nothing else, for a launch event that cannot sign in. */
  readonly ticket?: string
}

export const meetingSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['id', 'joinUrl'],
  properties: {
    id: { type: 'string', pattern: '^\\d{9,12}$' },
    joinUrl: {
      type: 'string',
      pattern: '^https://\\S+$',
      maxLength: 1024,
    },
    passcode: {
      type: 'string',
      maxLength: 32,
    },
    dialIn: { type: 'string', maxLength: 2048 },
    ticket: {
      type: 'string',
      pattern: '^ticket_[A-Za-z0-9_-]{43}$',
    },
  },
} as const satisfies ObjectSchema

/** Reads the service's answer, or what the add-in kept of it. Throws `unexpected`. */
export function meetingFrom(input: unknown): Meeting {
  return check<Meeting>(meetingSchema, input, 'unexpected')
}
