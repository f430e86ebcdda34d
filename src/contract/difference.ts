import { check, type FromSchema, type ObjectSchema } from './schema.ts'

export const differenceSchema = {
  type: 'object',
  description: 'How a meeting differs from its appointment because it was changed in Zoom.',
  additionalProperties: false,
  required: [],
  properties: {
    says: {
      type: 'string',
      description: 'The sentence people read, with what to do. Missing: no difference is known.',
    },
  },
} as const satisfies ObjectSchema

export type Difference = FromSchema<typeof differenceSchema>

/** What people read of a meeting that was changed in Zoom and stays so. */
export const differenceSays = {
  changed:
    'This meeting was changed in Zoom, and differs from the appointment. The button below makes it match again.',
  gone: 'This meeting was deleted in Zoom, so its link does not work. The button below adds a new one.',
} as const

/** Throws `unexpected`. */
export function differenceFrom(input: unknown): Difference {
  return check(differenceSchema, input, 'unexpected')
}
