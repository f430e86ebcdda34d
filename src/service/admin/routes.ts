import { createRoute, z } from '@hono/zod-openapi'
import {
  administratorSchema,
  peopleQuerySchema,
  peopleSchema,
  personSchema,
  subjectSchema,
} from '../../contract/admin.ts'
import { adminPaths } from '../../contract/admin-paths.ts'
import type { Guards } from '../http/guards.ts'
import { bodyLimit, noStore } from '../http/middleware.ts'
import { type Api, bearer, json, refusals } from '../http/openapi.ts'
import type { Administration } from './administration.ts'

const params = z.object({ subject: subjectSchema })

const routes = {
  me: createRoute({
    method: 'get',
    path: adminPaths.me,
    summary: 'Who is signed in, and with which role',
    description:
      'The access token needs the scope `admin`, an app role and a second factor. Without the factor the answer is 401 with a claims challenge.',
    security: bearer,
    responses: { 200: json(administratorSchema, 'The administrator'), ...refusals },
  }),
  people: createRoute({
    method: 'get',
    path: adminPaths.people,
    summary: 'The people of the administrator’s organisation',
    security: bearer,
    request: { query: peopleQuerySchema },
    responses: { 200: json(peopleSchema, 'A page, in the order of the ids'), ...refusals },
  }),
  person: createRoute({
    method: 'get',
    path: adminPaths.person,
    summary: 'What is stored about one person, and what happened',
    security: bearer,
    request: { params },
    responses: { 200: json(personSchema, 'Facts, and no secret'), ...refusals },
  }),
}

/** The administrators' API. Its proofs are bearer tokens, so no other page can make a browser send one. */
export function adminRoutes(api: Api, guards: Guards, administration: Administration): void {
  api.use('/admin/*', noStore, bodyLimit, guards.administrator('Auditor'))
  api.openapi(routes.me, async (c) => c.json(await administration.open(c.get('administrator')), 200))
  api.openapi(routes.people, async (c) =>
    c.json(await administration.people(c.get('administrator'), c.req.valid('query')), 200),
  )
  api.openapi(routes.person, async (c) =>
    c.json(await administration.person(c.get('administrator'), c.req.valid('param').subject), 200),
  )
}
