import { type Options, savedOptionsSchema } from './meeting-options.ts'
import { Problem } from './problems.ts'
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
    options: savedOptionsSchema,
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
    defaults: savedOptionsSchema,
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
  const checked = Object.entries(templates).map(([id, one]) => [id, check(templateSchema, one, 'unexpected')])
  return {
    defaults: check(savedOptionsSchema, defaults, 'unexpected'),
    templates: Object.fromEntries(checked),
  }
}

/** Meeting templates of the Zoom account: their names by their ids. */
export type ZoomTemplates = Readonly<Record<string, string>>

export const zoomTemplatesSchema = {
  type: 'object',
  description: 'The names by the ids.',
  additionalProperties: { type: 'string' },
}

/** Throws `unexpected`. */
export function zoomTemplatesFrom(input: unknown): ZoomTemplates {
  if (typeof input === 'object' && input !== null) return input as ZoomTemplates
  throw new Problem('unexpected')
}
