import { texts } from './texts.ts'

const { policies: says } = texts

/** What an administrator reads of the value of a policy. Zoom has semicolons between the parts of a text. */
export function valueText(value: string): string {
  const known = says.values[value]
  if (known !== undefined) return known
  const text = value.replace(/^always-/, '')
  const parts = text.replace(/^(approve|deny):/, '').replaceAll(';', ', ')
  const said = text.startsWith('deny:')
    ? says.allBut(parts)
    : text.startsWith('approve:')
      ? says.onlyFrom(parts)
      : parts
  return text === value ? said : says.alwaysText(said)
}
