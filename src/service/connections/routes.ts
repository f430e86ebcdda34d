import { createRoute } from '@hono/zod-openapi'
import {
  type Connection,
  type Connections,
  connectionSchema,
  connectionsSchema,
} from '../../contract/connections.ts'
import { paths } from '../../contract/paths.ts'
import type { Guards } from '../http/guards.ts'
import { bodyLimit, noStore } from '../http/middleware.ts'
import { type Api, answerOf, bearer, json, refusals } from '../http/openapi.ts'
import type { ConnectionActs } from './connections.ts'

const connection = answerOf<Connection>('Connection', connectionSchema)
const connections = answerOf<Connections>('Connections', connectionsSchema)

const routes = {
  list: createRoute({
    method: 'get',
    path: paths.connections,
    summary: "The state of the caller's connections",
    description:
      'Asks the provider, if it has not accepted the stored credential for half a minute and is not known to be down.',
    security: bearer,
    responses: { 200: json(connections, 'By provider. Empty: this caller can connect none'), ...refusals },
  }),
  connect: createRoute({
    method: 'put',
    path: paths.microsoftConnection,
    summary: 'Connect the Microsoft 365 calendar of the caller',
    description:
      'By OAuth 2.0 on-behalf-of: the bearer must be an access token of Entra. With `claims`, get an access token that satisfies them and call again.',
    security: bearer,
    responses: {
      200: json(connection, 'The connection, or the state that keeps it from being made'),
      ...refusals,
    },
  }),
  disconnect: createRoute({
    method: 'delete',
    path: paths.microsoftConnection,
    summary: 'Disconnect the Microsoft 365 calendar of the caller',
    security: bearer,
    responses: { 204: { description: 'The credential and its data key are deleted' }, ...refusals },
  }),
}

/** The connections of the caller. The proof says whose they are: no request can name another person's. */
export function connectionRoutes(api: Api, guards: Guards, acts: ConnectionActs): void {
  for (const path of [paths.connections, paths.microsoftConnection])
    api.use(path, noStore, bodyLimit, guards.active)
  api.openapi(routes.list, async (c) => c.json(await acts.all(c.get('active')), 200))
  api.openapi(routes.connect, async (c) => {
    const proof = (c.req.header('authorization') ?? '').slice('Bearer '.length)
    return c.json(await acts.connect(c.get('active'), proof), 200)
  })
  api.openapi(routes.disconnect, async (c) => {
    await acts.disconnect(c.get('active'))
    return c.body(null, 204)
  })
}
