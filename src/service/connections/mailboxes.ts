import { sql } from 'kysely'
import type { Mailbox, Mailboxes, MailboxesQuery } from '../../contract/admin-mailboxes.ts'
import { type ConnectionState, stateOf } from '../../contract/connections.ts'
import { isMore, type Permission, type Permits } from '../../contract/permission.ts'
import { permitsIn } from '../../contract/policies.ts'
import { Problem, type ProblemCode } from '../../contract/problems.ts'
import type { Act } from '../audit/acts.ts'
import type { Entry } from '../audit/append.ts'
import type { Audit } from '../audit/audit.ts'
import type { Administrator } from '../caller.ts'
import type { Database } from '../database/open.ts'
import type { Callers } from '../identity/callers.ts'
import type { IdentityTables } from '../identity/tables.ts'
import { inOrder, isAmong } from '../person.ts'
import type { Policies } from '../policies/policies.ts'
import { valuesIn } from '../policies/resolve.ts'
import type { Reach, ReachMailbox } from './microsoft-application.ts'
import { connectionRecords } from './records.ts'
import { type ConnectionsTables, hasCredential } from './tables.ts'

interface Needs {
  database: Database
  audit: Audit
  callers: Pick<Callers, 'lock' | 'inTurn'>
  policies: Pick<Policies, 'explain'>
  reach: ReachMailbox
}

/** Who acts: an administrator's id or `command-line`, and the directory (tenant) whose mailboxes they see. */
export interface Acting {
  by: string
  directory: string
}

export const actingAs = ({ subject: by, directory }: Administrator): Acting => ({ by, directory })

const kind = 'microsoft-application'

/** Why a mailbox cannot be connected, by what Entra and Graph answered. */
const refusals = {
  not_permitted: 'mailbox_not_reached',
  no_calendar: 'no_such_mailbox',
  no_application: 'application_missing',
  misconfigured: 'application_misconfigured',
  down: 'graph_unreachable',
} as const satisfies Record<Exclude<Reach['kind'], 'reached'>, ProblemCode>

/** The state of a connected mailbox after a check. Of the two other answers the state does not change, or is counted. */
const states = {
  reached: 'connected',
  not_permitted: 'permission_lowered',
  no_calendar: 'revoked_by_provider',
  no_application: 'revoked_by_provider',
} as const satisfies Partial<Record<Reach['kind'], ConnectionState>>

export type MailboxActs = ReturnType<typeof mailboxActs>

/**
 * Mailboxes of Microsoft 365 that an administrator connects by the application's own permissions. They are connections
 * of a kind of their own, and not of the provider `microsoft`: no person proves anything, there is no credential to
 * store or to refresh, and the same person may have connected the same calendar too.
 */
