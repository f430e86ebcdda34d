import { type Template, templateFrom, templateSchema } from './invitation-template.ts'
import { check, type ObjectSchema } from './schema.ts'

// What the console and the service say to each other about the invitation of an organisation.

export interface StoredInvitation {
  /** One higher after each change. */
  version: number
  /** Null: the invitation is as the add-in writes it by itself. */
  template: Template | null
}

const version = { type: 'integer', minimum: 0, description: 'One higher after each change.' } as const

export const storedInvitationSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['version', 'template'],
  properties: {
    version,
    template: {
      description: 'Null: the invitation is as the add-in writes it by itself.',
      anyOf: [templateSchema, { type: 'null' }],
    },
  },
}

const versionSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['version'],
  properties: { version },
} as const satisfies ObjectSchema

/** Throws `invalid_request`, and `invalid_invitation` for a fault in the template. */
export function storedInvitationFrom(input: unknown): StoredInvitation {
  const { template, ...rest } = (input ?? {}) as { template?: unknown }
  const { version } = check(versionSchema, rest, 'invalid_request')
  return { version, template: template === null ? null : templateFrom(template) }
}
