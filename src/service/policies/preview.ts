import { type QueryExecutorProvider, type RawBuilder, sql } from 'kysely'
import type { PolicyPreview, Rule } from '../../contract/admin-policies.ts'
import type { Policies } from '../../contract/policies.ts'
import { isAmong } from '../person.ts'
import { groupsIn, resolve } from './resolve.ts'

interface Change {
  /** The rules now, and the rules as they would be. */
  before: readonly Rule[]
  after: readonly Rule[]
  defaults: Policies
  /** Whether the rules are about mailboxes of Exchange servers too. */
  withMailboxes: boolean
}

/** The people that are named. The rest are counted. */
const mostNamed = 20

/**
 * Whom a change of the rules would affect, and how. What is stored says of which groups a person is a member; about a
 * group that no rule has named yet it says nothing. So some people are affected only if they are in such a group.
 */
export async function previewOf(
  database: QueryExecutorProvider,
  organisation: string,
  change: Change,
): Promise<PolicyPreview> {
  const everybody = everybodyOf(organisation, change.withMailboxes)
  const kinds = await kindsOf(database, everybody)
  const affected = kinds.flatMap(({ known, count }) => {
    const effect = effectOn(known, change)
    return effect.changes.length > 0 ? [{ known, count, ...effect }] : []
  })
  const sum = (wanted: boolean) =>
    affected.reduce((total, { certain, count }) => total + (certain === wanted ? count : 0), 0)
  const named = await peopleOf(
    database,
    everybody,
    affected.map(({ known }) => known),
  )
  const people = named.flatMap(({ subject, known }) => {
    const effect = affected.find((kind) => kind.known === known)
    return effect ? [{ subject, certain: effect.certain, changes: effect.changes }] : []
  })
  return { certain: sum(true), possible: sum(false), people }
}

/**
 * `known`: the groups of a person as one text: `<id>+` a member, `<id>-` none, `<id>?` the token did not say. `?` alone: a
 * mailbox on an Exchange server, whose token never says.
 */
function effectOn(known: string, { before, after, defaults }: Change) {
  const memberships = new Map(known.split(' ').map((word) => [word.slice(0, -1), said[word.at(-1) ?? '']]))
  const groups = groupsIn([...before, ...after])
  const possibilities = [[], ...groups.map((group) => [group]), groups].map((members) => {
    const isMember = (group: string) =>
      known === '?' || memberships.has(group) ? memberships.get(group) : members.includes(group)
    return { old: resolve(before, defaults, isMember), now: resolve(after, defaults, isMember) }
  })
  const changes = possibilities.flatMap(({ old, now }) =>
    now.flatMap(({ name, value }, index) =>
      old[index]?.value === value ? [] : [{ name, before: old[index]?.value ?? '', after: value }],
    ),
  )
  const isCertain = ({ name }: { name: string }) =>
    changes.filter((other) => other.name === name).length === possibilities.length
  const first = changes.filter((one, index) => changes.findIndex(({ name }) => name === one.name) === index)
  return { certain: first.some(isCertain), changes: first }
}

const said: Record<string, boolean | undefined> = { '+': true, '-': false, '?': undefined }

/** Everybody of an organisation, with what is known of their groups. */
const everybodyOf = (organisation: string, withMailboxes: boolean) => sql`
  select callers.subject, case when starts_with(callers.subject, 'exch:') then '?' else coalesce(known, '') end as known
  from callers left join (
    select subject, string_agg(
      group_id || case when is_member then '+' when not is_member then '-' else '?' end, ' ' order by group_id
    ) as known
    from memberships where ${within(organisation)} group by subject
  ) as said using (subject)
  where ${isAmong(`${organisation}:`)} or (${withMailboxes} and ${isAmong('exch:')})`

/** Whether a subject is one of an organisation, `entra:<tid>`. */
export const within = (organisation: string) =>
  sql<boolean>`subject collate "C" > ${`${organisation}:`} and subject collate "C" < ${`${organisation};`}`

/** How many people there are of whom the same is known. */
async function kindsOf(database: QueryExecutorProvider, everybody: RawBuilder<unknown>) {
  const { rows } = await sql<{ known: string; count: string }>`
    select known, count(*) from (${everybody}) as people group by known`.execute(database)
  return rows.map(({ known, count }) => ({ known, count: Number(count) }))
}

async function peopleOf(
  database: QueryExecutorProvider,
  everybody: RawBuilder<unknown>,
  kinds: readonly string[],
) {
  const { rows } = await sql<{ subject: string; known: string }>`
    select subject, known from (${everybody}) as people
    where known = any(${kinds}::text[]) order by subject collate "C" limit ${mostNamed}`.execute(database)
  return rows
}
