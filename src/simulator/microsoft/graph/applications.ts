import { randomBytes, randomUUID } from 'node:crypto'
import { type Context, Hono } from 'hono'
import { z } from 'zod'
import { type ApplicationObject, principals, type RegistrationObject } from '../registration.ts'
import type { Callers } from './callers.ts'
import { GraphError } from './errors.ts'

/** Microsoft Graph as an API of the directory. */
const graphAppId = '00000003-0000-0000-c000-000000000000'
/** Its permissions for people, with ids of our own. */
const graphScopes = ['Calendars.Read', 'Calendars.ReadWrite', 'offline_access', 'User.Read'].map(
  (value, index) => ({ id: `57a7e0de-0000-4000-8000-00000000000${index}`, value }),
)

const reading = /^(Application|Directory)\.(Read(Write)?\.All|AccessAsUser\.All)$/
const writing = /^(Application\.ReadWrite\.All|Directory\.AccessAsUser\.All)$/
const consents = /^(DelegatedPermissionGrant|Directory)\.(Read(Write)?\.All|AccessAsUser\.All)$/
const consenting = /^DelegatedPermissionGrant\.ReadWrite\.All$/

/**
 * The registration of the application, its service principal and its grants. Source: Graph v1.0, "application resource
 * type", "servicePrincipal resource type", "oAuth2PermissionGrant resource type", with the permissions of each request.
 */
export function createApplications(callers: Callers, registered: RegistrationObject | undefined) {
  const app = new Hono()
  const by = (kind: string) => `/v1.0/:of{${kind}\\(appId='[0-9a-f-]{36}'\\)}`
  const denied = 'Authorization_RequestDenied'
  const may = (c: Context, permission: RegExp) => callers.callerOf(c, permission, denied)
  const missing = (id: string | undefined) =>
    new GraphError(
      'Request_ResourceNotFound',
      `Resource '${id}' does not exist or one of its queried reference-property objects are not present.`,
    )
  const idIn = (path: string) => /appId='([0-9a-f-]{36})'/.exec(path)?.[1]

  function found(id: string | undefined): RegistrationObject {
    if (!registered?.exists()) throw missing(id)
    const { appId, id: object } = registered.object()
    if (id !== appId && id !== object) throw missing(id)
    return registered
  }
  const selected = (c: Context, whole: object) => {
    const wanted = c.req.query('$select')?.split(',')
    return Object.fromEntries(Object.entries(whole).filter(([name]) => !wanted || wanted.includes(name)))
  }

  app.get('/v1.0/applications', async (c) => {
    await may(c, reading)
    const name = /^displayName eq '([^']*)'$/.exec(c.req.query('$filter') ?? '')?.[1]
    if (name === undefined) throw new GraphError('BadRequest', 'This filter is not simulated.')
    const object = registered?.exists() ? registered.object() : undefined
    return c.json({ value: object?.displayName === name ? [selected(c, object)] : [] })
  })
  app.post('/v1.0/applications', async (c) => {
    await may(c, writing)
    const { displayName } = z
      .strictObject({ displayName: z.string().min(1), signInAudience: z.literal('AzureADMyOrg') })
      .parse(await c.req.json())
    return c.json(registered?.create(displayName), 201)
  })
  app.get(by('applications'), async (c) => {
    await may(c, reading)
    return c.json(selected(c, found(idIn(c.req.path)).object()))
  })
  app.get('/v1.0/applications/:id', async (c) => {
    await may(c, reading)
    return c.json(selected(c, found(c.req.param('id')).object()))
  })
  app.patch('/v1.0/applications/:id', async (c) => {
    await may(c, writing)
    const application = found(c.req.param('id'))
    application.change(changed(application.object(), patch.parse(await c.req.json())))
    return c.body(null, 204)
  })
  app.post('/v1.0/applications/:id/addPassword', async (c) => {
    await may(c, writing)
    const secretText = `simulated.${randomBytes(24).toString('base64url')}`
    found(c.req.param('id')).addSecret(secretText)
    return c.json({ keyId: randomUUID(), secretText, hint: secretText.slice(0, 3) })
  })

  app.get(`${by('servicePrincipals')}/oauth2PermissionGrants`, async (c) => {
    await may(c, consents)
    return c.json({ value: found(idIn(c.req.path)).grants })
  })
  app.get(by('servicePrincipals'), async (c) => {
    await may(c, reading)
    const id = idIn(c.req.path)
    if (id === graphAppId)
      return c.json(selected(c, { id: principals.graph, oauth2PermissionScopes: graphScopes }))
    if (!found(id).isInDirectory()) throw missing(id)
    return c.json(selected(c, { id: principals.own }))
  })
  app.post('/v1.0/servicePrincipals', async (c) => {
    await may(c, writing)
    const { appId } = z.object({ appId: z.string() }).parse(await c.req.json())
    found(appId).addToDirectory()
    return c.json({ id: principals.own, appId }, 201)
  })
  app.post('/v1.0/oauth2PermissionGrants', async (c) => {
    await may(c, consenting)
    const grant = wholeGrant.parse(await c.req.json())
    const made = { id: randomBytes(16).toString('base64url'), ...grant }
    registered?.grants.push(made)
    return c.json(made, 201)
  })
  app.patch('/v1.0/oauth2PermissionGrants/:id', async (c) => {
    await may(c, consenting)
    const grant = registered?.grants.find(({ id }) => id === c.req.param('id'))
    if (!grant) throw missing(c.req.param('id'))
    Object.assign(grant, z.strictObject({ scope: z.string().min(1) }).parse(await c.req.json()))
    return c.body(null, 204)
  })
  return app
}

