import { createRoute, z } from '@hono/zod-openapi'
import { subjectSchema } from '../../contract/admin.ts'
import { adminPaths } from '../../contract/admin-paths.ts'
import { syncQuerySchema, syncStatusSchema } from '../../contract/admin-sync.ts'
import { type Api, bearer, json, refusals } from '../http/openapi.ts'
import type { SyncAdministration } from './status.ts'

const routes = {
  status: createRoute({
    method: 'get',
    path: adminPaths.sync,
    summary: 'Whose calendars are watched, and the events that could not be followed',
    security: bearer,
    request: { query: syncQuerySchema },
    responses: { 200: json(syncStatusSchema, 'A page of people, in the order of their ids'), ...refusals },
  }),
  check: createRoute({
    method: 'post',
    path: adminPaths.syncCheck,
    summary: 'Compare the calendar of a person with their meetings now',
    description: 'It happens in the background. Needs the role Admin.',
    security: bearer,
    request: { params: z.object({ subject: subjectSchema }) },
    responses: { 204: { description: 'It begins' }, ...refusals },
  }),
  retry: createRoute({
    method: 'post',
    path: adminPaths.syncRetry,
    summary: 'Follow an event again that could not be followed',
    description: 'Needs the role Admin.',
    security: bearer,
    request: { params: z.object({ id: z.uuid() }) },
    responses: { 204: { description: 'It waits to be followed' }, ...refusals },
  }),
  retryAll: createRoute({
    method: 'post',
    path: adminPaths.syncRetries,
    summary: 'Follow all events again that could not be followed',
    description: 'Those of the people whom the administrator sees. Needs the role Admin.',
    security: bearer,
    responses: { 204: { description: 'They wait to be followed' }, ...refusals },
  }),
}

/** Calendar sync for administrators. `adminRoutes` has the guards of every path under `/admin`. */
export function syncAdminRoutes(api: Api, administration: SyncAdministration): void {
  api.openapi(routes.status, async (c) =>
    c.json(await administration.status(c.get('administrator'), c.req.valid('query')), 200),
  )
  api.openapi(routes.check, async (c) => {
    await administration.check(c.get('administrator'), c.req.valid('param').subject)
    return c.body(null, 204)
  })
  api.openapi(routes.retry, async (c) => {
    await administration.retry(c.get('administrator'), c.req.valid('param').id)
    return c.body(null, 204)
  })
  api.openapi(routes.retryAll, async (c) => {
    await administration.retryAll(c.get('administrator'))
    return c.body(null, 204)
  })
}
