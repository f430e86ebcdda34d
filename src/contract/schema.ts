import { Problem, type ProblemCode } from './problems.ts'

/** The part of JSON Schema (draft 2020-12) that the contract uses: closed objects of scalars and of such objects. */
export interface ObjectSchema {
  type: 'object'
  description?: string
  additionalProperties: false
  required: readonly string[]
  properties: Readonly<Record<string, FieldSchema | ObjectSchema>>
}

export interface FieldSchema {
  type: 'string' | 'integer' | 'boolean'
  description?: string
  format?: string
  /** The only values of a string. */
  enum?: readonly string[]
  pattern?: string
  maxLength?: number
  minimum?: number
  maximum?: number
  /** The value of an optional field that is missing or wrong: `check` accepts any, and `orDefault` reads it. */
  default?: string
}

/** The object that a schema describes. So an object's type and its check cannot disagree. */
export type FromSchema<Schema extends ObjectSchema> = Together<
  {
    readonly [Field in Schema['required'][number]]: ValueOf<Schema['properties'][Field]>
  } & {
    readonly [Field in Exclude<keyof Schema['properties'], Schema['required'][number]>]?: ValueOf<
      Schema['properties'][Field]
    >
  }
>

type ValueOf<Field> = Field extends ObjectSchema
  ? FromSchema<Field>
  : Field extends { default: string }
    ? unknown
    : Field extends { enum: readonly (infer Value)[] }
      ? Value
      : Field extends { type: infer Type extends keyof Values }
        ? Values[Type]
        : never

interface Values {
  string: string
  integer: number
  boolean: boolean
}

/** `A & B` as one object type, which an editor shows field by field. */
type Together<Parts> = { [Field in keyof Parts]: Parts[Field] }

/**
 * Checks that `input` has the fields of `schema`, each as its row says, and returns those. Of what is asked for, another
 * field is refused; of an answer (`unexpected`) it is left out. Throws the given problem naming the first field at fault,
 * and never repeats what the field held.
 */
export function check<const Schema extends ObjectSchema>(
  schema: Schema,
  input: unknown,
  code: ProblemCode,
): FromSchema<Schema> {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw new Problem(code, { why: 'is not an object', field: 'body' })
  }
  const fields = input as Record<string, unknown>
  const known: Record<string, unknown> = {}
  for (const field of Object.keys(fields)) {
    if (Object.keys(schema.properties).includes(field)) known[field] = fields[field]
    // A page from before an upgrade of the service asks the new one. What it does not know, it does not use.
    else if (code !== 'unexpected')
      throw new Problem(code, { field: nameable(field), why: 'is not one of the fields' })
  }
  for (const field of schema.required) {
    if (known[field] === undefined) throw new Problem(code, { field, why: 'is missing' })
  }
  for (const field of Object.keys(known)) {
    const form = schema.properties[field] as FieldSchema | ObjectSchema
    if (form.type === 'object') {
      known[field] = check(form, known[field], code)
      continue
    }
    const why = fault(form, known[field])
    if (why && form.default === undefined) throw new Problem(code, { field, why })
  }
  return known as FromSchema<Schema>
}

/** The value of a field that has a default. */
export function orDefault(form: FieldSchema & { default: string }, value: unknown): string {
  return fault(form, value) ? form.default : (value as string)
}

function fault(schema: FieldSchema, value: unknown): string | undefined {
  const { minimum, maximum, maxLength } = schema
  if (schema.type === 'integer') {
    if (!Number.isInteger(value)) return 'is not a whole number'
    if (minimum !== undefined && (value as number) < minimum) return 'is too small'
    if (maximum !== undefined && (value as number) > maximum) return 'is too large'
    return undefined
  }
  if (typeof value !== schema.type) return `is not a ${schema.type}`
  if (schema.type === 'boolean') return undefined
  if (maxLength !== undefined && (value as string).length > maxLength) return 'is too long'
  if (schema.enum && !schema.enum.includes(value as string)) return 'has the wrong form'
  if (schema.pattern && !new RegExp(schema.pattern, 'u').test(value as string)) return 'has the wrong form'
  return undefined
}

/** The name of an unknown field may itself be private. Only a short plain one is repeated. */
function nameable(field: string): string {
  return /^\w{1,32}$/.test(field) ? field : 'a field'
}
