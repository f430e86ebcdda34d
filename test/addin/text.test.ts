import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const files = ['src/addin', 'src/browser']
  .flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((path) => join(folder, path)),
  )
  .filter((path) => /\.tsx?$/.test(path))
  .map((path) => [path.replaceAll('\\', '/'), readFileSync(path, 'utf8')] as const)

/** Words that together can ask for, or replace, the text of an appointment. */
test.each(['getAsync', 'setAsync', 'getTypeAsync', 'getSelectedDataAsync'])(
  'no file but the one that tidies speaks of the text and of %s',
  (member) => {
    const both = files.filter(
      ([, code]) => /\bbody\b/i.test(code) && new RegExp(`\\b${member}\\b`).test(code),
    )
    expect(both.map(([path]) => path).filter((path) => path !== 'src/addin/outlook/tidy.ts')).toEqual([])
  },
)

test('the file that reads the text is loaded when it is needed, by one page module', () => {
  const users = files.filter(([, code]) => code.includes('/tidy.ts'))
  expect(users.map(([path]) => path)).toEqual(['src/addin/outlook/erase.ts'])
  expect(users[0]?.[1]).toContain("import('./tidy.ts')")
  expect(users[0]?.[1]).not.toMatch(/from '\.\/tidy\.ts'/)
})
