import type {
  AuditPage,
  AuditQuery,
  Deployment,
  Health,
  Keys,
  People,
  PeopleQuery,
  Revocations,
  ShownVerdict,
  SignedIn,
  StoredPerson,
} from '../../contract/admin.ts'
import { Problem, sentenceFrom } from '../../contract/problems.ts'
import { problems } from '../../contract/service-problems.ts'
import type { Audit } from '../audit/audit.ts'
import { readCheckpoints } from '../audit/checkpoints.ts'
import { exportLines, type Format } from '../audit/export.ts'
import { recordsBefore } from '../audit/records.ts'
import type { AuditSettings } from '../audit/settings.ts'
import { verifyAndRecord } from '../audit/verify.ts'
import type { Administrator } from '../caller.ts'
import type { Database } from '../database/open.ts'
import type { AppSessions } from '../feed/sessions.ts'
import { asProblem } from '../http/problem-answer.ts'
import type { Callers } from '../identity/callers.ts'
import type { IdentitySettings } from '../identity/settings.ts'
import { type Log, reasonOf } from '../log.ts'
import { onlyDirectoryOf, seenBy, sees } from '../policies/only-directory.ts'
import { keyRemovals } from '../vault/key-removals.ts'
import { keysOf } from './keys.ts'
import { findPerson, isKnown, listPeople } from './people.ts'

export interface Needs {
  settings: Pick<IdentitySettings, 'ENTRA_TENANTS'> & AuditSettings
  database: Database
  audit: Audit
  callers: Pick<Callers, 'revoke' | 'allow'>
  apps: Pick<AppSessions, 'endByAdministrator'>
  /** What this process has seen of the outside systems. */
  health(): Health
  /** Looks at the whole deployment. */
  checkDeployment(): Promise<Deployment>
  log: Log
}

export type Administration = ReturnType<typeof createAdministration>

