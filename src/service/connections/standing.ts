import { sql } from 'kysely'
import type { Database } from '../database/open.ts'
import { fresh, keptFor } from '../kept-fresh.ts'
import type { Owner } from '../vault/seal.ts'
import { nameOf } from './access-tokens.ts'
import { statesWithCredential } from './tables.ts'

/** What decides whether a caller may have an access token. */
export interface Standing {
  /** Proofs that were issued before are not accepted. */
  valid_from: Date | null
  /** The id of the stored credential. Null: there is no connection that the provider accepts. */
  credential: string | null
  /** Each replacement of its secret is one higher. */
  version: number | null
}

/** As many as one process is asked about within the time for which an answer is used again. */
const mostKnown = 1_000

export type Standings = ReturnType<typeof standings>

/** The standing of callers, asked of the database at most twice a second for each. */
export function standings(database: Database) {
  const known = keptFor<Standing>(fresh, mostKnown)

  return {
    of: (owner: Owner): Promise<Standing> => known.current(nameOf(owner), () => ask(database, owner)),
    forget: (owner: Owner) => known.forget(nameOf(owner)),
  }
}

async function ask(database: Database, { caller, provider, purpose }: Owner): Promise<Standing> {
  const { rows } = await sql<Standing>`
    select callers.valid_from, credentials.id as credential, credentials.version
    from (values (${caller}::text)) as asked (subject)
    left join callers on callers.subject = asked.subject
    left join connections on connections.person = callers.id and connections.provider = ${provider}
      and connections.state = any(${statesWithCredential}::text[])
    left join credentials on credentials.person = connections.person
      and credentials.provider = ${provider} and purpose = ${purpose} and version > 0`.execute(database)
  return rows[0] as Standing
}
