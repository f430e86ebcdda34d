import { type RawBuilder, sql } from 'kysely'
import type { ListedPerson, People, PeopleQuery, StoredPerson } from '../../contract/admin.ts'
import { recordsAbout } from '../audit/records.ts'
import type { ConnectionsTables } from '../connections/tables.ts'
import type { Database } from '../database/open.ts'
import type { FeedTables } from '../feed/tables.ts'
import type { IdentityTables } from '../identity/tables.ts'
import { queues } from '../jobs/queues.ts'
import type { MeetingsTables } from '../meetings/tables.ts'
import { inOrder, isAmong, isZoomName, isZoomUser, personOf } from '../person.ts'
import type { Seen } from '../policies/only-directory.ts'
import type { PoliciesTables } from '../policies/tables.ts'
import { hasToken } from '../sync/watches.ts'
import { isOf } from '../vault/people.ts'
import type { VaultTables } from '../vault/tables.ts'

/** Records of a person's acts and of acts on them that are shown at once. */
const mostRecords = 50

/**
 * A page of the people whom the service knows, in the order of their subjects. Each condition has an index, and a page
 * begins after the last subject of the page before: its cost does not depend on how many people there are.
 */
export async function listPeople(database: Database, seen: Seen, query: PeopleQuery): Promise<People> {
  const wanted = query.limit + 1
  const found: Row[] = []
  for (const prefix of seen) {
    if (found.length === wanted) break
    found.push(...(await pageOf(database, prefix, query, wanted - found.length)))
  }
  const people = found.slice(0, query.limit)
  const last = people.at(-1)
  return {
    people: await withConnections(database, people),
    ...(found.length === wanted && last && { next: last.subject }),
  }
}

type Row = Pick<ListedPerson, 'subject' | 'zoomUserId'>

async function pageOf(database: Database, prefix: string, query: PeopleQuery, limit: number): Promise<Row[]> {
  const { state, provider, after } = query
  const isMissing = state === 'not_connected'
  // In the text of the statement, so the planner sees how many have it.
  const theirs = [
    sql`select from connections where person = callers.id`,
    ...(state && !isMissing ? [sql`state = ${sql.lit(state)}`] : []),
    ...(provider && !isMissing ? [sql`provider = ${sql.lit(provider)}`] : []),
  ]
  const conditions = [
    isAmong(prefix, after),
    ...searched(prefix, query),
    ...((state ?? provider)
      ? [sql`${isMissing ? sql`not` : sql``} exists (${sql.join(theirs, sql` and `)})`]
      : []),
  ]
  const { rows } = await sql<Row>`
    select subject, zoom_user_id as "zoomUserId" from callers
    where ${sql.join(conditions, sql` and `)} order by ${inOrder} limit ${limit}`.execute(database)
  return rows
}

/** What the person in question is found by: exactly. No name and no address is stored that could be searched. */
function searched(prefix: string, { objectId, zoomUserId, nameHash }: PeopleQuery): RawBuilder<unknown>[] {
  const found: RawBuilder<unknown>[] = []
  if (objectId && isDirectory(prefix)) found.push(sql`callers.subject = ${prefix + objectId}`)
  else if (objectId) found.push(sql`right(callers.subject, 37) = ${`:${objectId}`}`)
  if (zoomUserId) found.push(isZoomUser(zoomUserId))
  if (nameHash) found.push(isZoomName(Buffer.from(nameHash, 'base64url')))
  return found
}

const isDirectory = (prefix: string) => /^entra:[^:]+:$/.test(prefix)

async function withConnections(database: Database, people: readonly Row[]): Promise<ListedPerson[]> {
  const rows = await database
    .withTables<ConnectionsTables & IdentityTables>()
    .selectFrom('connections')
    .innerJoin('callers', 'callers.id', 'person')
    .select(['callers.subject', 'provider', 'state'])
    .where('callers.subject', '=', sql<string>`any(${people.map(({ subject }) => subject)}::text[])`)
    .orderBy('provider')
    .execute()
  return people.map((person) => ({
    ...person,
    connections: rows
      .filter(({ subject }) => subject === person.subject)
      .map(({ provider, state }) => ({ provider, state })),
  }))
}

/** Whether the service has stored anything about a person, also in the audit trail only. */
export async function isKnown(database: Database, subject: string): Promise<boolean> {
  const { rows } = await sql`
    select 1 from callers where subject = ${subject} union all
    select 1 from memberships where subject = ${subject} union all
    select 1 from templates where subject = ${subject} limit 1`.execute(database)
  return rows.length > 0 || (await recordsAbout(database, subject, 1)).length > 0
}

