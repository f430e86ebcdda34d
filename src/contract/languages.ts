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

/** The language that serves a tag best: the one with the same primary subtag, so `pt-BR` for `pt-PT`. English for others. */
export function languageOf(tag: string): Language {
  return languages.find((language) => primary(language) === primary(tag)) ?? 'en'
}

const primary = (tag: string) => tag.split('-')[0]?.toLowerCase()
