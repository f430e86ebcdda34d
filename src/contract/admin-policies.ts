import { z } from 'zod'
import { longestText, policyNames, strictnessOf } from './policies.ts'

// What the console and the service say to each other about policies. The console imports only the types.

/** The most rules of an organisation: a request with them all is no larger than the service accepts. */
const mostRules = 60

const name = z.enum(policyNames)
const value = z.string().max('always-'.length + longestText)
const group = z.guid().toLowerCase().nullable()

/** One rule: a value for the people of a group of the directory, or for everybody. */
const ruleSchema = z
  .object({
    /** The group's object id. Null: everybody. */
    group,
    name,
    value,
  })
  .superRefine((rule, context) => {
    if (strictnessOf(rule.name, rule.value) === undefined)
      context.addIssue({ code: 'custom', path: ['value'] })
  })
export type Rule = z.infer<typeof ruleSchema>

/** The rules in their order: of several groups that a person is in, the first one decides. */
export const rulesSchema = z
  .array(ruleSchema)
  .max(mostRules)
  .superRefine((rules, context) => {
    const seen = new Set<string>()
    for (const [index, rule] of rules.entries()) {
      const of = `${rule.name} ${rule.group}`
      if (seen.has(of)) context.addIssue({ code: 'custom', path: [index, 'group'] })
      seen.add(of)
    }
  })

/** All rules of an organisation. */
export const policiesSchema = z.object({
  /** One higher after each change. */
  version: z.int().min(0),
  rules: rulesSchema,
})
export type PolicyRules = z.infer<typeof policiesSchema>

/** What is read has also the values of people whom no rule is about: the service's own settings. */
export const shownPoliciesSchema = policiesSchema.extend({
  defaults: z.record(name, value),
})
export type ShownPolicies = z.infer<typeof shownPoliciesSchema>

export const previewRequestSchema = policiesSchema.pick({ rules: true })

/** Whom a change of the rules would affect. */
export const policyPreviewSchema = z.object({
  /** People for whom at least one value changes. */
  certain: z.int(),
  /** People for whom a value changes only if they are in a group of which the service has not heard for them yet. */
  possible: z.int(),
  /** The first of them. */
  people: z.array(
    z.object({
      subject: z.string(),
      certain: z.boolean(),
      changes: z.array(z.object({ name, before: value, after: value })),
    }),
  ),
})
export type PolicyPreview = z.infer<typeof policyPreviewSchema>

/** Why a person has a value. */
export const explainedSchema = z.object({
  /**
   * What the person's last access token said of their groups. `not_said`: nothing, or that there are too many. Then the
   * strictest rule that could be theirs decides. `not_asked`: they have not used the service since a rule names a group.
   */
  groups: z.enum(['said', 'not_said', 'not_asked']),
  values: z.array(
    z.object({
      name,
      value,
      /** What decided: the rule of a group, the rule for everybody, or the setting of the service. */
      by: z.enum(['group', 'everybody', 'setting']),
      group,
      /** Groups of rules that could have decided: it is not known whether the person is in them. */
      unknown: z.array(z.string()),
    }),
  ),
})
export type Explained = z.infer<typeof explainedSchema>
