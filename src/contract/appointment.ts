import { Problem } from './problems.ts'
import { check, type FromSchema, type ObjectSchema, orDefault } from './schema.ts'

/** An instant in UTC to the second, `2026-11-23T14:00:00Z` (RFC 3339). */
export type Utc = `${number}-${number}-${number}T${number}:${number}:${number}Z`

/** The five facts, as they cross the wire. */
export const appointmentSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['subject', 'start', 'minutes', 'recurring'],
  properties: {
    subject: { type: 'string', maxLength: 255 },
    start: {
      type: 'string',
      pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ$',
    },
    minutes: {
      type: 'integer',
      minimum: 0,
      maximum: 525_600,
    },
    timeZone: {
      type: 'string',
      maxLength: 64,
      pattern: "^[\\w .,&'()+/:-]+$",
      default: '',
    },
    recurring: { type: 'boolean' },
  },
} as const satisfies ObjectSchema

type Facts = FromSchema<typeof appointmentSchema>

/** An Outlook appointment as the product knows it: five facts, and no sixth. */
export class Appointment implements Facts {
  /** Makes a literal, a spread and a subclass compile errors. It exists only as a type. */
  declare private readonly genuine: true

  readonly subject: string
  readonly start: Utc
  readonly minutes: number
  /** A Windows name, or empty: Outlook told no name, or one in the person's language. A meeting does not need it. */
  readonly timeZone: string
  readonly recurring: boolean

  private constructor(facts: Facts) {
    this.subject = facts.subject
    this.start = facts.start as Utc
    this.minutes = facts.minutes
    this.timeZone = orDefault(appointmentSchema.properties.timeZone, facts.timeZone)
    this.recurring = facts.recurring
  }

  /** Checks the facts and copies them. Throws `invalid_appointment` with the field, also for a sixth field. */
  static from(input: unknown): Appointment {
    const facts = check(appointmentSchema, input, 'invalid_appointment')
    if (!exists(facts.start)) {
      throw new Problem('invalid_appointment', { field: 'start', why: 'is not a date of the calendar' })
    }
    return new Appointment(facts)
  }

  equals(other: Appointment): boolean {
    return (
      this.subject === other.subject &&
      this.start === other.start &&
      this.minutes === other.minutes &&
      this.timeZone === other.timeZone &&
      this.recurring === other.recurring
    )
  }
}

/** 30 February has the right form and is no date: `Date` reads it as 2 March. */
function exists(start: string): boolean {
  const instant = new Date(start)
  return !Number.isNaN(instant.getTime()) && utc(instant) === start
}

/** The instant, without its fraction of a second. */
export function utc(instant: Date): Utc {
  return `${instant.toISOString().slice(0, 19)}Z` as Utc
}
