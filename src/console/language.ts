/** The languages of the console, by what each calls itself. */
export const languages = { en: 'English', fr: 'Français' } as const
export type Language = keyof typeof languages

const kept = 'language'
const primary = (tag: string) => tag.split('-')[0] ?? ''
const isOurs = (name: string): name is Language => name in languages

/** What the person chose in the console, or else the first language of their browser that the console has. */
export const language: Language =
  [localStorage.getItem(kept) ?? '', ...navigator.languages].map(primary).find(isOurs) ?? 'en'

/**
 * The person's own form of it, such as `fr-CA`: dates and numbers are written so. A browser may name one that `Intl`
 * refuses, such as `en-US@posix`.
 */
const locale =
  navigator.languages.find((tag) => primary(tag) === language && /^[a-z\d-]+$/i.test(tag)) ?? language

/** Shows the console in another language from now on, in this browser. The page starts again at the same place. */
export function choose(wanted: Language): void {
  localStorage.setItem(kept, wanted)
  location.reload()
}

const times = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'medium' })
const numbers = new Intl.NumberFormat(locale)

/** A time (ISO 8601) in the person's time zone. */
export const when = (time: string) => times.format(new Date(time))

export const amount = (count: number) => numbers.format(count)

const names = new Intl.DisplayNames(locale, { type: 'language' })

/** What the person calls a language, by its tag. */
export const nameOf = (tag: string) => names.of(tag) ?? tag
