import { createRoute, z } from '@hono/zod-openapi'
import { subjectSchema } from '../../contract/admin.ts'
import { adminPaths } from '../../contract/admin-paths.ts'
import {
  explainedSchema,
  policiesSchema,
  policyPreviewSchema,
  previewRequestSchema,
  shownPoliciesSchema,
} from '../../contract/admin-policies.ts'
import { type Api, bearer, body, json, refusals } from '../http/openapi.ts'
import type { PolicyAdministration } from './policies.ts'

const routes = {
  read: createRoute({
    method: 'get',
    path: adminPaths.policies,
    summary: 'The policies of the administrator’s organisation',
    security: bearer,
    responses: { 200: json(shownPoliciesSchema, 'The rules in their order, and their version'), ...refusals },
  }),
  change: createRoute({
    method: 'put',
    path: adminPaths.policies,
    summary: 'Replace the policies',
    description:
      'All rules, in their order, with the version that they were read with. If another administrator has changed them since, the answer is 409 `policies_changed`. Needs the role Admin.',
    security: bearer,
    request: { body: body(policiesSchema) },
    responses: { 200: json(shownPoliciesSchema, 'The rules that are in effect now'), ...refusals },
  }),
  preview: createRoute({
    method: 'post',
    path: adminPaths.policyPreview,
    summary: 'Whom these rules would affect',
    description: 'Changes nothing. Needs the role Admin, as the change itself.',
    security: bearer,
    request: { body: body(previewRequestSchema) },
    responses: { 200: json(policyPreviewSchema, 'How many people, and the first of them'), ...refusals },
  }),
  explain: createRoute({
    method: 'get',
    path: adminPaths.personPolicies,
    summary: 'Which rule decides each value of a person',
    security: bearer,
    request: { params: z.object({ subject: subjectSchema }) },
    responses: { 200: json(explainedSchema, 'The values, and why'), ...refusals },
  }),
}

/** The policies. `adminRoutes` has the guards of every path under `/admin`. */
export function policyRoutes(api: Api, policies: PolicyAdministration): void {
  api.openapi(routes.read, async (c) => c.json(await policies.read(c.get('administrator')), 200))
  api.openapi(routes.change, async (c) =>
    c.json(await policies.change(c.get('administrator'), c.req.valid('json')), 200),
  )
  api.openapi(routes.preview, async (c) =>
    c.json(await policies.preview(c.get('administrator'), c.req.valid('json').rules), 200),
  )
  api.openapi(routes.explain, async (c) =>
    c.json(await policies.explain(c.get('administrator'), c.req.valid('param').subject), 200),
  )
}
