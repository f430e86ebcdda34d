/** The languages of the add-in, by their tags (BCP 47). */
export const languages = [
  'en',
  'fr',
  'de',
  'es',
  'pt-BR',
  'it',
  'nl',
  'pl',
  'ja',
  'zh-CN',
  'ko',
  'ar',
] as const
export type Language = (typeof languages)[number]

/**
 * The language that serves a person best who reads those of these tags, the best first: one with the same primary subtag,
 * so `pt-BR` for `pt-PT`. English if there is none.
 */
export function languageFor(...tags: string[]): Language {
  const served = (tag: string) => languages.find((language) => primary(language) === primary(tag))
  return tags.map(served).find(Boolean) ?? 'en'
}

const primary = (tag: string) => tag.split('-')[0]?.toLowerCase()

/** What people read in another language, by the English sentence. */
export type Sentences = Readonly<Record<string, string>>
