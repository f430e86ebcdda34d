import { type Kysely, type QueryExecutorProvider, sql } from 'kysely'
import type { PolicyRules, Rule } from '../../contract/admin-policies.ts'
import { type PolicyName, policyNames, type Policies as Values } from '../../contract/policies.ts'
import { Problem } from '../../contract/problems.ts'
import { directoryOf } from '../audit/append.ts'
import type { Audit } from '../audit/audit.ts'
import type { Caller } from '../caller.ts'
import type { Database } from '../database/open.ts'
import { fresh, keptFresh } from '../kept-fresh.ts'
import { lastUsed } from '../last-used.ts'
import { previewOf, within } from './preview.ts'
import { type Decided, groupsIn, type IsMember, resolve, valuesIn } from './resolve.ts'
import type { PoliciesTables } from './tables.ts'

interface Needs {
  database: Database
  audit: Audit
  /** The values of people whom no rule is about. */
  defaults: Values
  /**
   * The only directory that the service is for, `entra:<tid>`. Its rules are about mailboxes of Exchange servers too.
   * Undefined: there are several, and no rule is about those mailboxes.
   */
  onlyDirectory: string | undefined
}

/** People whose memberships this process has just stored. */
const mostLearned = 10_000

export type Policies = ReturnType<typeof createPolicies>

