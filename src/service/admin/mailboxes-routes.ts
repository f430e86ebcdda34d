import { createRoute, z } from '@hono/zod-openapi'
import {
  mailboxesQuerySchema,
  mailboxesSchema,
  mailboxRequestSchema,
  mailboxSchema,
  objectIdSchema,
} from '../../contract/admin-mailboxes.ts'
import { adminPaths } from '../../contract/admin-paths.ts'
import { actingAs, type MailboxActs } from '../connections/mailboxes.ts'
import { type Api, bearer, body, json, refusals } from '../http/openapi.ts'

const params = z.object({ objectId: objectIdSchema })

const routes = {
  list: createRoute({
    method: 'get',
    path: adminPaths.mailboxes,
    summary: 'The mailboxes of Microsoft 365 that are connected by application permissions',
    security: bearer,
    request: { query: mailboxesQuerySchema },
    responses: { 200: json(mailboxesSchema, 'A page, in the order of the object ids'), ...refusals },
  }),
  connect: createRoute({
    method: 'put',
    path: adminPaths.mailbox,
    summary: 'Connect a mailbox of the administrator’s directory by application permissions',
    description:
      'By the object id of a person or a room. Microsoft Graph must open its calendar; if it does not, nothing is stored. No more than the policies for that person allow. No credential is stored. Needs the role Admin.',
    security: bearer,
    request: { params, body: body(mailboxRequestSchema) },
    responses: { 200: json(mailboxSchema, 'The connected mailbox'), ...refusals },
  }),
  check: createRoute({
    method: 'post',
    path: adminPaths.mailboxCheck,
    summary: 'Ask Microsoft Graph again whether it opens the calendar of a connected mailbox',
    description:
      'Stores the state. After a failure of Entra or Graph, neither is asked before the time in `askAt`. Needs the role Admin.',
    security: bearer,
    request: { params },
    responses: { 200: json(mailboxSchema, 'The mailbox with its state now'), ...refusals },
  }),
  disconnect: createRoute({
    method: 'delete',
    path: adminPaths.mailbox,
    summary: 'Disconnect a mailbox',
    description: 'Needs the role Admin.',
    security: bearer,
    request: { params },
    responses: { 204: { description: 'The connection is deleted' }, ...refusals },
  }),
}

/** Mailboxes that an administrator connects. `adminRoutes` has the guards of every path under `/admin`. */
export function mailboxRoutes(api: Api, mailboxes: MailboxActs): void {
  api.openapi(routes.list, async (c) =>
    c.json(await mailboxes.list(actingAs(c.get('administrator')), c.req.valid('query')), 200),
  )
  api.openapi(routes.connect, async (c) => {
    const { permission } = c.req.valid('json')
    const { objectId } = c.req.valid('param')
    return c.json(await mailboxes.connect(actingAs(c.get('administrator')), objectId, permission), 200)
  })
  api.openapi(routes.check, async (c) =>
    c.json(await mailboxes.check(actingAs(c.get('administrator')), c.req.valid('param').objectId), 200),
  )
  api.openapi(routes.disconnect, async (c) => {
    await mailboxes.disconnect(actingAs(c.get('administrator')), c.req.valid('param').objectId)
    return c.body(null, 204)
  })
}
