import { check, type FromSchema, type ObjectSchema } from './schema.ts'

/** The request header of a `PUT` that takes back the removal of this meeting. Its value is `undo` of that removal. */
export const undoHeader = 'undo-removal'

/** The form of what takes back a removal. */
export const undoPattern = '^undo_[A-Za-z0-9_-]{40,400}$'

/** The header of a removal whose answer shall have what takes it back (RFC 7240). */
export const preferUndo = { prefer: 'return=representation' } as const

export const removedSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['undo'],
  properties: { undo: { type: 'string', pattern: undoPattern } },
} as const satisfies ObjectSchema

/** A meeting that was removed and that Zoom may give back. `undo`: opaque, for an hour, for the same caller and key. */
export type Removed = FromSchema<typeof removedSchema>

/** Checks the service's answer. Undefined: there is nothing to take back. Throws `unexpected`. */
export const removedFrom = (answer: unknown): Removed | undefined =>
  answer === undefined ? undefined : check(removedSchema, answer, 'unexpected')
