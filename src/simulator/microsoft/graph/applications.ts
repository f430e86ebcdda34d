import { Hono } from 'hono'
import type { ApplicationObject, PermissionGrant } from '../registration.ts'
import type { Callers } from './callers.ts'
import { GraphError } from './errors.ts'

/** The registrations of the directory that Graph can show. */
export interface Registered {
  application(): ApplicationObject
  grants(): readonly PermissionGrant[]
}

/**
 * `GET /applications(appId='…')` and the grants of its service principal. Source: Graph, "Get application" (permission
 * `Application.Read.All`) and "List oauth2PermissionGrants" (`DelegatedPermissionGrant.Read.All`).
 */
export function createApplications(callers: Callers, registered: Registered | undefined) {
  const app = new Hono()
  const of = (kind: string) => `/v1.0/:of{${kind}\\(appId='[0-9a-f-]{36}'\\)}`

  function found(path: string): Registered {
    const id = /appId='([0-9a-f-]{36})'/.exec(path)?.[1]
    if (registered?.application().appId !== id || !registered)
      throw new GraphError('Request_ResourceNotFound', `Resource '${id}' does not exist.`)
    return registered
  }

  app.get(of('applications'), async (c) => {
    await callers.callerOf(c, /^(Application|Directory)\.Read(Write)?\.All$/, 'Authorization_RequestDenied')
    const wanted = c.req.query('$select')?.split(',')
    const whole = Object.entries(found(c.req.path).application())
    return c.json(Object.fromEntries(whole.filter(([name]) => !wanted || wanted.includes(name))))
  })
  app.get(`${of('servicePrincipals')}/oauth2PermissionGrants`, async (c) => {
    await callers.callerOf(
      c,
      /^(DelegatedPermissionGrant|Directory)\.Read(Write)?\.All$/,
      'Authorization_RequestDenied',
    )
    return c.json({ value: found(c.req.path).grants() })
  })
  return app
}