type Tables = IdentityTables & MeetingsTables & VaultTables & ConnectionsTables & PoliciesTables & FeedTables

/** Everything that is stored about a person, in every table. Undefined: nothing is. */
export async function findPerson(ground: Database, subject: string): Promise<StoredPerson | undefined> {
  const database = ground.withTables<Tables>()
  const count = async (table: 'sessions' | 'meetings', column: 'subject' | 'ticket_subject') => {
    const { rows } = await sql<{ count: string }>`
      select count(*) from ${sql.table(table)} where ${sql.ref(column)} = ${subject}`.execute(database)
    return Number(rows[0]?.count ?? 0)
  }
  const [caller, connections, credentials, memberships, apps, sessions, tickets, meetings, others, happened] =
    await Promise.all([
      database
        .selectFrom('callers')
        .select(['zoom_user_id', 'zoom_name', 'valid_from'])
        .where('subject', '=', subject)
        .executeTakeFirst(),
      database
        .selectFrom('connections')
        .select(['provider', 'permission', 'contacts', 'state', 'failures', 'ask_at'])
        .where('person', '=', personOf(subject))
        .execute(),
      database
        .selectFrom('credentials')
        .select(['id', 'provider', 'purpose', 'version', 'key_id', 'replaced_at', 'expires_at'])
        .where(isOf(subject))
        .execute(),
      database
        .selectFrom('memberships')
        .select(['group_id as group', 'is_member as isMember'])
        .where('subject', '=', subject)
        .orderBy('group_id')
        .execute(),
      database
        .selectFrom('app_sessions')
        .select(['id', 'app', 'begun_at', 'used_at', 'until'])
        .where('subject', '=', subject)
        .orderBy('id', 'desc')
        .execute(),
      count('sessions', 'subject'),
      count('meetings', 'ticket_subject'),
      count('meetings', 'subject'),
      othersOf(ground, subject),
      recordsAbout(ground, subject, mostRecords),
    ])
  const { watch, jobs, failedJobs, templates, defaultsStored, refusedPasswordStored } = others
  const rows = [connections, credentials, memberships, apps, happened].flat().length
  const isStored = rows + sessions + meetings + templates + jobs + failedJobs > 0
  if (!caller && !isStored && !defaultsStored && !refusedPasswordStored && !watch) return undefined
  return {
    subject,
    zoomUserId: caller?.zoom_user_id ?? null,
    nameHashStored: Boolean(caller?.zoom_name),
    proofsEndedAt: iso(caller?.valid_from),
    connections: connections.map(({ provider, permission, contacts, state, failures, ask_at }) => ({
      provider,
      permission,
      contacts,
      state,
      failures,
      askAt: iso(ask_at),
    })),
    credentials: credentials.map(({ id, provider, purpose, version, key_id, replaced_at, expires_at }) => ({
      id,
      provider,
      purpose,
      version,
      keyId: key_id,
      replacedAt: iso(replaced_at),
      expiresAt: iso(expires_at),
    })),
    memberships,
    sessions,
    apps: apps.map(({ id, app, begun_at, used_at, until }) => ({
      id,
      app,
      begunAt: begun_at.toISOString(),
      usedAt: used_at.toISOString(),
      until: until.toISOString(),
    })),
    tickets,
    meetings,
    ...others,
    happened,
  }
}

type Others = Pick<
  StoredPerson,
  'templates' | 'defaultsStored' | 'refusedPasswordStored' | 'watch' | 'jobs' | 'failedJobs'
>

async function othersOf(database: Database, subject: string): Promise<Others> {
  const jobs = (name: string) => sql`(
    select count(*)::int from pgboss.job where name = ${name} and data->>'subject' = ${subject})`
  const { rows } = await sql<Others>`
    select
      (select count(*)::int from templates where subject = ${subject} and id <> 'defaults') as templates,
      exists (select from templates where subject = ${subject} and id = 'defaults') as "defaultsStored",
      exists (select from refused_digests where subject = ${subject}) as "refusedPasswordStored",
      (select json_build_object('subscription', subscription is not null, 'changesToken', ${hasToken})
        from watches where person = ${personOf(subject)}) as watch,
      ${jobs(queues.events.name)} as jobs, ${jobs(queues.dead.name)} as "failedJobs"`.execute(database)
  return rows[0] as Others
}

const iso = (time: Date | null | undefined) => time?.toISOString() ?? null
