import type { MailboxActs } from '../connections/mailboxes.ts'
import type { ServiceAccounts } from '../connections/service-accounts.ts'
import type { Policies } from '../policies/policies.ts'
import type { System } from '../system.ts'
import type { Invitations } from '../templates/invitations.ts'
import { createAdministration, type Needs } from './administration.ts'
import { invitationRoutes } from './invitation-routes.ts'
import { mailboxRoutes } from './mailboxes-routes.ts'
import { createPolicyAdministration } from './policies.ts'
import { policyRoutes } from './policies-routes.ts'
import { adminRoutes } from './routes.ts'
import { serviceAccountRoutes } from './service-accounts-routes.ts'

interface All extends Needs {
  policies: Policies
  mailboxes: MailboxActs
  serviceAccounts: ServiceAccounts
  invitations: Invitations
}

/** What administrators see and do. */
export function adminSystem(needs: All): System {
  const administration = createAdministration(needs)
  const policies = createPolicyAdministration(needs)
  return {
    routes(api, guards) {
      adminRoutes(api, guards, administration)
      policyRoutes(api, policies)
      mailboxRoutes(api, needs.mailboxes)
      serviceAccountRoutes(api, needs.serviceAccounts, needs.settings)
      invitationRoutes(api, needs.invitations, needs.audit)
    },
  }
}
