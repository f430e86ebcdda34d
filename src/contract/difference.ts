import { check, type FromSchema, type ObjectSchema } from './schema.ts'

export const differenceSchema = {
  type: 'object',
  description: 'How a meeting differs from its appointment, or may differ, as far as calendar sync knows.',
  additionalProperties: false,
  required: [],
  properties: {
    says: {
      type: 'string',
      description: 'The sentence people read, with what to do. Missing: no difference is known.',
    },
    followed: {
      type: 'boolean',
      description:
        'Calendar sync follows this appointment, and no change of it is late. Missing: it does not, or that is not known.',
    },
  },
} as const satisfies ObjectSchema

export type Difference = FromSchema<typeof differenceSchema>

/** What people read of a meeting that was changed in Zoom and stays so, or that does not follow its appointment at once. */
export const differenceSays = {
  changed:
    'This meeting was changed in Zoom, and differs from the appointment. The button above makes it match again.',
  gone: 'This meeting was deleted in Zoom, so its link does not work. The button above adds a new one.',
  late: 'The last change has not reached Zoom yet, and follows by itself. If it is urgent, use the button above.',
  tomorrow:
    'Zoom takes no more changes from your calendar today. The last one follows tomorrow. If it is urgent, use the button above.',
  failed:
    'The last change did not reach Zoom. Use the button above. If that fails too, tell your administrator.',
} as const

/** Throws `unexpected`. */
export function differenceFrom(input: unknown): Difference {
  return check(differenceSchema, input, 'unexpected')
}
