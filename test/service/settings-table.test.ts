import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { readSettings, settingRows, settingsReference } from '../../src/service/all-settings.ts'
import { newVaultKey } from '../kit.ts'

const page = readFileSync(new URL('../../docs/administrators.md', import.meta.url), 'utf8')
/** Setting → what the table gives as its default. */
const table = Object.fromEntries(
  [...page.matchAll(/^\| `([A-Z_]+)` \|.*\| ([^|]+) \|$/gm)].map(([, name = '', value = '']) => [
    name,
    value,
  ]),
)
const required: Record<string, string> = {
  PUBLIC_URL: 'https://zoom.contoso.example',
  VAULT_KEYS: newVaultKey('one'),
  ENTRA_CLIENT_ID: 'c11e27d0-0000-4000-8000-000000000001',
  ENTRA_TENANTS: '7f1b2c3d-0000-4000-8000-00000c047050',
  ZOOM_ACCOUNT_ID: 'account',
  ZOOM_CLIENT_ID: 'client',
  ZOOM_CLIENT_SECRET: 'secret',
}

describe('the table of settings', () => {
  test('is the one that `npm run settings` writes', () => {
    expect(page).toContain(`<!-- settings -->\n${settingsReference()}\n<!-- /settings -->`)
  })

  test('comes with an example of each setting that is no secret, and with them all the service starts in production', () => {
    // The service reads a certificate and icons at once, and this machine has none.
    const examples = Object.entries(settingRows)
      .filter(([name]) => !/^(TLS_|ADDIN_ICONS$)/.test(name))
      .map(([name, { example }]) => [name, example ?? required[name] ?? 'secret'])
    const settings = { NODE_ENV: 'production', ...Object.fromEntries(examples) }
    expect(readSettings(settings).PUBLIC_URL).toBe(settingRows.PUBLIC_URL?.example)
  })

  test('names every setting that the service reads, and no other', () => {
    const asked = new Set<string>()
    const record = (name: string | symbol) => typeof name === 'string' && asked.add(name)
    const environment = new Proxy(required, {
      get: (variables, name) => record(name) && variables[name as string],
      has: (variables, name) => record(name) && name in variables,
    })
    readSettings(environment)
    const isFileOfAnother = (name: string) =>
      name.endsWith('_FILE') && asked.has(name.slice(0, -'_FILE'.length))
    const ours = [...asked].filter((name) => !name.startsWith('NODE_') && !isFileOfAnother(name))
    expect(ours.sort()).toEqual(Object.keys(table).sort())
  })

  test.each(Object.entries(table))('gives %s the default that the service gives it: %s', (name, value) => {
    const { [name]: given, ...others } = required
    if (value === 'required') return expect(() => readSettings(others)).toThrow(`${name} `)
    expect(given).toBeUndefined()
    const documented = /^`([^`]*)`/.exec(value)?.[1]
    if (documented === undefined) expect(value).toMatch(/^none\b/)
    expect(readSettings({ ...required, [name]: documented })).toEqual(readSettings(required))
  })
})
