import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { languages } from '../src/contract/languages.ts'
import {
  type Groups,
  pageTexts,
  reason,
  roomTexts,
  serviceTexts,
  type Text,
  upcomingTexts,
} from './english-texts.ts'

/**
 * Prints what is missing in a language, what is left over, and what is older than its English text. Returns the exit
 * code: 1 if something is missing or left over.
 */
export function translate(language: string): number {
  const others = languages.filter((one) => one !== 'en')
  if (!others.some((one) => one === language)) {
    console.error(
      `Name one of these languages: ${others.join(', ')}. A new one begins in src/contract/languages.ts.`,
    )
    return 2
  }
  const found = [
    ...compare(`src/languages/pages/${language}.json`, pageTexts),
    ...compare(`src/languages/service/${language}.json`, serviceTexts),
    ...compare(`src/languages/upcoming/${language}.json`, upcomingTexts),
    ...compare(`src/languages/room/${language}.json`, roomTexts),
  ]
  for (const { what, name, english, where } of found)
    console.log(
      [`${what}: ${name}`, english && `  ${english}`, ...where.map((place) => `  ${place}`)]
        .filter(Boolean)
        .join('\n'),
    )
  console.log(found.length === 0 ? `${language} has everything.` : `${found.length} texts to look at.`)
  return found.some(({ what }) => what !== 'changed in English') ? 1 : 0
}

interface Finding {
  what: 'missing' | 'left over' | 'changed in English'
  name: string
  english: string
  /** `src/addin/taskpane/Pane.tsx:81` */
  where: string[]
}

function compare(file: string, english: Groups): Finding[] {
  const translated: Groups = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}
  const ages = agesIn(file, /^ {4}"((?:[^"\\]|\\.)+)": /)
  const findings = pairs(english).map(([group, key, text]): Finding => {
    const [source, age = 0] = sourceOf(group, key)
    const what = translated[group]?.[key] === undefined ? 'missing' : 'changed in English'
    const isDone = what !== 'missing' && age <= (ages.get(key) ?? age)
    return {
      what,
      name: isDone ? '' : `${group}.${key}`,
      english: shown(text),
      where: isDone ? [] : placesOf(key, source),
    }
  })
  const leftOver = pairs(translated)
    .filter(([group, key]) => english[group]?.[key] === undefined && !reason.test(key))
    .map(
      ([group, key]): Finding => ({ what: 'left over', name: `${group}.${key}`, english: '', where: [file] }),
    )
  return [...findings.filter(({ name }) => name), ...leftOver]
}

const pairs = (groups: Groups) =>
  Object.entries(groups).flatMap(([group, texts]) =>
    Object.entries(texts).map(([key, text]): [string, string, Text] => [group, key, text]),
  )

const shown = (text: Text) => (typeof text === 'string' ? text : Object.values(text).join(' | '))

const filesIn = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.tsx?$/.test(path))
    .map((path) => `${folder}/${path.replaceAll('\\', '/')}`)
const code = new Map(
  ['src/addin', 'src/app'].flatMap(filesIn).map((path) => [path, readFileSync(path, 'utf8').split('\n')]),
)

/** The English texts, by file: when each key last changed, in seconds since 1970. */
const sources = [...code.keys()]
  .filter((path) => path.includes('/texts/') || path.endsWith('texts.ts'))
  .map((path) => [path, agesIn(path, /^ {2}'?([\w.]+)'?:/)] as const)

/** Where a keyed text is in English, and since when. A sentence that is its own key is never older. */
function sourceOf(group: string, key: string): [path: string | undefined, age: number | undefined] {
  const of = sources.filter(([path, ages]) => ages.has(key) && groupsOf(path).includes(group))
  return [of[0]?.[0], of[0]?.[1].get(key)]
}
const groupsOf = (path: string) =>
  path.startsWith('src/app/')
    ? [path === 'src/app/texts.ts' ? 'upcoming' : 'room']
    : path.includes('/launch-event/')
      ? ['launch']
      : [
          ...(code
            .get(path)
            ?.join('\n')
            .matchAll(/i18n\('(\w+)'/g) ?? []),
        ].map(([, name]) => name)

/** When the lines of each key last changed. Lines that nobody has committed are from now. */
function agesIn(file: string, keyLine: RegExp): Map<string, number> {
  const ages = new Map<string, number>()
  if (!existsSync(file)) return ages
  const blame = execFileSync('git', ['blame', '--line-porcelain', '--', file], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  let [key, time] = ['', 0]
  for (const line of blame.split('\n')) {
    if (line.startsWith('committer-time ')) time = Number(line.slice('committer-time '.length))
    if (!line.startsWith('\t')) continue
    key = keyLine.exec(line.slice(1))?.[1] ?? key
    ages.set(key, Math.max(ages.get(key) ?? 0, time))
  }
  return ages
}

/** Where the code uses a key, without the file that defines it. */
function placesOf(key: string, source: string | undefined): string[] {
  const name = key.replaceAll('.', '\\.')
  const use = new RegExp(
    `(texts|labels|get\\(\\))\\.${name}\\b|'${name}'|\\b${name}\\b.*= \\w+(Texts|Labels)`,
  )
  return [...code]
    .filter(([path]) => path !== source && !path.includes('/texts/'))
    .flatMap(([path, lines]) =>
      lines.flatMap((line, index) => (use.test(line) ? [`${path}:${index + 1}`] : [])),
    )
    .slice(0, 3)
}
