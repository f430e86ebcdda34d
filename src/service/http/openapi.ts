import { type OpenAPIHono, z } from '@hono/zod-openapi'
import type { Env } from './middleware.ts'
import { problemSchema } from './problem-answer.ts'

/** What a system adds its routes to. OpenAPI describes every route that a program calls. */
export type Api = OpenAPIHono<Env>

/** A JSON answer. */
export const json = <Schema extends z.ZodType>(schema: Schema, description: string) => ({
  description,
  content: { 'application/json': { schema } },
})

/** A required JSON body. */
export const body = <Schema extends z.ZodType>(schema: Schema) => ({
  required: true,
  content: { 'application/json': { schema } },
})

/** Every route can answer with a problem. */
export const refusals = {
  default: {
    description: 'A problem (RFC 9457)',
    content: { 'application/problem+json': { schema: problemSchema } },
  },
}

/**
 * A request object of one route. The contract's own check reads it and its JSON Schema describes it. A name is used once:
 * at the second use the library tries the check with null, and no description can be made.
 */
export const requestOf = <T>(name: string, from: (input: unknown) => T, schema: object) =>
  z.any().transform(from).openapi(name, schema)

/** An answer object, described by the contract's JSON Schema. */
export const answerOf = <T>(name: string, schema: object) => z.custom<T>().openapi(name, schema)

/**
 * A parameter that its route reads by itself. The library's check would read every parameter of every request, and make
 * web `Headers` of all headers: few requests have this one.
 */
export const rareParameter = (
  place: 'query' | 'header',
  name: string,
  schema: { type: 'string'; pattern?: string; enum?: string[]; description?: string },
) => ({ in: place, name, required: false, schema })

/** The caller must show a proof: an access token, a session or a ticket. */
export const bearer = [{ bearer: [] }]
