import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { CannotStart } from '../cannot-start.ts'

/** The settings of one part of the service. */
export interface SettingsPart<Shape extends z.ZodRawShape = z.ZodRawShape> {
  /** Each setting's name and form. */
  readonly shape: Shape
  /** What administrators read of each. */
  readonly rows: { readonly [Name in keyof Shape]: SettingRow }
  /** What is wrong although each setting has its form. */
  faults?(settings: z.output<z.ZodObject<Shape>>): SettingFault[]
  /** What is allowed on a developer's machine and not with `NODE_ENV=production`: sentences, as those of faults. */
  productionFaults?(settings: z.output<z.ZodObject<Shape>>, variables: Variables): string[]
}

export interface SettingRow {
  /** What it is, as docs/administrators.md says it: Markdown. */
  readonly says: string
  /** Undefined: it is a secret. */
  readonly example?: string
  /** What holds without it, where that is not the default of its form. */
  readonly otherwise?: string
}

/** `missing`: nobody has set it. `says`: a sentence without its full stop, which begins with the setting's name. */
export interface SettingFault {
  readonly kind: 'missing' | 'wrong'
  readonly says: string
}

export const missing = (name: string, instead = ''): SettingFault => ({
  kind: 'missing',
  says: `${name} is missing${instead}`,
})
export const wrong = (says: string): SettingFault => ({ kind: 'wrong', says })

/** Names a part's settings for the compiler. */
export type SettingsOf<Part> = Part extends SettingsPart<infer Shape> ? z.output<z.ZodObject<Shape>> : never

/** The environment. */
export type Variables = Record<string, string | undefined>

export const settingsPart = <Shape extends z.ZodRawShape>(part: SettingsPart<Shape>) => part

/**
 * Reads and checks the settings of all parts, once, at start. Each can be in a file that `NAME_FILE` names instead. Throws one
 * error that names each invalid setting and shows no value.
 */
export function settingsReader<Parts extends readonly SettingsPart[]>(...parts: Parts) {
  const all = z.object(Object.assign({}, ...parts.map(({ shape }) => shape)))
  return function readSettings(variables: Variables): Together<SettingsOf<Parts[number]>> {
    const { values, inFile, unusable } = withFiles(Object.keys(all.shape), variables)
    const read = all.safeParse(values, { reportInput: true, error: plainly })
    const issues = read.error?.issues ?? []
    const faults = [
      ...[...unusable.values()].map(wrong),
      ...issues.flatMap((issue) => {
        const [name, ...inside] = issue.path.map(String) as [string, ...string[]]
        if (unusable.has(name)) return []
        const place = [inFile.get(name) ?? name, ...inside].join('.')
        if (issue.code !== 'invalid_type' || issue.input !== undefined)
          return wrong(`${place} ${issue.message}`)
        return inside.length > 0 ? wrong(`${place} is missing`) : missing(place)
      }),
      // A part is judged as a whole once each of its settings has its form, whatever the other parts have.
      ...parts.flatMap((part) => {
        const own = z.object(part.shape).safeParse(values)
        return own.success ? faultsOf(part, own.data, variables) : []
      }),
    ]
    if (read.success && faults.length === 0) return read.data as Together<SettingsOf<Parts[number]>>
    throw new InvalidSettings(faults.map(({ kind, says }) => ({ kind, says: withExample(says, parts) })))
  }
}

/** The sentence of a fault, with an example of the setting's value. */
function withExample(says: string, parts: readonly SettingsPart[]): string {
  const [said = ''] = /^[A-Z_]+(?=[. ])/.exec(says) ?? []
  const rowOf = (name: string) => parts.map(({ rows }) => rows[name]).find(Boolean)
  const name = rowOf(said) ? said : said.replace(/_FILE$/, '')
  const row = rowOf(name)
  if (!row) return says
  return `${says} (for example ${row.example ?? `in a file: ${name}_FILE=/run/secrets/${name.toLowerCase()}`})`
}

export class InvalidSettings extends CannotStart {
  constructor(readonly faults: readonly SettingFault[]) {
    super(`The service cannot start with these settings:\n  ${faults.map(({ says }) => says).join('\n  ')}`)
  }
}

/** The value of each setting. `inFile`: what names the files of some. `unusable`: what is wrong with a file, by setting. */
function withFiles(names: readonly string[], variables: Variables) {
  const values: Variables = {}
  const [inFile, unusable] = [new Map<string, string>(), new Map<string, string>()]
  for (const name of names) {
    const [value, file] = [variables[name], variables[`${name}_FILE`]]
    values[name] = value
    if (file === undefined) continue
    inFile.set(name, `${name}_FILE`)
    if (value !== undefined) unusable.set(name, `${name} and ${name}_FILE must not both be set`)
    try {
      values[name] = readFileSync(file, 'utf8').replace(/\r?\n$/, '')
    } catch {
      unusable.set(name, `${name}_FILE names a file that cannot be read`)
    }
  }
  return { values, inFile, unusable }
}

/** `A | B` as `A & B`. */
type Together<Union> = (Union extends unknown ? (one: Union) => void : never) extends (all: infer All) => void
  ? All
  : never

function faultsOf(
  part: SettingsPart,
  settings: Record<string, unknown>,
  variables: Variables,
): SettingFault[] {
  const inProduction = variables.NODE_ENV === 'production'
  return [
    ...(part.faults?.(settings) ?? []),
    ...((inProduction && part.productionFaults?.(settings, variables)) || []).map(wrong),
  ]
}

/** What is wrong with a value whose form does not say it itself. */
const plainly: z.core.$ZodErrorMap = (issue) => {
  if (issue.code === 'unrecognized_keys') return 'has a field that the service does not know'
  if (issue.code === 'invalid_type')
    return `must be a ${issue.expected === 'int' ? 'whole number' : issue.expected}`
  if (issue.code === 'too_small')
    return `must be ${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}`
  if (issue.code === 'too_big') return `must be ${issue.inclusive ? 'at most' : 'less than'} ${issue.maximum}`
  if (issue.code === 'invalid_value') return `must be ${issue.values.join(' or ')}`
  return undefined
}
