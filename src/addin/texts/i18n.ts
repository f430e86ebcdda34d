/// <reference types="vite/types/importMeta.d.ts" />
import { createI18n } from '@nanostores/i18n'
import { atom } from 'nanostores'
import { withTimeout } from '../../browser/timeout.ts'
import { type Language, languageFor } from '../../contract/languages.ts'

/** The language that this page speaks. */
export const language = atom<Language>('en')

/** Defines a group of texts, in English. `get()` gives them in the language of the page. */
export const i18n = createI18n(language, { get: async () => ({}) })

/** Texts by their group and key, as a file has them. */
export type Texts = Record<string, Record<string, string>>

/** One file a language. English is in the code. */
const files = import.meta.glob<Texts>('../../languages/pages/*.json', { import: 'default' })

/** Milliseconds. A page that does not get its language in time is in English. */
const deadline = 2_000

/** The direction in which the language of the page is written. */
export const direction = () => (language.get() === 'ar' ? 'rtl' : 'ltr')

/** How dates and numbers are written: as in Outlook, such as `fr-CA`, where the page speaks its language. */
export function locale(): string {
  const { displayLanguage } = Office.context
  return primary(displayLanguage) === primary(language.get()) ? displayLanguage : language.get()
}

const primary = (tag: string) => tag.split('-')[0]

/** Makes this page speak the language of Outlook from now on. Never fails. `more`: further texts that the page needs. */
export async function speakAsOutlook(more: Record<string, () => Promise<Texts>> = {}): Promise<void> {
  const wanted = languageFor(Office.context.displayLanguage)
  const needed = [files, more].flatMap((all) =>
    Object.entries(all).filter(([path]) => path.endsWith(`/${wanted}.json`)),
  )
  try {
    const loaded = Promise.all(needed.map(([, file]) => file()))
    const groups = (await withTimeout(loaded, deadline, 'service_unreachable')).flatMap(Object.entries)
    const cache: Texts = {}
    for (const [name, texts] of groups) cache[name] = { ...cache[name], ...texts }
    if (needed.length > 0) i18n.cache[wanted] = cache as Record<string, never>
    language.set(wanted)
  } catch (error) {
    console.warn(error)
  }
  document.documentElement.lang = locale()
  document.documentElement.dir = direction()
}
