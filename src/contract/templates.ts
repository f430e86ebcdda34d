import { type Options, optionsSchema } from './meeting-options.ts'
import { check, type FromSchema, type ObjectSchema } from './schema.ts'

/** Of so many templates of one person the service keeps the options. Zoom keeps 40. */
export const mostTemplates = 40

export const templateSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['name', 'options'],
  properties: {
    name: {
      type: 'string',
      maxLength: 60,
      pattern: '^[^\\s\\p{Cc}]([^\\p{Cc}]*[^\\s\\p{Cc}])?$',
      description: 'What the person calls it.',
    },
    options: optionsSchema,
  },
} as const satisfies ObjectSchema

/** Options under a name, which a person chooses for a new meeting. */
export type Template = FromSchema<typeof templateSchema> & { readonly options: Options }

/** What the service remembers for a person. The defaults are the options of each new meeting that chooses no others. */
export interface Saved {
  readonly defaults: Options
  readonly templates: Readonly<Record<string, Template>>
}

/** The templates are by their ids: 128 random bits, base64url, which the client chooses. */
export const savedSchema = {
  type: 'object',
  required: ['defaults', 'templates'],
  additionalProperties: false,
  properties: {
    defaults: optionsSchema,
    templates: {
      type: 'object',
      description: 'By their ids.',
      additionalProperties: templateSchema,
    },
  },
}

/** Throws `invalid_request`. */
export function templateFrom(input: unknown): Template {
  return check(templateSchema, input, 'invalid_request')
}

/** Throws `unexpected`. */
export function savedFrom(input: unknown): Saved {
  const { defaults, templates } = input as Saved
  check(optionsSchema, defaults, 'unexpected')
  for (const template of Object.values(templates)) check(templateSchema, template, 'unexpected')
  return { defaults, templates }
}