const guid = z.guid()
const uris = z.array(z.string().regex(/^(https|brk-multihub):\/\//))
const required = z.array(
  z.strictObject({
    resourceAppId: guid,
    resourceAccess: z.array(z.strictObject({ id: guid, type: z.literal('Scope') })),
  }),
)
/** What can be changed of an application, as far as it is simulated. */
const patch = z
  .strictObject({
    identifierUris: z.array(z.string()),
    spa: z.strictObject({ redirectUris: uris }),
    web: z.strictObject({ redirectUris: uris }),
    api: z
      .strictObject({
        requestedAccessTokenVersion: z.literal(2),
        oauth2PermissionScopes: z.array(
          z.looseObject({
            id: guid,
            value: z.string(),
            isEnabled: z.boolean(),
            type: z.enum(['User', 'Admin']),
          }),
        ),
        preAuthorizedApplications: z.array(
          z.strictObject({ appId: guid, delegatedPermissionIds: z.array(guid) }),
        ),
      })
      .partial(),
    appRoles: z.array(
      z.looseObject({ id: guid, value: z.string(), allowedMemberTypes: z.tuple([z.literal('User')]) }),
    ),
    groupMembershipClaims: z.string(),
    optionalClaims: z.looseObject({ accessToken: z.array(z.looseObject({ name: z.string() })) }),
    requiredResourceAccess: required,
  })
  .partial()

const wholeGrant = z.strictObject({
  clientId: z.literal(principals.own),
  consentType: z.literal('AllPrincipals'),
  resourceId: z.enum(Object.values(principals)),
  scope: z.string().min(1),
})

/** An application with a change. Graph refuses what no application can be. */
function changed(before: ApplicationObject, change: z.infer<typeof patch>): ApplicationObject {
  const refused = (why: string) => new GraphError('BadRequest', why)
  const after = { ...before, ...change, api: { ...before.api, ...change.api } } as ApplicationObject
  const addresses = [after.spa, after.web, after.publicClient].flatMap(({ redirectUris }) => redirectUris)
  if (new Set(addresses).size < addresses.length)
    throw refused('A redirect URI is in more than one platform, or twice.')
  const scopes = after.api.oauth2PermissionScopes
  for (const { id, isEnabled } of before.api.oauth2PermissionScopes)
    if (isEnabled && !scopes.some((scope) => scope.id === id))
      throw refused('A permission that is enabled cannot be deleted. Disable it first.')
  const known = new Set(before.api.oauth2PermissionScopes.map(({ id }) => id))
  for (const { delegatedPermissionIds } of after.api.preAuthorizedApplications)
    if (delegatedPermissionIds.some((id) => !known.has(id)))
      throw refused('A pre-authorized application names a permission that does not exist.')
  return after
}
