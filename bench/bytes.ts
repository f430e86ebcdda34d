import { readFileSync, statSync } from 'node:fs'
import { posix } from 'node:path'
import { gzipSync } from 'node:zlib'
import { parseAst } from 'vite'
import { kilobytes, printTable, type Row } from './table.ts'

/** What the manifest's addresses are aimed at, in bytes of gzip, by the manifest's names for them. */
const targets: Record<string, number> = { commands: 10_000, taskpane: 120_000 }

/** (a) What Outlook's addresses load from us at first, and what comes later. Office.js is Microsoft's and not in it. */
export function measureBytes(): void {
  const rows: Row[] = []
  const later = new Set<string>()
  for (const name of entries().keys()) {
    const files = firstLoad(name)
    rows.push(row(`${name}, first load`, files, targets[name]))
    for (const path of [...files].flatMap((file) => imports(file).later)) {
      const more = new Set([...loadedBy(path)].filter((file) => !files.has(file)))
      if (!later.has(path)) rows.push(row(`  later: ${posix.basename(path)}`, more))
      later.add(path)
    }
  }
  printTable('(a) Bytes of the add-in', ['', 'files', 'raw', 'gzip -9', 'target'], rows)
}

/** The files that a page or script needs before it runs, by the manifest's name for it. */
export const firstLoad = (name: string) => loadedBy(entries().get(name) as string)

/** Bytes, compressed. */
export const gzipped = (files: Iterable<string>) =>
  sum([...files].map((file) => gzipSync(readFileSync(inDist(file)), { level: 9 }).length))

function row(name: string, files: ReadonlySet<string>, target?: number): Row {
  return [
    name,
    String(files.size),
    kilobytes(sum([...files].map((file) => statSync(inDist(file)).size))),
    kilobytes(gzipped(files)),
    target ? `≤ ${target / 1000} kB` : '',
  ]
}

/** The pages and scripts that the manifest names, by its names for them. */
function entries(): Map<string, string> {
  const urls = readFileSync('manifest.xml', 'utf8').matchAll(/<bt:Url id="(.+?)" DefaultValue="(.+?)"/g)
  return new Map([...urls].map(([, name = '', url = '']) => [name, new URL(url).pathname]))
}

/** A file and everything of ours that it cannot do without. */
function loadedBy(file: string, loaded = new Set<string>()): Set<string> {
  if (loaded.has(file)) return loaded
  loaded.add(file)
  for (const needed of imports(file).first) loadedBy(needed, loaded)
  return loaded
}

/** What a file loads at once, and what when it is needed. */
function imports(file: string): Record<'first' | 'later', string[]> {
  const text = readFileSync(inDist(file), 'utf8')
  if (file.endsWith('.html')) return { first: matches(text, /(?:src|href)="(\/[^"]+)"/g), later: [] }
  if (!file.endsWith('.js')) return { first: [], later: [] }
  const first = parseAst(text).body.flatMap((node) =>
    'source' in node && node.source ? [String(node.source.value)] : [],
  )
  const beside = (path: string) => posix.join(posix.dirname(file), path)
  return { first: first.map(beside), later: matches(text, /\bimport\(\s*["'`](\.[^"'`]+)/g).map(beside) }
}

const matches = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, path = '']) => path)
const sum = (sizes: number[]) => sizes.reduce((all, size) => all + size, 0)
const inDist = (path: string) => `dist${path}`
