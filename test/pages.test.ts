import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'

const root = new URL('..', import.meta.url)
const read = (path: string) => readFileSync(new URL(path, root), 'utf8')

const pages = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', ...inFolder('docs')].filter((path) =>
  path.endsWith('.md'),
)
const paths = ['src', 'test', 'bench', 'scripts', 'docs', 'assets', 'findings', 'deploy'].flatMap(inFolder)

describe.each(pages)('the page %s', (page) => {
  const text = read(page)

  test('links to files and headings that exist', () => {
    const links = [...text.matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)/g)]
    const broken = links.filter(([, path, heading]) => {
      const target = path ? join(dirname(page), path) : page
      if (!existsSync(new URL(target, root))) return true
      return heading !== undefined && !headings(read(target)).includes(heading)
    })
    expect(broken.map(([link]) => link)).toEqual([])
  })

  test('names files and folders that exist', () => {
    expect(named(text).filter((name) => !exists(name))).toEqual([])
  })
})

test('the table of dependencies names every package, and no other', () => {
  const { dependencies, devDependencies } = JSON.parse(read('package.json'))
  const [, table = ''] = /^## Dependencies\n(.*?)^## /ms.exec(read('docs/developers.md')) ?? []
  const rows = [...table.matchAll(/^\| (`.*?`) \|/gm)].flatMap(([, row = '']) => row.match(/[^`, ]+/g) ?? [])
  expect(rows.sort()).toEqual(Object.keys({ ...dependencies, ...devDependencies }).sort())
})

function inFolder(folder: string): string[] {
  return readdirSync(new URL(folder, root), { recursive: true, encoding: 'utf8' }).map((path) =>
    `${folder}/${path}`.replaceAll('\\', '/'),
  )
}

/** The headings of a page, as a link names them. */
function headings(text: string): string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\w\s-]/g, '')
      .replace(/\s/g, '-'),
  )
}

/** What a page names in code: source files by their ending, folders by their slash. */
function named(text: string): string[] {
  // A block with a language is what a reader runs or writes, in a folder of their own.
  const code = [...text.matchAll(/^ *```(\w*)\n(.*?)^ *```$|`([^`\n]+)`/gms)].map(
    ([, language, block, span]) => (language ? '' : (block ?? span ?? '')),
  )
  return code
    .filter((part) => !part.includes('://'))
    .flatMap((part) => part.match(/(?<![\w./-])\w[\w./-]*(?:\.(?:tsx?|mjs)|\/)(?![\w{])/g) ?? [])
}

/** Whether some path of the project ends with this one, or has this folder in it. */
function exists(name: string): boolean {
  return name.endsWith('/')
    ? paths.some((path) => `/${path}/`.includes(`/${name}`))
    : paths.some((path) => `/${path}`.endsWith(`/${name}`))
}
