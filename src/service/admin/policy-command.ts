import { subjectSchema } from '../../contract/admin.ts'
import {
  type Explained,
  type PolicyPreview,
  type PolicyRules,
  type Rule,
  rulesSchema,
} from '../../contract/admin-policies.ts'
import { type PolicyName, policyNames, valuesOf } from '../../contract/policies.ts'
import { append } from '../audit/append.ts'
import { createAudit } from '../audit/audit.ts'
import { directoryIn, inWords, parsed, UsageError, withDatabase } from '../command-line.ts'
import { connectionsSettings } from '../connections/settings.ts'
import { identitySettings, tenants } from '../identity/settings.ts'
import { createLog } from '../log.ts'
import { defaultsFrom } from '../policies/defaults.ts'
import { onlyDirectoryOf } from '../policies/only-directory.ts'
import { createPolicies, type Policies } from '../policies/policies.ts'
import { policiesSettings } from '../policies/settings.ts'
import { settingsPart, settingsReader } from '../settings/read.ts'

export const policyHelp = `zoom-for-outlook admin policy list --organisation ID [--json]
zoom-for-outlook admin policy set NAME VALUE --organisation ID [--group ID] [--at N] [--preview] [--json]
zoom-for-outlook admin policy remove NAME --organisation ID [--group ID] [--preview] [--json]
zoom-for-outlook admin policy explain SUBJECT [--json]
  Lists, sets or removes the rules of an organisation, or says which rule decides for a person.
  NAME VALUE          ${policyNames.map((name) => `${name} ${valuesOf(name).join('|')}`).join(', ')}
  --organisation ID   the directory (tenant) id
  --group ID          the object id of a group; without it the rule is for everybody
  --at N              the place of the rule: of several groups that a person is in, the first one decides
  --preview           only says whom the change would affect`

const by = 'command-line'

/** Runs `policy …`. Returns the exit code. Throws errors for an administrator. */
export async function policyCommand([command, ...args]: string[]): Promise<number> {
  if (command === 'list') return list(args)
  if (command === 'set') return change(args, 2, withRule)
  if (command === 'remove') return change(args, 1, withoutRule)
  if (command === 'explain') return explain(args)
  throw new UsageError(
    command ? `There is no command "policy ${command}"` : 'Say list, set, remove or explain',
  )
}

const options = {
  organisation: { type: 'string' },
  group: { type: 'string' },
  at: { type: 'string' },
  preview: { type: 'boolean' },
  json: { type: 'boolean' },
} as const

async function list(args: string[]): Promise<number> {
  const { values } = parsed(args, options)
  const organisation = organisationIn(values.organisation)
  const found = await withPolicies(async (policies, database) => {
    await append(database, { act: 'policies viewed', caller: by, organisation })
    return { ...(await policies.rulesOf(organisation)), defaults: policies.defaults }
  })
  print(found, values.json)
  return 0
}

/** A rule that is removed is found without its value. */
const anyValueOf = (name: string) =>
  policyNames.includes(name as PolicyName) ? valuesOf(name as PolicyName)[0] : ''

type Change = (rules: readonly Rule[], rule: Rule, at: number | undefined) => Rule[]

async function change(args: string[], words: number, edit: Change): Promise<number> {
  const { values, positionals } = parsed(args, options, true)
  const organisation = organisationIn(values.organisation)
  if (positionals.length !== words) throw new UsageError('Name the policy, and with "set" its value')
  const [name = '', value = anyValueOf(name)] = positionals
  const rule = ruleIn({ group: values.group ?? null, name, value }, words === 2)
  if (values.at !== undefined && !/^[1-9]\d?$/.test(values.at))
    throw new UsageError('--at must be the number of a rule')
  const changed = await withPolicies(async (policies, database) => {
    const { version, rules } = await policies.rulesOf(organisation)
    const wanted = edit(rules, rule, values.at === undefined ? undefined : Number(values.at) - 1)
    if (!rulesSchema.safeParse(wanted).success) throw new UsageError('There are too many rules')
    if (!values.preview) return policies.change(by, organisation, { version, rules: wanted }).catch(inWords)
    await append(database, { act: 'policies viewed', caller: by, organisation })
    return policies.preview(organisation, wanted)
  })
  if ('version' in changed) print(changed, values.json)
  else printPreview(changed, values.json)
  return 0
}

