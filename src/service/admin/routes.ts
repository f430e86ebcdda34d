import { createRoute, z } from '@hono/zod-openapi'
import {
  administratorSchema,
  auditPageSchema,
  auditQuerySchema,
  deploymentSchema,
  exportQuerySchema,
  healthSchema,
  keyIdSchema,
  keysSchema,
  peopleQuerySchema,
  peopleSchema,
  personSchema,
  revocationsRequestSchema,
  revocationsSchema,
  subjectSchema,
  verdictSchema,
} from '../../contract/admin.ts'
import { adminPaths } from '../../contract/admin-paths.ts'
import type { Guards } from '../http/guards.ts'
import { type Api, bearer, body, json, refusals } from '../http/openapi.ts'
import type { Administration } from './administration.ts'

const params = z.object({ subject: subjectSchema })
const keyParams = z.object({ key: keyIdSchema })

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
  audit: createRoute({
    method: 'get',
    path: adminPaths.audit,
    summary: 'Records of the audit trail, the newest first',
    security: bearer,
    request: { query: auditQuerySchema },
    responses: { 200: json(auditPageSchema, 'A page'), ...refusals },
  }),
  verifyAudit: createRoute({
    method: 'get',
    path: adminPaths.auditVerification,
    summary: 'Verify that no record of the audit trail was changed, removed, added or moved',
    security: bearer,
    responses: { 200: json(verdictSchema, 'What was found'), ...refusals },
  }),
  exportAudit: createRoute({
    method: 'get',
    path: adminPaths.auditExport,
    summary: 'Export the audit trail, one JSON object a line',
    security: bearer,
    request: { query: exportQuerySchema },
    responses: {
      200: { description: 'The export, as `application/jsonl`. It ends with the record of itself' },
      ...refusals,
    },
  }),
  keys: createRoute({
    method: 'get',
    path: adminPaths.keys,
    summary: 'Which keys wrap how many stored credentials',
    security: bearer,
    responses: { 200: json(keysSchema, 'By key'), ...refusals },
  }),
  askKeyRemoval: createRoute({
    method: 'put',
    path: adminPaths.keyRemoval,
    summary: 'Ask for the removal of an older key',
    description:
      'The key must not be active, and no stored credential may need it. The request ends after a day. Needs the role Admin.',
    security: bearer,
    request: { params: keyParams },
    responses: { 204: { description: 'Another administrator can confirm it' }, ...refusals },
  }),
  withdrawKeyRemoval: createRoute({
    method: 'delete',
    path: adminPaths.keyRemoval,
    summary: 'Withdraw the request to remove a key',
    description: 'Needs the role Admin.',
    security: bearer,
    request: { params: keyParams },
    responses: { 204: { description: 'The key stays' }, ...refusals },
  }),
  retireKey: createRoute({
    method: 'put',
    path: adminPaths.keyRetirement,
    summary: 'Confirm the removal of a key',
    description:
      'Retires a key whose removal another administrator asked for. The service stores nothing with it any more, and it can be removed from the settings. Needs the role Admin.',
    security: bearer,
    request: { params: keyParams },
    responses: { 204: { description: 'The key is retired' }, ...refusals },
  }),
  health: createRoute({
    method: 'get',
    path: adminPaths.health,
    summary: 'When each outside system last answered and last failed, as one process has seen it',
    security: bearer,
    responses: { 200: json(healthSchema, 'By system'), ...refusals },
  }),
  deployment: createRoute({
    method: 'get',
    path: adminPaths.deployment,
    summary: 'Check the deployment from the outside in, as `zoom-for-outlook doctor` does',
    description:
      'A line is a finding by name, with the values that its sentences name; never a secret. An answer is used again for ten seconds.',
    security: bearer,
    responses: { 200: json(deploymentSchema, 'A line for each finding'), ...refusals },
  }),
  revoke: createRoute({
    method: 'put',
    path: adminPaths.revocation,
    summary: 'End a person’s access',
    description:
      'Ends every proof so far, forgets the Zoom account, deletes the credentials, and lets the person connect no calendar until they are allowed again. Needs the role Admin.',
    security: bearer,
    request: { params },
    responses: { 204: { description: 'It has ended' }, ...refusals },
  }),
  allow: createRoute({
    method: 'delete',
    path: adminPaths.revocation,
    summary: 'Let a person connect a calendar again',
    security: bearer,
    request: { params },
    responses: { 204: { description: 'They can connect again' }, ...refusals },
  }),
  endApp: createRoute({
    method: 'delete',
    path: adminPaths.appSession,
    summary: 'End the session of an app',
    description: 'Its tokens are no longer accepted, and an open stream of hints ends. Needs the role Admin.',
    security: bearer,
    request: { params: params.extend({ id: z.string().regex(/^\d{1,18}$/) }) },
    responses: { 204: { description: 'It has ended' }, ...refusals },
  }),
  revokeMany: createRoute({
    method: 'post',
    path: adminPaths.revocations,
    summary: 'End the access of many people',
    description:
      'Each person is an act of its own. One that fails stops none of the others, and can be sent again.',
    security: bearer,
    request: { body: body(revocationsRequestSchema) },
    responses: {
      200: json(revocationsSchema, 'A result for each person, in the order of the request'),
      ...refusals,
    },
  }),
}

