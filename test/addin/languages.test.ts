import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { i18n } from '../../src/addin/texts/i18n.ts'
import '../../src/addin/texts/connections.ts'
import '../../src/addin/texts/dialog.ts'
import '../../src/addin/texts/invitation.ts'
import '../../src/addin/texts/launch.ts'
import '../../src/addin/texts/notices.ts'
import '../../src/addin/texts/options.ts'
import '../../src/addin/texts/pane.ts'
import { connectionKinds, stateNames, stateOf, syncSays } from '../../src/contract/connections.ts'
import { differenceSays } from '../../src/contract/difference.ts'
import { languageFor, languages } from '../../src/contract/languages.ts'
import { pageProblems } from '../../src/contract/page-problems.ts'
import { problems } from '../../src/contract/service-problems.ts'

type Text = string | Record<string, string>
type Groups = Record<string, Record<string, Text>>
const read = (folder: string): Record<string, Groups> =>
  Object.fromEntries(
    readdirSync(folder).map((name) => [
      name.replace('.json', ''),
      JSON.parse(readFileSync(`${folder}/${name}`, 'utf8')) as Groups,
    ]),
  )
const pages = read('src/languages/pages')
const service = read('src/languages/service')

/** The English texts, as the add-in defines them. */
const english: Groups = {
  ...(i18n.cache.en as unknown as Groups),
  functions: { notLoaded: 'Zoom for Outlook has not loaded. Check your connection, and try again.' },
  sentences: bySelf(Object.values(pageProblems).map(({ says }) => says)),
}

/** What only the console shows, which has languages of its own, or what only an app meets. */
const notInPane = new Set([
  'signature_refused',
  'not_an_administrator',
  'role_too_low',
  'second_factor_required',
  'only_by_command',
  'no_such_person',
  'apps_not_allowed',
  'policies_changed',
  'mailbox_not_reached',
  'no_such_mailbox',
  'mailbox_not_connected',
  'mailbox_not_allowed',
  'access_revoked',
  'application_missing',
  'application_misconfigured',
  'graph_unreachable',
  'no_such_key',
  'key_in_use',
  'key_removal_asked',
  'key_removal_not_asked',
  'second_administrator_required',
])

/** What the service says to people in the pane. */
const said = [
  ...Object.entries(problems)
    .filter(([code]) => !(code in pageProblems) && !notInPane.has(code))
    .map(([, { says }]) => says),
  ...connectionKinds.flatMap((kind) => stateNames.map((state) => stateOf(kind, state).says)),
  ...Object.values(syncSays),
  ...Object.values(differenceSays),
]

/** Why a field is wrong. A language needs not have every reason. */
const reason = /^Its (title|start|length|time zone|recurrence) [\w ]+\.$/

const others = languages.filter((language) => language !== 'en')

test('there is one file of each language and no other', () => {
  expect(Object.keys(pages).sort()).toEqual([...others].sort())
  expect(Object.keys(service).sort()).toEqual([...others].sort())
})

describe.each(others)('in %s', (language) => {
  test('no text of the pages is missing or left over, and each has the placeholders and plurals that it needs', () => {
    const { sentences = {}, ...groups } = pages[language] ?? {}
    const { sentences: expected = {}, ...rest } = english
    expect(keysOf(groups)).toEqual(keysOf(rest))
    expect(without(sentences)).toEqual(Object.keys(expected).sort())
    for (const [group, texts] of Object.entries(rest))
      for (const [key, text] of Object.entries(texts)) judge(`${group}.${key}`, text, groups[group]?.[key])
  })

  test('no sentence of the service is missing or left over', () => {
    expect(without(service[language]?.sentences ?? {})).toEqual([...new Set(said)].sort())
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

function bySelf(sentences: string[]): Record<string, string> {
  return Object.fromEntries(sentences.map((sentence) => [sentence, sentence]))
}

const keysOf = (groups: Groups) =>
  Object.entries(groups)
    .flatMap(([group, texts]) => Object.keys(texts).map((key) => `${group}.${key}`))
    .sort()
const without = (sentences: Record<string, Text>) =>
  Object.keys(sentences)
    .filter((sentence) => !reason.test(sentence))
    .sort()
const placeholdersOf = (text: string) => [...new Set(text.match(/\{\w+\}/g))].sort()