const isSame = (one: Rule, other: Rule) => one.name === other.name && one.group === other.group

/** A rule that is there keeps its place, unless another one is wanted. A new one comes last. */
function withRule(rules: readonly Rule[], rule: Rule, at?: number): Rule[] {
  const index = rules.findIndex((one) => isSame(one, rule))
  const others = rules.filter((one) => !isSame(one, rule))
  return others.toSpliced(at ?? (index < 0 ? others.length : index), 0, rule)
}

const withoutRule = (rules: readonly Rule[], rule: Rule) => {
  if (!rules.some((one) => isSame(one, rule))) throw new Error('There is no such rule')
  return rules.filter((one) => !isSame(one, rule))
}

async function explain(args: string[]): Promise<number> {
  const { values, positionals } = parsed(args, { json: { type: 'boolean' } }, true)
  const { success, data: subject } = subjectSchema.safeParse(positionals[0])
  if (!success || positionals.length > 1) throw new UsageError('Name one person by their id')
  const found = await withPolicies(async (policies, database) => {
    await append(database, { act: 'policies viewed', caller: by, subject: `person:${subject}` })
    return policies.explain(subject)
  })
  if (values.json) console.log(JSON.stringify(found))
  else console.log(explained(found))
  return 0
}

const explained = ({ groups, values }: Explained) =>
  values
    .map(({ name, value, by, group, unknown }) => {
      const doubt = unknown.length > 0 ? `groups ${groups}: ${unknown.join(' ')}` : ''
      return [name, value, `${by}${group ? ` ${group}` : ''}`, doubt].join('\t').trimEnd()
    })
    .join('\n')

function print(found: PolicyRules, asJson = false): void {
  if (asJson) console.log(JSON.stringify(found))
  else
    for (const { group, name, value } of found.rules)
      console.log([name, value, group ?? 'everybody'].join('\t'))
}

function printPreview(found: PolicyPreview, asJson = false): void {
  const { certain, possible, people } = found
  if (asJson) return void console.log(JSON.stringify(found))
  console.log(`${certain} people would be affected, and ${possible} if they are in a group.`)
  for (const { subject, changes } of people)
    console.log(
      [subject, ...changes.map(({ name, before, after }) => `${name} ${before} → ${after}`)].join('\t'),
    )
}

/** Throws a usage error that names what is wrong. `hasValue`: a rule that is removed has none. */
function ruleIn(rule: unknown, hasValue: boolean): Rule {
  const { success, data, error } = rulesSchema.safeParse([rule])
  if (success) return data[0] as Rule
  const wrong = String(error.issues[0]?.path[1] ?? 'rule')
  const ofName = policyNames.map((name) => `${name}: ${valuesOf(name).join(', ')}`).join('; ')
  if (wrong === 'group') throw new UsageError('--group must be the object id of a group')
  throw new UsageError(wrong === 'name' || !hasValue ? `The policies are ${policyNames.join(', ')}` : ofName)
}

const organisationIn = (id: string | undefined) => `entra:${directoryIn(id)}`

const readSettings = settingsReader(
  connectionsSettings,
  policiesSettings,
  settingsPart({
    shape: { ENTRA_TENANTS: tenants.optional() },
    rows: { ENTRA_TENANTS: identitySettings.rows.ENTRA_TENANTS },
  }),
)

const withPolicies = <T>(
  use: (policies: Policies, database: Parameters<Parameters<typeof withDatabase>[0]>[0]) => Promise<T>,
) =>
  withDatabase((database) => {
    const audit = createAudit(database, createLog({ write() {} }))
    const settings = readSettings(process.env)
    const onlyDirectory = onlyDirectoryOf(settings.ENTRA_TENANTS ?? [])
    return use(createPolicies({ database, audit, defaults: defaultsFrom(settings), onlyDirectory }), database)
  })