/** What organisations have decided about their people. */
export function createPolicies({ database, audit, defaults, onlyDirectory }: Needs) {
  const ruled = keptFresh<PolicyRules>((organisation) => rulesOf(database, organisation))
  const somebodys = keptFresh<boolean>((rule) => isSomebodys(database, rule))
  const learned = lastUsed<{ mark: string; since: number }>(mostLearned)
  const on = database.withTables<PoliciesTables>()

  const organisationOf = (subject: string) =>
    directoryOf(subject) ?? (subject.startsWith('exch:') ? onlyDirectory : undefined)

  /** Stores what the access token says about the groups that rules name, for an administrator who asks later. */
  async function learn({ subject }: Caller, { version, rules }: PolicyRules, isMember: IsMember) {
    const groups = groupsIn(rules)
    const said = groups.map((group) => isMember(group) ?? null)
    const mark = `${version} ${said.join()}`
    if (!directoryOf(subject) || groups.length === 0) return
    const last = learned.get(subject)
    const since = performance.now()
    // Another process may have heard another proof since.
    if (last?.mark === mark && since - last.since < fresh) return
    await sql`
      insert into memberships (subject, group_id, is_member)
      select ${subject}, group_id, is_member
      from unnest(${groups}::uuid[], ${said}::boolean[]) as said (group_id, is_member)
      where not exists (
        select from memberships as known
        where known.subject = ${subject} and known.group_id = said.group_id
          and known.is_member is not distinct from said.is_member
      )
      on conflict (subject, group_id) do update set is_member = excluded.is_member`.execute(database)
    learned.set(subject, { mark, since })
  }

  return {
    defaults,

    /** Whose rules are about this person. Undefined: nobody's. */
    organisationOf,

    /**
     * The values for a caller. Where the proof does not name the groups, the strictest rule that could be theirs decides.
     * Of a person who is not asking, or for whom an app asks or a ticket is shown, the last proof counts.
     */
    async of(caller: Caller): Promise<Values> {
      const organisation = organisationOf(caller.subject)
      if (!organisation) return defaults
      const stored = await ruled.current(organisation)
      if (stored.rules.length === 0) return defaults
      if (caller.acting || caller.ticket || caller.app) {
        const known = (await membershipsOf(on, [caller.subject])).get(caller.subject)
        return valuesIn(resolve(stored.rules, defaults, (group) => known?.get(group)))
      }
      const isMember: IsMember = (group) => caller.groups?.includes(group)
      await learn(caller, stored, isMember)
      return valuesIn(resolve(stored.rules, defaults, isMember))
    },

    /** The loosest values that these people could have, as far as their last proof said which groups they are in. */
    async mostFor(subjects: readonly string[]): Promise<Map<string, Values>> {
      const known = await membershipsOf(on, subjects)
      const values = async (subject: string): Promise<[string, Values]> => {
        const organisation = organisationOf(subject)
        const { rules } = organisation ? await ruled.current(organisation) : { rules: [] }
        const isMember: IsMember = (group) => known.get(subject)?.get(group)
        return [subject, valuesIn(resolve(rules, defaults, isMember, 'loosest'))]
      }
      return new Map(await Promise.all(subjects.map(values)))
    },

    /** Whether there is anybody who could have this value, in any organisation. */
    isSomebodys: async (name: PolicyName, value: string): Promise<boolean> =>
      defaults[name] === value || somebodys.current(`${name} ${value}`),

    /** All rules of an organisation, `entra:<tid>`, as they are now. */
    rulesOf: (organisation: string) => rulesOf(database, organisation),

    /**
     * Replaces the rules, and records each one that is another now. `by`: who does it. Throws `policies_changed` if the
     * rules are not of this version any more.
     */
    async change(by: string, organisation: string, wanted: PolicyRules): Promise<PolicyRules> {
      const version = wanted.version + 1
      await audit.together(on, async (all, record) => {
        const moved = await sql`
          insert into policy_versions (organisation, version)
          select ${organisation}, 1 where ${wanted.version} = 0
          on conflict do nothing returning version`.execute(all)
        const { numUpdatedRows } = await all
          .updateTable('policy_versions')
          .set({ version })
          .where('organisation', '=', organisation)
          .where('version', '=', wanted.version)
          .executeTakeFirstOrThrow()
        if (moved.rows.length === 0 && numUpdatedRows === 0n) throw new Problem('policies_changed')
        const { rules: before } = await rulesOf(all, organisation)
        await all.deleteFrom('policies').where('organisation', '=', organisation).execute()
        const rows = wanted.rules.map(({ group, name, value }, rank) => ({
          organisation,
          group_id: group,
          rank,
          name,
          value,
        }))
        if (rows.length > 0) await all.insertInto('policies').values(rows).execute()
        await forgetUnnamed(all, organisation, groupsIn(wanted.rules))
        for (const entry of changesFrom(before, wanted.rules))
          await record({ caller: by, organisation, ...entry })
      })
      ruled.forget(organisation)
      return { version, rules: wanted.rules }
    },

    /** Whom other rules would affect, and how. */
    async preview(organisation: string, after: readonly Rule[]) {
      const { rules: before } = await rulesOf(database, organisation)
      return previewOf(database, organisation, {
        before,
        after,
        defaults,
        withMailboxes: organisation === onlyDirectory,
      })
    },

    /** What decides for a person, as far as their last proof said which groups they are in. */
    async explain(
      subject: string,
    ): Promise<{ groups: 'said' | 'not_said' | 'not_asked'; values: Decided[] }> {
      const organisation = organisationOf(subject)
      if (!organisation) return { groups: 'said', values: resolve([], defaults, () => undefined) }
      const ruling = await rulesFor(database, organisation, subject)
      const { rules, memberships } = ruling
      const named = groupsIn(rules)
      const isMember = memberOf(ruling)
      return {
        groups: named.some((group) => directoryOf(subject) && !(group in memberships))
          ? 'not_asked'
          : named.some((group) => isMember(group) === undefined)
            ? 'not_said'
            : 'said',
        values: resolve(rules, defaults, isMember),
      }
    },

    /** The values of a person about whom these rules are. Where it is not known which groups they are in, the strictest. */
    valuesBy: (ruling: Ruling): Values =>
      ruling.rules.length === 0 ? defaults : valuesIn(resolve(ruling.rules, defaults, memberOf(ruling))),
  }
}

