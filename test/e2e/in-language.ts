import { readFileSync } from 'node:fs'
import type { Language } from '../../src/contract/languages.ts'

type Groups = Record<string, Record<string, string | Record<string, string>>>
export const groupsIn = (language: Language, from: 'pages' | 'service' | 'upcoming' = 'pages'): Groups =>
  JSON.parse(readFileSync(`src/languages/${from}/${language}.json`, 'utf8'))
/** A text of the add-in, by its group and its key. */
export const textIn = (language: Language) => {
  const groups = groupsIn(language)
  return (group: string, key: string) => String(groups[group]?.[key])
}

/** The languages as Outlook names them. */
export const locales: Record<Exclude<Language, 'en'>, string> = {
  fr: 'fr-FR',
  de: 'de-DE',
  es: 'es-ES',
  'pt-BR': 'pt-BR',
  it: 'it-IT',
  nl: 'nl-NL',
  pl: 'pl-PL',
  ja: 'ja-JP',
  'zh-CN': 'zh-CN',
  ko: 'ko-KR',
  ar: 'ar-SA',
}
const manifest = readFileSync('manifest.xml', 'utf8')
/** What Outlook calls a button of the add-in. */
export function labelOf(id: 'add' | 'settings', locale: string): string {
  const [, labels = ''] = new RegExp(`<bt:String id="${id}"(.*?)</bt:String>`, 's').exec(manifest) ?? []
  return new RegExp(`Locale="${locale}" Value="(.*?)"`).exec(labels)?.[1] ?? ''
}
