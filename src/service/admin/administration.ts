import type { People, PeopleQuery, SignedIn, StoredPerson } from '../../contract/admin.ts'
import { Problem } from '../../contract/problems.ts'
import type { Audit } from '../audit/audit.ts'
import type { Administrator } from '../caller.ts'
import type { Database } from '../database/open.ts'
import type { IdentitySettings } from '../identity/settings.ts'
import { findPerson, listPeople, type Seen, sees } from './people.ts'

export interface Needs {
  settings: Pick<IdentitySettings, 'ENTRA_TENANTS'>
  database: Database
  audit: Audit
}

export type Administration = ReturnType<typeof createAdministration>

/** Each act is about the administrator's own organisation, and each is in the audit trail before it is answered. */
export function createAdministration({ settings, database, audit }: Needs) {
  const onlyDirectory = settings.ENTRA_TENANTS.length === 1
  /**
   * The people of their directory. Mailboxes of Exchange servers belong to the deployment: where it serves more than one
   * directory, nobody in the console sees them.
   */
  const seenBy = ({ directory }: Administrator): Seen => [
    `entra:${directory}:`,
    ...(onlyDirectory ? ['exch:'] : []),
  ]

  return {
    async open(administrator: Administrator): Promise<SignedIn> {
      const { subject: caller, name, signInName, role, directory: organisation } = administrator
      await audit.record({ act: 'console opened', caller })
      return { ...(name && { name }), signInName, role, organisation, mailboxes: onlyDirectory }
    },

    async people(administrator: Administrator, query: PeopleQuery): Promise<People> {
      await audit.record({ act: 'people viewed', caller: administrator.subject })
      return listPeople(database, seenBy(administrator), query)
    },

    /** Throws `no_such_person`, also for a person of another organisation. */
    async person(administrator: Administrator, subject: string): Promise<StoredPerson> {
      const person = sees(seenBy(administrator), subject) && (await findPerson(database, subject))
      if (!person) throw new Problem('no_such_person')
      await audit.record({
        act: 'person viewed',
        caller: administrator.subject,
        subject: `person:${subject}`,
      })
      return person
    },
  }
}