/** Each act is about the administrator's own organisation, and each is in the audit trail before it is answered. */
export function createAdministration(needs: Needs) {
  const { settings, database, audit, callers, health, log } = needs
  const onlyDirectory = onlyDirectoryOf(settings.ENTRA_TENANTS)
  const seen = (administrator: Administrator) => seenBy(settings.ENTRA_TENANTS, administrator)

  const removals = keyRemovals(database, audit)

  return {
    async open(administrator: Administrator): Promise<SignedIn> {
      const { subject: caller, name, signInName, role, directory: organisation } = administrator
      await audit.record({ act: 'console opened', caller })
      return { ...(name && { name }), signInName, role, organisation, mailboxes: onlyDirectory !== undefined }
    },

    async people(administrator: Administrator, query: PeopleQuery): Promise<People> {
      await audit.record({ act: 'people viewed', caller: administrator.subject })
      return listPeople(database, seen(administrator), query)
    },

    /** Throws `no_such_person`, also for a person of another organisation. */
    async person(administrator: Administrator, subject: string): Promise<StoredPerson> {
      const person = sees(seen(administrator), subject) && (await findPerson(database, subject))
      if (!person) throw new Problem('no_such_person')
      await audit.record({
        act: 'person viewed',
        caller: administrator.subject,
        subject: `person:${subject}`,
      })
      return person
    },

    /** Records of the administrator's own organisation; where the service has only one, all records. */
    async auditPage(administrator: Administrator, { before, limit }: AuditQuery): Promise<AuditPage> {
      await audit.record({ act: 'audit viewed', caller: administrator.subject })
      const organisation = onlyDirectory ? undefined : `entra:${administrator.directory}`
      const found = await recordsBefore(database, organisation, before, limit + 1)
      const records = found.slice(0, limit)
      const last = records.at(-1)
      return { records, ...(found.length > limit && last && { next: last.seq }) }
    },

    /** Verifies the whole trail, with the checkpoints that this process writes. */
    async verifyAudit(administrator: Administrator): Promise<ShownVerdict> {
      requireOnlyDirectory()
      const path = settings.AUDIT_CHECKPOINT_FILE
      const checkpoints = path ? await readCheckpoints(path) : new Map<number, string>()
      const verdict = await verifyAndRecord(database, checkpoints, administrator.subject)
      const { intact, first, last, fault } = verdict
      return { intact, first, last, checkpoints: verdict.checkpoints, ...(fault && { fault }) }
    },

    /** The lines of an export, which ends with the record of itself. */
    exportAudit(administrator: Administrator, format: Format): AsyncGenerator<string> {
      requireOnlyDirectory()
      return exportLines(database, format, 1, administrator.subject)
    },

    async keys(administrator: Administrator): Promise<Keys> {
      requireOnlyDirectory()
      await audit.record({ act: 'keys viewed', caller: administrator.subject })
      return keysOf(database)
    },

    /** Asks for the removal of an older key. Throws `no_such_key`, `key_in_use` or `key_removal_asked`. */
    async askKeyRemoval(administrator: Administrator, key: string): Promise<void> {
      requireOnlyDirectory()
      await removals.ask(key, administrator.subject)
    },

    /** Throws `key_removal_not_asked`. */
    async withdrawKeyRemoval(administrator: Administrator, key: string): Promise<void> {
      requireOnlyDirectory()
      await removals.withdraw(key, administrator.subject)
    },

    /** Confirms what another administrator asked for. Throws `key_removal_not_asked`, `second_administrator_required` or `key_in_use`. */
    async retireKey(administrator: Administrator, key: string): Promise<void> {
      requireOnlyDirectory()
      await removals.confirm(key, administrator.subject)
    },

    async health(administrator: Administrator): Promise<Health> {
      requireOnlyDirectory()
      await audit.record({ act: 'health viewed', caller: administrator.subject })
      return health()
    },

    async deployment(administrator: Administrator): Promise<Deployment> {
      requireOnlyDirectory()
      await audit.record({ act: 'deployment checked', caller: administrator.subject })
      return needs.checkDeployment()
    },

    revoke,

    /** Lets a person connect a calendar again. */
    async allow(administrator: Administrator, subject: string): Promise<void> {
      await requireKnown(administrator, subject)
      await callers.allow(subject, administrator.subject)
    },

    /** Ends one session of an app, if there still is one. */
    async endApp(administrator: Administrator, subject: string, id: string): Promise<void> {
      await requireKnown(administrator, subject)
      await needs.apps.endByAdministrator(subject, id, administrator.subject)
    },

    /** Each person is an act of its own: one that fails stops none of the others, and can be tried again. */
    async revokeMany(administrator: Administrator, subjects: readonly string[]): Promise<Revocations> {
      const results: Revocations['results'] = []
      for (const subject of new Set(subjects)) {
        try {
          await revoke(administrator, subject)
          results.push({ subject, revoked: true })
        } catch (error) {
          log.warn('problem', reasonOf(error))
          const problem = asProblem(error)
          results.push({ subject, revoked: false, code: problem.code, why: sentenceFrom(problems, problem) })
        }
      }
      return { results }
    },
  }

  /** What is about the whole service is shown to no administrator of one of several organisations. */
  function requireOnlyDirectory(): void {
    if (!onlyDirectory) throw new Problem('only_by_command')
  }

  /** Ends a person's access at once. Nothing that is being fetched for them meanwhile brings it back. */
  async function revoke(administrator: Administrator, subject: string): Promise<void> {
    await requireKnown(administrator, subject)
    await callers.revoke(subject, administrator.subject)
  }

  /** Throws `no_such_person`, also for a person of another organisation. */
  async function requireKnown(administrator: Administrator, subject: string): Promise<void> {
    if (!sees(seen(administrator), subject) || !(await isKnown(database, subject)))
      throw new Problem('no_such_person')
  }
}
