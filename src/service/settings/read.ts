import { z } from 'zod'

/** The settings of one part of the service. */
export interface SettingsPart<Shape extends z.ZodRawShape = z.ZodRawShape> {
  /** Each setting's name and form. */
  readonly shape: Shape
  /** What is wrong although each setting has its form: sentences that begin with a setting's name. */
  faults?(settings: z.output<z.ZodObject<Shape>>): string[]
  /** What is allowed on a developer's machine and not with `NODE_ENV=production`. */
  productionFaults?(settings: z.output<z.ZodObject<Shape>>, variables: Variables): string[]
}

/** Names a part's settings for the compiler. */
export type SettingsOf<Part> = Part extends SettingsPart<infer Shape> ? z.output<z.ZodObject<Shape>> : never

/** The environment. */
export type Variables = Record<string, string | undefined>

export const settingsPart = <Shape extends z.ZodRawShape>(part: SettingsPart<Shape>) => part

/**
 * Reads and checks the settings of all parts, once, at start. Throws one error that names each invalid setting and
 * shows no value.
 */
export function settingsReader<Parts extends readonly SettingsPart[]>(...parts: Parts) {
  const all = z.object(Object.assign({}, ...parts.map(({ shape }) => shape)))
  return function readSettings(variables: Variables): Together<SettingsOf<Parts[number]>> {
    const read = all.safeParse(variables, { reportInput: true })
    const faults = read.success
      ? parts.flatMap((part) => faultsOf(part, read.data, variables))
      : read.error.issues.map((issue) => `${issue.path.join('.')} ${sentence(issue)}`)
    if (read.success && faults.length === 0) return read.data as Together<SettingsOf<Parts[number]>>
    throw new Error(`The service cannot start with these settings:\n  ${faults.join('\n  ')}`)
  }
}

/** `A | B` as `A & B`. */
type Together<Union> = (Union extends unknown ? (one: Union) => void : never) extends (all: infer All) => void
  ? All
  : never

function faultsOf(part: SettingsPart, settings: Record<string, unknown>, variables: Variables): string[] {
  const inProduction = variables.NODE_ENV === 'production'
  return [
    ...(part.faults?.(settings) ?? []),
    ...((inProduction && part.productionFaults?.(settings, variables)) || []),
  ]
}

function sentence(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') return 'has a field that the service does not know'
  return issue.code === 'invalid_type' && issue.input === undefined ? 'is missing' : issue.message
}
