import { existsSync, readFileSync } from 'node:fs'
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import formats from 'ajv-formats'
import type { ReceivedRequest } from '../../src/simulator/zoom/recorder.ts'

/** Zoom's own description of its Meetings API (OpenAPI 3.0), kept beside the checkout where there is one. */
const file = new URL('../../../shared/data/zoom/zoom-meetings.slice.patched.json', import.meta.url)

export interface Schema {
  $ref?: string
  type?: string
  enum?: unknown[]
  maxLength?: number
  maxItems?: number
  properties?: Record<string, Schema>
  additionalProperties?: boolean
  items?: Schema
  allOf?: Schema[]
}
interface Content {
  content?: { 'application/json'?: { schema: Schema } }
}
interface Operation {
  requestBody?: Content
  responses: Record<string, Content>
}
interface Description {
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, Schema> }
}

export type Contract = ReturnType<typeof judge>

/** What Zoom's description has to say; undefined where it is not at hand. */
export function zoomContract(): Contract | undefined {
  return existsSync(file) ? judge(JSON.parse(readFileSync(file, 'utf8'))) : undefined
}

/** Each verdict is a list of faults: empty when all is well. */
function judge(description: Description) {
  const ajv = formats.default(new Ajv({ strict: false, allErrors: true, validateFormats: true }))
  const compiled = new Map<string, ValidateFunction>()

  /** The operation that `/meetings/123` or `/users/x/meetings?page_size=1` means, with the path as it is written there. */
  function operation(method: string, path: string): [string, Operation] | undefined {
    const bare = path.split('?')[0] ?? ''
    for (const [template, operations] of Object.entries(description.paths)) {
      const pattern = new RegExp(`^${template.replace(/\{[^}]+\}/g, '[^/]+')}$`)
      const found = pattern.test(bare) && operations[method.toLowerCase()]
      if (found) return [`${method} ${template}`, found]
    }
    return undefined
  }

  function check(key: string, schema: Schema, value: unknown): string[] {
    const validate = compiled.get(key) ?? ajv.compile(schema)
    compiled.set(key, validate)
    if (validate(value)) return []
    const errors: ErrorObject[] = validate.errors ?? []
    return errors.map(
      ({ instancePath, message, params }) =>
        `${key}: ${instancePath || 'it'} ${message} ${JSON.stringify(params)}`,
    )
  }

  function request(method: string, path: string, body: unknown): string[] {
    const [name, found] = operation(method, path) ?? []
    if (!found) return [`Zoom has no ${method} ${path}`]
    const schema = found.requestBody?.content?.['application/json']?.schema
    if (!schema) return body === undefined ? [] : [`${name} takes no body`]
    if (body === undefined) return [`${name} lacks its body`]
    return check(`${name} request`, closed(whole(schema, description)), body)
  }

  return {
    /** Whether Zoom takes this body; a field it does not name counts as a fault, to find misspelt ones. */
    request,

    /** Whether Zoom would answer so. Fields it does not name are let through: its description forgets some. */
    answer(method: string, path: string, status: number, body: unknown): string[] {
      const [name, found] = operation(method, path) ?? []
      const response = found?.responses[status]
      if (!response) return [`Zoom never answers ${method} ${path} with ${status}`]
      const schema = response.content?.['application/json']?.schema
      if (schema) return check(`${name} ${status}`, whole(schema, description), body)
      return body === undefined ? [] : [`${name} ${status} has no body`]
    },

    /** Whether all that a client sent to `/v2` is as Zoom wants it; other APIs' paths are left out. */
    recorded(requests: readonly ReceivedRequest[]): string[] {
      return requests
        .filter(({ method, path }) => operation(method, path.replace(/^\/v2/, '')))
        .flatMap(({ method, path, body }) => request(method, path.replace(/^\/v2/, ''), body))
    },

    /** The body's schema, with every reference followed. */
    body(method: string, path: string): Schema {
      const schema = operation(method, path)?.[1].requestBody?.content?.['application/json']?.schema
      return schema ? whole(schema, description) : {}
    },
  }
}

/** A schema with its references followed. Zoom's have no circles. */
function whole(schema: Schema, description: Description): Schema {
  const name = schema.$ref?.split('/').at(-1)
  const named = name === undefined ? schema : description.components.schemas[name]
  if (!named) throw new Error(`Zoom's description has no ${schema.$ref}`)
  return mapped(named.$ref ? whole(named, description) : named, (inner) => whole(inner, description))
}

/** The schema that takes no field it does not name. */
function closed(schema: Schema): Schema {
  const inner = mapped(schema, closed)
  return schema.properties ? { ...inner, additionalProperties: false } : inner
}

function mapped(schema: Schema, change: (inner: Schema) => Schema): Schema {
  const { properties, items, allOf } = schema
  return {
    ...schema,
    ...(properties && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, inner]) => [name, change(inner)]),
      ),
    }),
    ...(items && { items: change(items) }),
    ...(allOf && { allOf: allOf.map(change) }),
  }
}
