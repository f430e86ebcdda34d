import { createRoute } from '@hono/zod-openapi'
import {
  type StoredInvitation,
  storedInvitationFrom,
  storedInvitationSchema,
} from '../../contract/admin-invitation.ts'
import { adminPaths } from '../../contract/admin-paths.ts'
import type { Audit } from '../audit/audit.ts'
import { type Api, answerOf, bearer, body, json, refusals, requestOf } from '../http/openapi.ts'
import type { Invitations } from '../templates/invitations.ts'

const shown = answerOf<StoredInvitation>('Invitation', storedInvitationSchema)
const wanted = requestOf('InvitationChange', storedInvitationFrom, storedInvitationSchema)

const routes = {
  read: createRoute({
    method: 'get',
    path: adminPaths.invitation,
    summary: 'What the administrator’s organisation writes into its invitations',
    security: bearer,
    responses: { 200: json(shown, 'The template and its version'), ...refusals },
  }),
  change: createRoute({
    method: 'put',
    path: adminPaths.invitation,
    summary: 'Replace the template of the invitations',
    description:
      'With the version that it was read with. If another administrator has changed it since, the answer is 409 `invitation_changed`. A fault in the template is 400 `invalid_invitation`, with its field, and in a text with its line and column. Needs the role Admin.',
    security: bearer,
    request: { body: body(wanted) },
    responses: { 200: json(shown, 'The template that is in effect now'), ...refusals },
  }),
}

/** The invitation of the organisation. `adminRoutes` has the guards of every path under `/admin`. */
export function invitationRoutes(api: Api, invitations: Invitations, audit: Audit): void {
  api.openapi(routes.read, async (c) => {
    const { subject: caller, directory } = c.get('administrator')
    await audit.record({ act: 'invitation viewed', caller })
    return c.json(await invitations.stored(`entra:${directory}`), 200)
  })
  api.openapi(routes.change, async (c) => {
    const { subject, directory } = c.get('administrator')
    return c.json(await invitations.change(subject, `entra:${directory}`, c.req.valid('json')), 200)
  })
}
