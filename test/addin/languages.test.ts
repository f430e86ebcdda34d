import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import {
  type Groups,
  pageTexts,
  reason,
  serviceTexts,
  type Text,
  upcomingTexts,
} from '../../scripts/english-texts.ts'
import { languageFor, languages } from '../../src/contract/languages.ts'

const read = (folder: string): Record<string, Groups> =>
  Object.fromEntries(
    readdirSync(folder).map((name) => [
      name.replace('.json', ''),
      JSON.parse(readFileSync(`${folder}/${name}`, 'utf8')) as Groups,
    ]),
  )
const pages = read('src/languages/pages')
const service = read('src/languages/service')
const upcoming = read('src/languages/upcoming')

const others = languages.filter((language) => language !== 'en')

test('there is one file of each language and no other', () => {
  expect(Object.keys(pages).sort()).toEqual([...others].sort())
  expect(Object.keys(service).sort()).toEqual([...others].sort())
  expect(Object.keys(upcoming).sort()).toEqual([...others].sort())
})

describe.each(others)('in %s', (language) => {
  test('no text of the pages is missing or left over, and each has the placeholders and plurals that it needs', () => {
    const { sentences = {}, ...groups } = pages[language] ?? {}
    const { sentences: expected = {}, ...rest } = pageTexts
    expect(keysOf(groups)).toEqual(keysOf(rest))
    expect(without(sentences)).toEqual(Object.keys(expected).sort())
    for (const [group, texts] of Object.entries(rest))
      for (const [key, text] of Object.entries(texts)) judge(`${group}.${key}`, text, groups[group]?.[key])
  })

  test('no text of *Upcoming* is missing or left over, and each has the placeholders that it needs', () => {
    expect(keysOf(upcoming[language] ?? {})).toEqual(keysOf(upcomingTexts))
    for (const [key, text] of Object.entries(upcomingTexts.upcoming ?? {}))
      judge(key, text, upcoming[language]?.upcoming?.[key])
  })

  test('no sentence of the service is missing or left over', () => {
    expect(without(service[language]?.sentences ?? {})).toEqual(
      Object.keys(serviceTexts.sentences ?? {}).sort(),
    )
  })

  test('every notification fits into the 150 characters that Outlook shows', () => {
    const { notices = {} } = pages[language] ?? {}
    const after = (first: string[], second: string[]) =>
      first.flatMap((one) => second.map((two) => `${notices[one]} ${notices[two]}`))
    const all = [
      ...after(['added', 'updated', 'renewed', 'unchanged'], ['withoutLocation', 'earlierBothStay']),
      ...after(['removed'], ['ownLinkStays', 'ownInvitationStays', 'ownBothStay']),
      ...Object.values(pages[language]?.sentences ?? {}),
    ]
    expect(all.filter((text) => String(text).length > 150)).toEqual([])
  })

  test('the button of the question before sending has no more than the 20 characters that Outlook takes', () => {
    expect(String(pages[language]?.launch?.openSettings).length).toBeLessThanOrEqual(20)
  })

  function judge(name: string, text: Text, translated: Text | undefined) {
    expect(typeof translated, name).toBe(typeof text)
    if (typeof text === 'string') {
      expect(placeholdersOf(translated as string), name).toEqual(placeholdersOf(text))
      return
    }
    const { pluralCategories } = new Intl.PluralRules(language).resolvedOptions()
    expect(Object.keys(translated ?? {}).sort(), name).toEqual([...pluralCategories].sort())
  }
})

test('a person gets the language that is nearest to theirs, or English', () => {
  const nearest = ['pt-PT', 'zh-TW', 'ar-EG', 'FR', 'sv-SE', ''].map((tag) => languageFor(tag))
  expect(nearest).toEqual(['pt-BR', 'zh-CN', 'ar', 'fr', 'en', 'en'])
  expect(languageFor('sv-SE', 'de-CH', 'en')).toBe('de')
})

const keysOf = (groups: Groups) =>
  Object.entries(groups)
    .flatMap(([group, texts]) => Object.keys(texts).map((key) => `${group}.${key}`))
    .sort()
const without = (sentences: Record<string, Text>) =>
  Object.keys(sentences)
    .filter((sentence) => !reason.test(sentence))
    .sort()
const placeholdersOf = (text: string) => [...new Set(text.match(/\{\w+\}/g))].sort()
