import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseAst } from 'vite'
import { expect, test } from 'vitest'

/** The last cell of a row: files of tests in code, and names of tests in italics. `…` stands for any words. */
interface Claim {
  row: string
  proof: string
  /** Where the heading of the table says the tests are: a folder or a file. Empty: in `test/service/`. */
  place: string
}

const security = readFileSync('docs/security.md', 'utf8')
const pages = [
  { page: 'docs/security.md', text: security, least: 71 },
  { page: 'docs/for-reviewers.md', text: readFileSync('docs/for-reviewers.md', 'utf8'), least: 30 },
].map(({ page, text, least }) => ({ page, claims: claimsIn(text), least }))

test.each(pages)('each claim of $page is a row that names its tests', ({ claims, least }) => {
  expect(claims.length).toBeGreaterThanOrEqual(least)
  expect(claims.filter(({ proof }) => !/`[^`]+\.test\.ts`|\*[^*]+\*/.test(proof))).toEqual([])
})

test.each(pages)('every test that $page names as a proof exists', ({ claims }) => {
  const missing: string[] = []
  let file: string | undefined
  let row: Claim | undefined
  for (const claim of claims) {
    if (claim.place !== row?.place) file = fileAt(claim.place, '')
    row = claim
    for (const [, path, name] of claim.proof.matchAll(/`([^`]+\.test\.ts)`|\*([^*]+)\*/g)) {
      if (path) file = fileAt(claim.place, path)
      if (!file) missing.push(`${path ?? name}: no such file`)
      else if (name && !titlesIn(file).some((title) => says(title, name))) missing.push(`${file}: ${name}`)
    }
  }
  expect(missing).toEqual([])
})

test('every section of docs/security.md names a test file', () => {
  const [claimed = ''] = security.split('\n## How the checks are proved')
  const sections = claimed.split(/\n(?=##+ )/).slice(1)
  // A heading of sections has no text of its own. `pages.test.ts` proves that the files exist.
  const unproved = sections.filter(
    (section) => section.trim().includes('\n') && !section.includes('.test.ts`'),
  )
  expect(unproved.map((section) => section.split('\n')[0])).toEqual([])
})

/** The rows of the tables whose last column is about tests. */
function claimsIn(page: string): Claim[] {
  let place: string | undefined
  const found: Claim[] = []
  for (const line of page.split('\n')) {
    const cells = line.startsWith('|') ? line.slice(1, -1).split(/(?<!\\)\|/) : []
    const proof = cells.at(-1)?.trim() ?? ''
    const heading = /^test(?: in `([^`]+)`)?$/.exec(proof)
    if (cells.length === 0) place = undefined
    else if (heading) place = heading[1] ?? ''
    else if (place !== undefined && !/^-+$/.test(proof))
      found.push({ row: cells[0]?.trim() ?? '', proof, place })
  }
  return found
}

/** The file of a path that a cell names. Undefined: there is none. */
function fileAt(place: string, path: string): string | undefined {
  const places = [path, ...[place, 'test/service', 'test/service/attack'].map((folder) => join(folder, path))]
  return places.find((one) => one.endsWith('.test.ts') && existsSync(one))
}

const known = new Map<string, string[]>()

/** The name of each test of a file, after the names of what it is in. What is not written in it is `…`. */
function titlesIn(file: string): string[] {
  const titles = known.get(file) ?? []
  if (known.has(file)) return titles
  known.set(file, titles)
  const visit = (node: unknown, before: string): void => {
    if (!isNode(node)) return
    const named = node.type === 'CallExpression' ? titleOf(node as Call) : undefined
    if (named) titles.push(`${before} ${named}`.trim())
    for (const child of Object.values(node).flat()) visit(child, named ? `${before} ${named}` : before)
  }
  visit(parseAst(readFileSync(file, 'utf8'), { lang: 'ts' }), '')
  return titles
}

/** What this test knows of the parser's nodes (ESTree). */
interface Node {
  type: string
  name?: string
  value?: unknown
  callee?: Node
  object?: Node
  quasis?: { value: { cooked: string } }[]
}
type Call = Node & { callee: Node; arguments: Node[] }

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as Node).type === 'string'

/** The name that a call of `test`, `test.each(…)`, `describe.skipIf(…)` or the like gives. */
function titleOf({ callee, arguments: [name] }: Call): string | undefined {
  let root: Node | undefined = callee
  while (root && root.name === undefined) root = root.callee ?? root.object
  if (!root || !['test', 'it', 'describe'].includes(root.name ?? '') || !name) return undefined
  const text =
    typeof name.value === 'string' ? name.value : name.quasis?.map((one) => one.value.cooked).join(' … ')
  return text?.replace(/%[sdj]|\$\w+/g, ' … ')
}

/** Whether a title has these words, where `…` in either stands for any number of words. A few must be the same. */
function says(title: string, name: string): boolean {
  const [of, wanted] = [words(title), ['…', ...words(name), '…']]
  /** The most words from here on that are the same. Negative: these do not fit. */
  const same: (at: number, next: number) => number = cached((at, next) => {
    const [have, want] = [of[at], wanted[next]]
    if (have === undefined && want === undefined) return 0
    return Math.max(
      want === '…' ? same(at, next + 1) : -1_000,
      want === '…' && have !== undefined ? same(at + 1, next) : -1_000,
      have === '…' ? same(at + 1, next) : -1_000,
      have === '…' && want !== undefined ? same(at, next + 1) : -1_000,
      have !== undefined && have === want && have !== '…' ? 1 + same(at + 1, next + 1) : -1_000,
    )
  })
  return same(0, 0) >= Math.min(3, words(name).filter((word) => word !== '…').length)
}

const words = (text: string) =>
  text
    .replaceAll('…', ' … ')
    .replace(/[,;:.]/g, ' ')
    .split(/\s+/)
    .filter(Boolean)

function cached(ask: (at: number, next: number) => number) {
  const answers = new Map<string, number>()
  return (at: number, next: number): number => {
    const key = `${at} ${next}`
    const answer = answers.get(key) ?? ask(at, next)
    answers.set(key, answer)
    return answer
  }
}
