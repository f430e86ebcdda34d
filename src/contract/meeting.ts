import { check, type FromSchema, type ObjectSchema } from './schema.ts'

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

/** The Zoom meeting of an appointment: all that an invitation needs. `descriptions.ts` describes each field. */
export type Meeting = FromSchema<typeof meetingSchema>

/** Checks the service's answer, or what the add-in stored of it. Throws `unexpected`. */
export function meetingFrom(input: unknown): Meeting {
  return check(meetingSchema, input, 'unexpected')
}
