import type {
  Explained,
  PolicyPreview,
  PolicyRules,
  Rule,
  ShownPolicies,
} from '../../contract/admin-policies.ts'
import { Problem } from '../../contract/problems.ts'
import type { Audit } from '../audit/audit.ts'
import type { Administrator } from '../caller.ts'
import type { Database } from '../database/open.ts'
import type { Policies } from '../policies/policies.ts'
import { isKnown } from './people.ts'

interface Needs {
  database: Database
  audit: Audit
  policies: Policies
}

export type PolicyAdministration = ReturnType<typeof createPolicyAdministration>

/** What an administrator sees and decides about the people of their own directory. */
export function createPolicyAdministration({ database, audit, policies }: Needs) {
  const shown = (rules: PolicyRules): ShownPolicies => ({ ...rules, defaults: policies.defaults })

  return {
    async read({ subject: caller, directory }: Administrator): Promise<ShownPolicies> {
      await audit.record({ act: 'policies viewed', caller })
      return shown(await policies.rulesOf(`entra:${directory}`))
    },

    /** Throws `policies_changed`. */
    async change({ subject, directory }: Administrator, wanted: PolicyRules): Promise<ShownPolicies> {
      return shown(await policies.change(subject, `entra:${directory}`, wanted))
    },

    /** Whom these rules would affect. */
    async preview({ subject: caller, directory }: Administrator, rules: Rule[]): Promise<PolicyPreview> {
      await audit.record({ act: 'policies viewed', caller })
      return policies.preview(`entra:${directory}`, rules)
    },

    /** Which rule decides each value of a person. Throws `no_such_person`, also for a person of another organisation. */
    async explain({ subject: caller, directory }: Administrator, subject: string): Promise<Explained> {
      const isTheirs = policies.organisationOf(subject) === `entra:${directory}`
      if (!isTheirs || !(await isKnown(database, subject))) throw new Problem('no_such_person')
      await audit.record({ act: 'policies viewed', caller, subject: `person:${subject}` })
      return policies.explain(subject)
    },
  }
}
