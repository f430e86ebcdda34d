import { type Kysely, sql } from 'kysely'
import { type ConnectionKind, providers } from '../../contract/connections.ts'
import { isWider, type Permission, type Permits } from '../../contract/permission.ts'
import type { Policies as Values } from '../../contract/policies.ts'
import type { Database } from '../database/open.ts'
import { type Log, reasonOf } from '../log.ts'
import type { Policies } from '../policies/policies.ts'
import type { ConnectionActs } from './connections.ts'
import { type ConnectionsTables, statesWithCredential } from './tables.ts'

interface Needs {
  database: Database
  policies: Pick<Policies, 'mostFor'>
  acts: Record<ConnectionKind, Pick<ConnectionActs, 'permits' | 'restrict'>>
  log: Log
}

/** Connections in memory at a time, and at most in a round. The next round goes on after them. */
const pageSize = 500
const mostPages = 20

interface Row {
  subject: string
  person: string
  provider: ConnectionKind
  permission: Permission
  contacts: Permission | null
  service_account: string | null
}

/** Before every connection. */
const beginning = { person: '0', provider: '' }

/**
 * Lowers or ends the connections that may do more than a policy allows, though their people do not use them. Nothing
 * happens because a group is not known: the loosest value that could be the person's decides. Of several processes, one
 * has the lease of a credential, and the others find it changed.
 */
export function restrictions({ database, policies, acts, log }: Needs) {
  const [people, mailboxes] = [roundOver(providers), roundOver(['microsoft-application'])]

  /** People do not wait for the mailboxes of administrators, of which there may be many more. */
  return async function round(signal: AbortSignal): Promise<void> {
    await people(signal)
    await mailboxes(signal)
  }

  function roundOver(kinds: readonly ConnectionKind[]) {
    let last: Pick<Row, 'person'> & { provider: string } = beginning
    return async (signal: AbortSignal): Promise<void> => {
      for (let pages = 0; pages < mostPages && !signal.aborted; pages++) {
        const rows = await pageAfter(database.withTables<ConnectionsTables>(), kinds, last)
        const most = await policies.mostFor(rows.map(({ subject }) => subject))
        for (const row of rows) {
          if (signal.aborted) return
          last = row
          const values = most.get(row.subject)
          if (values) await restrict(row, acts[row.provider].permits(values), isOtherWay(row, values))
        }
        if (rows.length === pageSize) continue
        last = beginning
        return
      }
    }
  }

  async function restrict(
    { subject, provider, permission, contacts }: Row,
    allowed: Permits | undefined,
    isOther: boolean,
  ) {
    if (allowed && !isOther && !isWider({ permission, contacts: contacts ?? undefined }, allowed)) return
    await acts[provider]
      .restrict(subject, allowed, isOther)
      .catch((error) => log.warn('work failed', { work: 'restrictions', ...reasonOf(error) }))
  }
}

/** Whether what opens a mailbox on an Exchange server is not what a policy says. */
const isOtherWay = ({ provider, service_account }: Row, { exchangeAccess }: Values) =>
  provider === 'exchange' && (service_account !== null) !== (exchangeAccess === 'service-account')

async function pageAfter(
  database: Kysely<ConnectionsTables>,
  kinds: readonly ConnectionKind[],
  { person, provider }: { person: string; provider: string },
): Promise<Row[]> {
  // In the text of the statement, so the planner sees how few people are where mailboxes are an administrator's.
  const wanted = sql.join(kinds.map((kind) => sql.lit(kind)))
  const { rows } = await sql<Row>`
    select callers.subject, person, provider, permission, contacts, service_account from connections join callers on callers.id = person
    where (person, provider) > (${person}, ${provider}) and provider in (${wanted})
      and state = any(${statesWithCredential}::text[])
    order by person, provider limit ${pageSize}`.execute(database)
  return rows
}
