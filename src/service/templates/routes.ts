import { createRoute, z } from '@hono/zod-openapi'
import { savedOptionsFrom, savedOptionsSchema } from '../../contract/meeting-options.ts'
import { keyPattern, paths } from '../../contract/paths.ts'
import { type Saved, savedSchema, templateFrom, templateSchema } from '../../contract/templates.ts'
import type { Guards } from '../http/guards.ts'
import { type Api, answerOf, bearer, body, json, refusals, requestOf } from '../http/openapi.ts'
import type { SavedOptions } from './templates.ts'

const saved = answerOf<Saved>('SavedOptions', savedSchema)
const template = requestOf('Template', templateFrom, templateSchema)
const defaults = requestOf('Defaults', savedOptionsFrom, savedOptionsSchema)
const templateId = z.object({ id: z.string().regex(new RegExp(keyPattern)) })
const done = { 204: { description: 'It is so now' }, ...refusals }

const routes = {
  read: createRoute({
    method: 'get',
    path: paths.templates,
    summary: 'Read the caller’s defaults and templates',
    security: bearer,
    responses: { 200: json(saved, 'What the service remembers, on every device'), ...refusals },
  }),
  saveDefaults: createRoute({
    method: 'put',
    path: paths.defaults,
    summary: 'Save the options of the caller’s new meetings',
    description: 'They replace the earlier ones. An option that a policy decides stays decided.',
    security: bearer,
    request: { body: body(defaults) },
    responses: done,
  }),
  save: createRoute({
    method: 'put',
    path: paths.template,
    summary: 'Save a template',
    description: 'Idempotent. The client chooses the id: 128 random bits, base64url.',
    security: bearer,
    request: { params: templateId, body: body(template) },
    responses: done,
  }),
  delete: createRoute({
    method: 'delete',
    path: paths.template,
    summary: 'Delete a template',
    security: bearer,
    request: { params: templateId },
    responses: done,
  }),
}

/** What a person saves. */
export function templateRoutes(api: Api, guards: Guards, acts: SavedOptions): void {
  for (const path of [paths.templates, paths.defaults, '/templates/:id']) api.use(path, guards.active)
  api.openapi(routes.read, async (c) => c.json(await acts.of(c.get('active').subject), 200))
  api.openapi(routes.saveDefaults, async (c) => {
    await acts.saveDefaults(c.get('active'), c.req.valid('json'))
    return c.body(null, 204)
  })
  api.openapi(routes.save, async (c) => {
    await acts.save(c.get('active'), c.req.valid('param').id, c.req.valid('json'))
    return c.body(null, 204)
  })
  api.openapi(routes.delete, async (c) => {
    await acts.delete(c.get('active'), c.req.valid('param').id)
    return c.body(null, 204)
  })
}