/** The administrators' API. Its proofs are bearer tokens, so no other page can make a browser send one. */
export function adminRoutes(api: Api, guards: Guards, administration: Administration): void {
  api.use('/admin/*', guards.administrator)
  api.openapi(routes.me, async (c) => c.json(await administration.open(c.get('administrator')), 200))
  api.openapi(routes.people, async (c) =>
    c.json(await administration.people(c.get('administrator'), c.req.valid('query')), 200),
  )
  api.openapi(routes.person, async (c) =>
    c.json(await administration.person(c.get('administrator'), c.req.valid('param').subject), 200),
  )
  api.openapi(routes.audit, async (c) =>
    c.json(await administration.auditPage(c.get('administrator'), c.req.valid('query')), 200),
  )
  api.openapi(routes.verifyAudit, async (c) =>
    c.json(await administration.verifyAudit(c.get('administrator')), 200),
  )
  api.openapi(routes.exportAudit, (c) => {
    const lines = administration.exportAudit(c.get('administrator'), c.req.valid('query').format)
    return c.body(bytesOf(lines), 200, { 'content-type': 'application/jsonl' })
  })
  api.openapi(routes.keys, async (c) => c.json(await administration.keys(c.get('administrator')), 200))
  api.openapi(routes.askKeyRemoval, async (c) => {
    await administration.askKeyRemoval(c.get('administrator'), c.req.valid('param').key)
    return c.body(null, 204)
  })
  api.openapi(routes.withdrawKeyRemoval, async (c) => {
    await administration.withdrawKeyRemoval(c.get('administrator'), c.req.valid('param').key)
    return c.body(null, 204)
  })
  api.openapi(routes.retireKey, async (c) => {
    await administration.retireKey(c.get('administrator'), c.req.valid('param').key)
    return c.body(null, 204)
  })
  api.openapi(routes.health, async (c) => c.json(await administration.health(c.get('administrator')), 200))
  api.openapi(routes.deployment, async (c) =>
    c.json(await administration.deployment(c.get('administrator')), 200),
  )
  api.openapi(routes.revoke, async (c) => {
    await administration.revoke(c.get('administrator'), c.req.valid('param').subject)
    return c.body(null, 204)
  })
  api.openapi(routes.allow, async (c) => {
    await administration.allow(c.get('administrator'), c.req.valid('param').subject)
    return c.body(null, 204)
  })
  api.openapi(routes.endApp, async (c) => {
    const { subject, id } = c.req.valid('param')
    await administration.endApp(c.get('administrator'), subject, id)
    return c.body(null, 204)
  })
  api.openapi(routes.revokeMany, async (c) =>
    c.json(await administration.revokeMany(c.get('administrator'), c.req.valid('json').subjects), 200),
  )
}

/** As bytes, as fast as the client takes them. If a line fails, the connection is cut, and the client notices. */
function bytesOf(lines: AsyncGenerator<string>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await lines.next()
      if (done) controller.close()
      else controller.enqueue(encoder.encode(value))
    },
    async cancel() {
      await lines.return(undefined)
    },
  })
}
