import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { accountScopes, lacking, userScopes } from '../../src/service/zoom/scopes.ts'
import * as simulated from '../../src/simulator/zoom/oauth.ts'

const guide = readFileSync('docs/zoom.md', 'utf8')

/** The scopes of a table in the guide: name → what is missing without it. */
function scopesIn(table: string): Map<string, string> {
  const [, text = ''] = new RegExp(`<!-- ${table} -->(.*?)<!-- /${table} -->`, 's').exec(guide) ?? []
  const rows = [...text.matchAll(/^ *\| `([\w:]+)` (?:\|.*)?\| ([^|]+) \|$/gm)]
  return new Map(rows.map(([, scope = '', without = '']) => [scope, without]))
}

/** What doctor says, or the service, of the scopes that it cannot do without. */
const refuses = /^(`doctor` fails|nobody can connect.*)$/

test.each([
  // The simulated account's app has these and no more, so every journey and every test of sync plays with them.
  ['account scopes', accountScopes, simulated.appScopes],
  ['user scopes', userScopes, simulated.userScopes],
] as const)(
  'the guide’s %s are those that the service asks for, and enough for all that it does',
  (table, asked, enough) => {
    const scopes = scopesIn(table)
    expect([...scopes.keys()]).toEqual(asked.map(({ granular }) => granular))
    expect([...scopes.keys()].sort()).toEqual([...enough].sort())
    for (const { granular, optional } of asked)
      expect(refuses.test(scopes.get(granular) ?? ''), granular).toBe(!optional)
  },
)

test('an app with the classic scopes that the guide names lacks nothing', () => {
  const [, sentence = ''] = /^An older app with the classic scopes (.*) works too\.$/m.exec(guide) ?? []
  const classic = [...sentence.matchAll(/`([\w:]+)`/g)].map(([, scope]) => scope)
  expect(lacking(accountScopes, classic.join(' '))).toEqual({ needed: [], optional: [] })
})