export function mailboxActs({ database, audit, callers, policies, reach }: Needs) {
  const records = connectionRecords(database, kind)

  /** What the policies let the service do with the mailbox, as far as is known which groups its owner is in. */
  const allowedFor = async (subject: string) =>
    permitsIn(valuesIn((await policies.explain(subject)).values))?.permission

  async function connect(acting: Acting, objectId: string, permission: Permission): Promise<Mailbox> {
    const subject = subjectOf(acting, objectId)
    const refusal = await whyNot(acting, objectId, permission)
    if (refusal) {
      const entry = entryOf('mailbox refused', acting, subject, { reason: refusal.code })
      await audit.record(entry)
      throw refusal
    }
    await audit.together(database, async (all, record) => {
      await callers.lock(subject, all)
      await records.put(subject, { permission }, 'connected', all).catch(revokedMeanwhile)
      await record(entryOf('mailbox connected', acting, subject, { permission }))
    })
    return read(acting, objectId)
  }

  /** Why the mailbox cannot be connected. Undefined: it can, and Graph opened its calendar. */
  async function whyNot(
    { directory, by }: Acting,
    objectId: string,
    permission: Permission,
  ): Promise<Problem | undefined> {
    const subject = subjectOf({ directory, by }, objectId)
    const row = await records.find(subject)
    if (row?.state === 'disconnected_by_administrator') return new Problem('access_revoked')
    const allowed = await allowedFor(subject)
    if (!allowed || isMore(permission, allowed)) return new Problem('mailbox_not_allowed')
    const answer = await reach(directory, objectId)
    return answer.kind === 'reached' ? undefined : refusalOf(answer)
  }

  /** Asks Graph again, unless it has said to wait, and stores the state. Throws `application_misconfigured`. */
  async function check(acting: Acting, objectId: string): Promise<Mailbox> {
    const subject = subjectOf(acting, objectId)
    const row = await records.find(subject)
    if (!row) throw new Problem('mailbox_not_connected')
    const allowed = await allowedFor(subject)
    const isNeedless = row.state === 'disconnected_by_administrator' || (row.waiting && allowed)
    const answer = isNeedless ? undefined : await answerFor(acting, objectId, allowed)
    const permission = allowed && isMore(row.permission, allowed) ? allowed : row.permission
    await audit.together(database, async (all, record) => {
      if (answer?.kind === 'down') await records.failed(subject, answer.retryAfter, all)
      else if (answer && answer.kind !== 'misconfigured')
        await records.settle(subject, permission, states[answer.kind], all)
      const reason = answer?.kind ?? row.state
      await record(entryOf('mailbox checked', acting, subject, { reason, permission }))
    })
    if (answer?.kind === 'misconfigured') throw refusalOf(answer)
    return read(acting, objectId)
  }

  /** Where the policies allow no calendar, Graph is not asked. */
  async function answerFor({ directory }: Acting, objectId: string, allowed: Permission | undefined) {
    return allowed ? reach(directory, objectId) : ({ kind: 'not_permitted' } as const)
  }

  async function read(acting: Acting, objectId: string): Promise<Mailbox> {
    const row = await rowsOf(database)
      .where('callers.subject', '=', subjectOf(acting, objectId))
      .executeTakeFirst()
    if (!row) throw new Problem('mailbox_not_connected')
    return shown(row)
  }

  return {
    connect,
    check,
    /** Throws `mailbox_not_connected`. */
    read,
    permits: permitsIn,

    /** Takes away what a policy does not allow any more. Graph is not asked. */
    async restrict(subject: string, allowed: Permits | undefined): Promise<void> {
      const act = allowed ? 'calendar lowered' : 'calendar stopped'
      const detail = allowed ? { permission: allowed.permission } : { reason: states.not_permitted }
      await audit.together(database, async (all, record) => {
        if (await records.restrict(subject, allowed?.permission, all))
          await record({ act, caller: subject, detail })
      })
    },

    /**
     * The calendar of this person, which the application opens, is that of a mailbox which has moved to Exchange Online. False:
     * no policy allows it.
     */
    async arrive(subject: string): Promise<boolean> {
      const permission = await allowedFor(subject)
      if (!permission) return false
      await audit.together(database, async (all, record) => {
        await callers.inTurn(subject, all)
        await records.put(subject, { permission }, 'connected', all)
        await record({ act: 'calendar connected', caller: subject, detail: { permission, reason: 'moved' } })
      })
      return true
    },

    /** Exchange Online says that it has the mailbox no more. */
    async gone(subject: string): Promise<void> {
      const reason = states.no_calendar
      const row = await records.find(subject)
      if (!row || !hasCredential(row.state)) return
      await audit.together(database, async (all, record) => {
        await records.settle(subject, row.permission, reason, all)
        await record({ act: 'calendar stopped', caller: subject, detail: { reason } })
      })
    },

    async disconnect(acting: Acting, objectId: string): Promise<void> {
      const subject = subjectOf(acting, objectId)
      const removed = await audit.together(database, async (all, record) => {
        const removed = await records.remove(subject, all)
        if (removed) await record(entryOf('mailbox disconnected', acting, subject))
        return removed
      })
      if (!removed) throw new Problem('mailbox_not_connected')
    },

    /** A page of the connected mailboxes of the directory, in the order of their object ids. */
    async list(acting: Acting, { after = '', limit }: MailboxesQuery): Promise<Mailboxes> {
      const { by: caller, directory } = acting
      await audit.record({ act: 'mailboxes viewed', caller, organisation: `entra:${directory}` })
      const found = await rowsOf(database)
        .where(isAmong(subjectOf(acting, ''), subjectOf(acting, after)))
        .orderBy(inOrder)
        .limit(limit + 1)
        .execute()
      const mailboxes = found.slice(0, limit).map(shown)
      const last = mailboxes.at(-1)
      return { mailboxes, ...(found.length > limit && last && { next: last.objectId }) }
    },
  }
}

const subjectOf = ({ directory }: Acting, objectId: string) => `entra:${directory}:${objectId}`

const entryOf = (
  act: Act,
  { by, directory }: Acting,
  subject: string,
  detail?: Record<string, string>,
): Entry => ({
  act,
  caller: by,
  organisation: `entra:${directory}`,
  subject: `person:${subject}`,
  ...(detail && { detail }),
})

function refusalOf(answer: Exclude<Reach, { kind: 'reached' }>): Problem {
  const retryAfter = answer.kind === 'down' ? answer.retryAfter : undefined
  return new Problem(refusals[answer.kind], { ...(retryAfter && { retryAfter }) })
}

/** An administrator has revoked the person's access since it was looked at. */
function revokedMeanwhile(error: unknown): never {
  throw error instanceof Problem ? new Problem('access_revoked') : error
}

type Row = Pick<ConnectionsTables['connections'], 'permission' | 'state' | 'ask_at'> & {
  subject: string
  failures: number
}

const rowsOf = (database: Database) =>
  database
    .withTables<ConnectionsTables & IdentityTables>()
    .selectFrom('connections')
    .innerJoin('callers', 'callers.id', 'person')
    .select(['callers.subject', 'permission', 'state', 'failures', 'ask_at'])
    .where('provider', '=', sql.lit(kind))

function shown({ subject, permission, state, failures, ask_at }: Row): Mailbox {
  const { administrator: says, wayOut } = stateOf(kind, state)
  const objectId = subject.split(':')[2] ?? ''
  return { objectId, permission, state, says, wayOut, failures, askAt: ask_at?.toISOString() ?? null }
}
