/// <reference types="vite/types/importMeta.d.ts" />
import type { Context } from 'hono'
import { parseAccept } from 'hono/utils/accept'
import { type Language, languageFor, languages, type Sentences } from '../../contract/languages.ts'

/** Those that the pages have too, and the service's own. The pages' other texts stay out of the service. */
const files = import.meta.glob<Sentences>('../../languages/{pages,service}/*.json', {
  eager: true,
  import: 'sentences',
})

const translations = new Map(
  languages.map((language) => {
    const own = Object.entries(files).filter(([path]) => path.endsWith(`/${language}.json`))
    return [language, Object.assign({}, ...own.map(([, sentences]) => sentences)) as Sentences]
  }),
)

/** The language that the request asks for (RFC 9110, Accept-Language). */
export function languageIn(c: Context): Language {
  const asked = parseAccept(c.req.header('accept-language') ?? '').filter(({ q }) => q > 0)
  return languageFor(...asked.map(({ type }) => type))
}

/** What people read in that language. Empty: English. */
export const sentencesFor = (c: Context): Sentences => translations.get(languageIn(c)) ?? {}

/** A sentence in the language that the request asks for, or in English. */
export const saidTo = (c: Context, sentence: string): string => sentencesFor(c)[sentence] ?? sentence
