import type { SettingsPart } from './read.ts'

/** A table of settings in Markdown: what each is, and what holds without it. */
export function referenceOf(parts: readonly SettingsPart[]): string {
  const rows = parts.flatMap(({ shape, rows }) =>
    Object.entries(rows).map(
      ([name, { says, otherwise = defaultOf(shape[name] as Form) }]) =>
        `| \`${name}\` | ${says} | ${otherwise} |`,
    ),
  )
  return ['| setting | what it is | default |', '|---|---|---|', ...rows].join('\n')
}

/** What this reads of a form of zod. */
interface Form {
  _zod: { def: { type: string; in?: Form; defaultValue?: unknown } }
}

/** The default of a form as it is written in a setting. A form that changes what it reads has it inside. */
function defaultOf(form: Form): string {
  const { type, in: inner, defaultValue } = form._zod.def
  if (type === 'default' || type === 'prefault') return defaultValue === '' ? 'none' : `\`${defaultValue}\``
  if (type === 'optional') return 'none'
  return inner ? defaultOf(inner) : 'required'
}
