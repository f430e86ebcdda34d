import type { Rule } from '../../contract/admin-policies.ts'
import { type Policies, type PolicyName, policyNames, strictnessOf } from '../../contract/policies.ts'

/** Whether somebody is in a group. Undefined: it is not known. */
export type IsMember = (group: string) => boolean | undefined

/** A value, and what decided it. */
export interface Decided {
  name: PolicyName
  value: string
  by: 'group' | 'everybody' | 'setting'
  group: string | null
  /** The groups of rules that could have decided: it is not known whether the person is in them. */
  unknown: string[]
}

/**
 * The value of every policy for one person, with the rule that decided it. A group's rule is more specific than the rule
 * for everybody, which is more specific than the setting of the service. Of several groups the first one decides. If it is
 * not known whether the person is in a group, the strictest of all values that could be theirs decides, or the loosest.
 */
export function resolve(
  rules: readonly Rule[],
  defaults: Policies,
  isMember: IsMember,
  doubt: 'strictest' | 'loosest' = 'strictest',
): Decided[] {
  return policyNames.map((name) => {
    const { unknown, certain } = candidates(rules, defaults, isMember, name)
    const looseness = ({ value }: { value: string }) =>
      (strictnessOf(name, value) ?? 0) * (doubt === 'strictest' ? 1 : -1)
    let decided: Omit<Decided, 'unknown'> = certain
    for (const rule of unknown) if (looseness(rule) < looseness(decided)) decided = { ...rule, by: 'group' }
    return { ...decided, unknown: unknown.map(({ group }) => group as string) }
  })
}

/** The rules of groups that could decide, in their order, and what decides if the person is in none of those groups. */
function candidates(
  rules: readonly Rule[],
  defaults: Policies,
  isMember: IsMember,
  name: PolicyName,
): { unknown: Rule[]; certain: Omit<Decided, 'unknown'> } {
  const unknown: Rule[] = []
  for (const rule of rules) {
    if (rule.name !== name || rule.group === null) continue
    const is = isMember(rule.group)
    if (is) return { unknown, certain: { ...rule, by: 'group' } }
    if (is === undefined) unknown.push(rule)
  }
  const general = rules.find((rule) => rule.name === name && rule.group === null)
  if (general) return { unknown, certain: { ...general, by: 'everybody' } }
  return { unknown, certain: { name, value: defaults[name], by: 'setting', group: null } }
}

/** The groups that rules name, each once. */
export const groupsIn = (rules: readonly Rule[]) => [...new Set(rules.flatMap(({ group }) => group ?? []))]

/** The values alone. */
export const valuesIn = (decided: readonly Decided[]) =>
  Object.fromEntries(decided.map(({ name, value }) => [name, value])) as unknown as Policies