/** `rule`: the name of a policy and a value. */
async function isSomebodys(database: QueryExecutorProvider, rule: string): Promise<boolean> {
  const { rows } = await sql<{ is: boolean }>`
    select exists (select from policies where name || ' ' || value = ${rule}) as is`.execute(database)
  return rows[0]?.is === true
}

/** What the last proofs of these people said of the groups that rules name. Undefined: one did not say. */
async function membershipsOf(
  on: Kysely<PoliciesTables>,
  subjects: readonly string[],
): Promise<Map<string, Map<string, boolean | undefined>>> {
  const rows = await on
    .selectFrom('memberships')
    .select(['subject', 'group_id', 'is_member'])
    .where(sql<boolean>`subject = any(${subjects}::text[])`)
    .execute()
  const known = new Map<string, Map<string, boolean | undefined>>()
  for (const { subject, group_id, is_member } of rows) {
    const of = known.get(subject) ?? new Map<string, boolean | undefined>()
    known.set(subject, of.set(group_id, is_member ?? undefined))
  }
  return known
}

const allRules = (organisation: string) => sql`
  coalesce((
    select json_agg(json_build_object('group', group_id, 'name', name, 'value', value) order by rank)
    from policies where organisation = ${organisation}
  ), '[]') as rules`

async function rulesOf(database: QueryExecutorProvider, organisation: string): Promise<PolicyRules> {
  const { rows } = await sql<PolicyRules>`
    select coalesce((select version from policy_versions where organisation = ${organisation}), 0) as version,
      ${allRules(organisation)}`.execute(database)
  return rows[0] as PolicyRules
}

/** The rules, and whether a person is in the groups of which their last proof said something. Null: it did not say. */
export interface Ruling {
  rules: Rule[]
  memberships: Record<string, boolean | null>
}

/** What a statement selects of them. */
export const rulingOf = (organisation: string, subject: string) => sql`
  ${allRules(organisation)}, coalesce((
    select json_object_agg(group_id, is_member) from memberships where subject = ${subject}
  ), '{}') as memberships`

const memberOf =
  ({ memberships }: Ruling): IsMember =>
  (group) =>
    memberships[group] ?? undefined

async function rulesFor(database: QueryExecutorProvider, organisation: string, subject: string) {
  const { rows } = await sql<Ruling>`select ${rulingOf(organisation, subject)}`.execute(database)
  return rows[0] as Ruling
}

/** About a group that no rule names any more, nothing stays stored. */
async function forgetUnnamed(
  all: QueryExecutorProvider,
  organisation: string,
  named: string[],
): Promise<void> {
  await sql`
    delete from memberships
    where ${within(organisation)} and not group_id = any(${named}::uuid[])`.execute(all)
}

/** What the audit trail says of a change: a record for each rule that is another now, and one if the order is. */
function changesFrom(before: readonly Rule[], after: readonly Rule[]) {
  const groups = [null, ...new Set([...groupsIn(before), ...groupsIn(after)])]
  const valueIn = (rules: readonly Rule[], of: Rule['group'], name: string) =>
    rules.find((rule) => rule.group === of && rule.name === name)?.value ?? 'none'
  const changed = groups.flatMap((group) =>
    policyNames.flatMap((policy) => {
      const [old, now] = [valueIn(before, group, policy), valueIn(after, group, policy)]
      if (old === now) return []
      const detail = { policy, old, new: now }
      return { act: 'policy changed' as const, ...(group && { subject: `group:${group}` }), detail }
    }),
  )
  return isMoved(before, after) ? [...changed, { act: 'policies moved' as const }] : changed
}

/** Whether rules for groups that were there before are in another order now. */
function isMoved(before: readonly Rule[], after: readonly Rule[]): boolean {
  const keyOf = ({ group, name }: Rule) => group && `${group} ${name}`
  const [old, now] = [before, after].map((rules) => rules.flatMap((rule) => keyOf(rule) ?? []))
  const kept = old?.filter((key) => now?.includes(key)) ?? []
  return kept.join() !== now?.filter((key) => kept.includes(key)).join()
}
