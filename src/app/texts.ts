/// <reference types="vite/types/importMeta.d.ts" />
import { withTimeout } from '../browser/timeout.ts'
import { type Language, languageFor } from '../contract/languages.ts'

/** What people read in *Upcoming*, the page and the terminal. The other languages are in `languages/upcoming/`. */
export const english = {
  title: 'Upcoming',
  introduction: 'Your meetings of today and tomorrow.',
  memoryOnly: 'Your calendar stays in memory. It is forgotten when you close this page.',
  signIn: 'Sign in',
  signingIn: 'Finish signing in, in the window that has opened.',
  windowBlocked: 'Your browser blocked the sign-in window. Allow it and try again.',
  notSignedIn: 'You were not signed in. Try again.',
  closeWindow: 'You can close this window.',
  signOut: 'Sign out',
  revoked: 'An administrator has ended your access. Everything was forgotten.',
  signedOut: 'You are signed out. Everything was forgotten.',
  reading: 'Reading your calendar…',
  live: 'Live',
  notLive: 'Changes are shown later than usual.',
  offline: 'You are offline. This is from {time}.',
  asOf: 'This is from {time}.',
  notRead: 'Your calendar cannot be read at the moment.',
  tryAgain: 'Try again',
  onNow: 'On now',
  allDay: 'All day',
  join: 'Join',
  untitled: 'Untitled',
  nothing: 'Nothing planned.',
  overlaps: 'At the same time as something else',
  zoomRoom: 'with a Zoom Room',
  timesIn: 'Times in {zone}',
  openThis: 'Open this address in a browser to sign in:',
  typeCode: 'Type this code there:',
} as const
export type Texts = Readonly<Record<keyof typeof english, string>>

const files = import.meta.glob<{ upcoming: Texts }>('../languages/upcoming/*.json', { import: 'default' })

/** Milliseconds. Who does not get a language in time reads English. */
const deadline = 2_000

/** A file of texts, if it comes in time. Never fails. */
export const loaded = async <File>(file: (() => Promise<File>) | undefined): Promise<File | undefined> =>
  file && withTimeout(file(), deadline, 'page_not_loaded').catch(() => undefined)

/** The texts in the language that serves a person best who prefers these (BCP 47). Never fails. */
export async function textsFor(tags: readonly string[]): Promise<{ language: Language; texts: Texts }> {
  const language = languageFor(...tags)
  const file = await loaded(files[`../languages/upcoming/${language}.json`])
  return file ? { language, texts: file.upcoming } : { language: 'en', texts: english }
}

/** How dates are written: as the person has it, such as `fr-CA`, if that is the language of the texts. */
export function localeOf(language: Language, tags: readonly string[]): string {
  const primary = (tag: string) => tag.split('-')[0]
  return tags.find((tag) => primary(tag) === primary(language) && /^[a-z\d-]+$/i.test(tag)) ?? language
}

/** Puts values into a text. */
export const filled = (text: string, values: Readonly<Record<string, string>>) =>
  text.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole)
