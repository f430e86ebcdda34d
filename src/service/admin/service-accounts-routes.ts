import { createRoute, z } from '@hono/zod-openapi'
import { adminPaths } from '../../contract/admin-paths.ts'
import { serverIdSchema, serviceAccountsSchema } from '../../contract/admin-service-accounts.ts'
import { type Account, accountFrom, accountSchema } from '../../contract/connections.ts'
import { Problem } from '../../contract/problems.ts'
import type { ServiceAccounts } from '../connections/service-accounts.ts'
import { type Api, bearer, json, refusals, requestOf } from '../http/openapi.ts'
import type { IdentitySettings } from '../identity/settings.ts'
import { onlyDirectoryOf } from '../policies/only-directory.ts'

const params = z.object({ server: serverIdSchema })
const account = requestOf<Account>('ServiceAccount', accountFrom, accountSchema)

const routes = {
  list: createRoute({
    method: 'get',
    path: adminPaths.serviceAccounts,
    summary: 'The Exchange servers, and whether a service account opens their mailboxes',
    security: bearer,
    responses: { 200: json(serviceAccountsSchema, 'Every server with an address for EWS'), ...refusals },
  }),
  save: createRoute({
    method: 'put',
    path: adminPaths.serviceAccount,
    summary: 'Save the account that opens mailboxes on an Exchange server',
    description:
      'The server is asked once, and must accept the password; otherwise nothing is stored. A password that it has refused is not tried again within an hour. Stored sealed. Needs the role Admin.',
    security: bearer,
    request: { params, body: { required: true, content: { 'application/json': { schema: account } } } },
    responses: { 200: json(serviceAccountsSchema, 'The servers as they are now'), ...refusals },
  }),
  remove: createRoute({
    method: 'delete',
    path: adminPaths.serviceAccount,
    summary: 'Remove the service account of an Exchange server',
    description: 'Its mailboxes are not opened any more until another one is saved. Needs the role Admin.',
    security: bearer,
    request: { params },
    responses: { 204: { description: 'The account and its data key are deleted' }, ...refusals },
  }),
}

/** Service accounts. `adminRoutes` has the guards of every path under `/admin`. */
export function serviceAccountRoutes(
  api: Api,
  accounts: ServiceAccounts,
  { ENTRA_TENANTS: tenants }: Pick<IdentitySettings, 'ENTRA_TENANTS'>,
): void {
  // The mailboxes of a server belong to no directory: of several directories none decides about them.
  function requireOnlyDirectory(): void {
    if (!onlyDirectoryOf(tenants)) throw new Problem('only_by_command')
  }
  api.openapi(routes.list, async (c) => {
    requireOnlyDirectory()
    return c.json({ servers: await accounts.list(c.get('administrator').subject) }, 200)
  })
  api.openapi(routes.save, async (c) => {
    requireOnlyDirectory()
    const by = c.get('administrator').subject
    await accounts.save(by, c.req.valid('param').server, c.req.valid('json'))
    return c.json({ servers: await accounts.list(by) }, 200)
  })
  api.openapi(routes.remove, async (c) => {
    requireOnlyDirectory()
    await accounts.remove(c.get('administrator').subject, c.req.valid('param').server)
    return c.body(null, 204)
  })
}
