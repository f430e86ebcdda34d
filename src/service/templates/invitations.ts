import { sql } from 'kysely'
import type { StoredInvitation } from '../../contract/admin-invitation.ts'
import { type Template, templateFrom } from '../../contract/invitation-template.ts'
import { Problem } from '../../contract/problems.ts'
import type { Audit } from '../audit/audit.ts'
import type { Caller } from '../caller.ts'
import type { Database } from '../database/open.ts'
import { keptFresh } from '../kept-fresh.ts'
import { type Log, reasonOf } from '../log.ts'
import { VaultFailure } from '../vault/failure.ts'
import type { sealing } from './sealing.ts'

interface Needs {
  database: Database
  audit: Audit
  sealed: ReturnType<typeof sealing>
  /** Whose template a person's invitations have, `entra:<tid>`. Undefined: nobody's. */
  organisationOf(subject: string): string | undefined
  log: Log
}

/** What a sealed template is of. */
const rowOf = (organisation: string) => ({ subject: organisation, id: 'invitation' })

export type Invitations = ReturnType<typeof organisationInvitations>

/** What organisations write into their invitations. It is sealed, because it is a text of people. */
export function organisationInvitations({ database, audit, sealed, organisationOf, log }: Needs) {
  const current = keptFresh(stored)

  /** The template as it is now. None: nothing was chosen, or it was sealed with a key that is lost. */
  async function stored(organisation: string): Promise<StoredInvitation> {
    const { rows } = await sql<{ version: number; sealed: Buffer | null }>`
      select version, sealed from invitations where organisation = ${organisation}`.execute(database)
    const { version = 0, sealed: bytes = null } = rows[0] ?? {}
    const template = bytes && (await sealed.open(rowOf(organisation), bytes))
    return { version, template: template ? readable(template) : null }
  }

  return {
    stored,

    /** The template of a caller's organisation. While the vault does not open it there is none: no click is refused for that. */
    async of({ subject }: Caller): Promise<Template | null> {
      const organisation = organisationOf(subject)
      if (!organisation) return null
      return current
        .current(organisation)
        .then(({ template }) => template)
        .catch((error) => {
          if (!(error instanceof VaultFailure)) throw error
          log.warn('credential not opened', reasonOf(error))
          return null
        })
    },

    /** Replaces the template. `by`: who does it. Throws `invitation_changed` if it is not of this version any more. */
    async change(by: string, organisation: string, wanted: StoredInvitation): Promise<StoredInvitation> {
      const { template } = wanted
      const version = wanted.version + 1
      const bytes = template && (await sealed.seal(rowOf(organisation), template))
      await audit.together(database, async (all, record) => {
        const { numAffectedRows } = await sql`
          insert into invitations (organisation, version, sealed)
          select ${organisation}, ${version}, ${bytes}::bytea
          where ${wanted.version} = 0 or exists (select from invitations where organisation = ${organisation})
          on conflict (organisation) do update set version = ${version}, sealed = excluded.sealed
          where invitations.version = ${wanted.version}`.execute(all)
        if (!numAffectedRows) throw new Problem('invitation_changed')
        await record({ act: 'invitation changed', caller: by, organisation, detail: { version } })
      })
      current.forget(organisation)
      return { version, template }
    },
  }
}

/** One of an earlier form counts as none. */
function readable(input: unknown): Template | null {
  try {
    return templateFrom(input)
  } catch (error) {
    if (error instanceof Problem) return null
    throw error
  }
}
