import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { readSettings } from '../../../src/service/start.ts'
import { newVaultKey } from '../../kit.ts'

const file = fileURLToPath(import.meta.url)
const metadataUrl = 'https://mail.contoso.example/autodiscover/metadata/json/1'
const row = (changes: object = {}) => JSON.stringify([{ metadataUrl, ...changes }])

const production = {
  NODE_ENV: 'production',
  PUBLIC_URL: 'https://zoom.contoso.example',
  VAULT_KEYS: newVaultKey('one'),
  ZOOM_ACCOUNT_ID: 'account',
  ZOOM_CLIENT_ID: 'client',
  ZOOM_CLIENT_SECRET: 'secret',
  ENTRA_CLIENT_ID: 'c11e27d0-0000-4000-8000-000000000001',
  ENTRA_TENANTS: '7f1b2c3d-0000-4000-8000-00000c047050',
}
const userApp = { ZOOM_USER_CLIENT_ID: 'user', ZOOM_USER_CLIENT_SECRET: 'secret' }

type Environment = Record<string, string | undefined>
const read = (changes: Environment) => readSettings({ ...production, ...changes })
function refusal(changes: Environment): string {
  try {
    read(changes)
  } catch (error) {
    return (error as Error).message
  }
  return 'accepted'
}

describe('a setting in a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'settings-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const written = (name: string, text: string) => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }
  const { ZOOM_CLIENT_SECRET: _, ...others } = production
  const read = (changes: Environment) => readSettings({ ...others, ...changes })

  test('has the value of the file, without the line break at its end', () => {
    for (const end of ['', '\n', '\r\n']) {
      const ZOOM_CLIENT_SECRET_FILE = written('secret', `two words${end}`)
      expect(read({ ZOOM_CLIENT_SECRET_FILE }).ZOOM_CLIENT_SECRET).toBe('two words')
    }
  })

  test('that cannot be used is named by its file, beside all others that are wrong', () => {
    const missing = join(folder, 'missing')
    const wrong = {
      ZOOM_CLIENT_SECRET_FILE: missing,
      PUBLIC_URL_FILE: written('url', 'https://zoom.contoso.example'),
      ENTRA_CLIENT_ID: undefined,
      ENTRA_CLIENT_ID_FILE: written('id', 'canary'),
    }
    expect(() => read(wrong)).toThrow(
      expect.objectContaining({
        message: [
          'The service cannot start with these settings:',
          'PUBLIC_URL and PUBLIC_URL_FILE must not both be set (for example https://zoom.example.com)',
          'ZOOM_CLIENT_SECRET_FILE names a file that cannot be read (for example in a file: ZOOM_CLIENT_SECRET_FILE=/run/secrets/zoom_client_secret)',
          'ENTRA_CLIENT_ID_FILE must be a GUID (for example 7f1b2c3d-0000-4000-8000-000000000002)',
        ].join('\n  '),
      }),
    )
  })
})

test.each<[string, Environment, string]>([
  ['no file', { TLS_CERT_FILE: '' }, 'TLS_CERT_FILE is empty (for example /run/secrets/tls-certificate)'],
  ['no number', { PORT: 'none' }, 'PORT must be a number (for example 8080)'],
  [
    'no whole number',
    { CALLER_PER_MINUTE: '1.5' },
    'CALLER_PER_MINUTE must be a whole number (for example 120)',
  ],
  ['too small', { ZOOM_LIGHT_PER_SECOND: '0' }, 'ZOOM_LIGHT_PER_SECOND must be more than 0 (for example 30)'],
  [
    'too large',
    { OTEL_TRACES_SAMPLER_ARG: '2' },
    'OTEL_TRACES_SAMPLER_ARG must be at most 1 (for example 0.1)',
  ],
  [
    'none of the words',
    { CALENDAR_PERMISSION: 'all' },
    'CALENDAR_PERMISSION must be read or read-write (for example read-write)',
  ],
])('a setting that is %s is refused in plain words, with an example', (_, wrong, says) => {
  expect(refusal(wrong)).toBe(`The service cannot start with these settings:\n  ${says}`)
})

test('what some settings lack together is named although another setting is wrong', () => {
  const said = refusal({ PORT: 'none', VAULT_KEYS: undefined, ZOOM_CONNECT: 'true' })
  for (const one of ['PORT must be a number', 'ZOOM_USER_CLIENT_ID is missing', 'VAULT_KEYS is missing'])
    expect(said).toContain(one)
})

test('ids of directories and applications are compared in small letters, however they are written', () => {
  const ENTRA_TENANTS = production.ENTRA_TENANTS.toUpperCase()
  expect(read({ ENTRA_TENANTS }).ENTRA_TENANTS).toEqual([production.ENTRA_TENANTS])
})

describe('the service in production', () => {
  const pinned = ['0'.repeat(64)]
  const ewsUrl = 'https://mail.contoso.example/EWS/Exchange.asmx'

  test('starts with the vendors’ own addresses', () => {
    expect(read({}).EXCHANGE).toEqual([])
    expect(read({ ...userApp, EXCHANGE: row() }).EXCHANGE).toMatchObject([
      {
        metadataUrl: 'https://mail.contoso.example:443/autodiscover/metadata/json/1',
        internal: false,
        anySender: false,
        tokenMinutes: 60,
      },
    ])
    expect(refusal({ ...userApp, EXCHANGE: row({ internal: true, ca: file }) })).toBe('accepted')
    for (const one of [{ pins: pinned }, { tlsPins: pinned }, { tlsPins: pinned, ewsUrl }])
      expect(refusal({ ...userApp, EXCHANGE: row({ internal: true, ...one }) })).toBe('accepted')
    expect(refusal({ ENTRA_AUTHORITY: 'https://login.microsoftonline.us' })).toBe('accepted')
    expect(
      refusal({ ZOOM_API_URL: 'https://api.zoomgov.com/v2', ZOOM_OAUTH_URL: 'https://zoomgov.com/oauth' }),
    ).toBe('accepted')
  })

  test.each<[string, Environment, string]>([
    ['a test authority', { ENTRA_AUTHORITY: 'https://localhost:3002' }, 'ENTRA_AUTHORITY must be at'],
    [
      'an authority that looks like Microsoft’s',
      { ENTRA_AUTHORITY: 'https://login.microsoftonline.com.evil.example' },
      'ENTRA_AUTHORITY',
    ],
    [
      'an authority whose name ends like Microsoft’s',
      { ENTRA_AUTHORITY: 'https://evil-login.microsoftonline.com' },
      'ENTRA_AUTHORITY',
    ],
    [
      'Microsoft’s authority at another port',
      { ENTRA_AUTHORITY: 'https://login.microsoftonline.com:8443' },
      'ENTRA_AUTHORITY',
    ],
    ['another Zoom', { ZOOM_API_URL: 'https://localhost:3003/v2' }, 'ZOOM_API_URL'],
    ['another sign-in to Zoom', { ZOOM_OAUTH_URL: 'https://zoom.evil.example/oauth' }, 'ZOOM_OAUTH_URL'],
    [
      'a public address without TLS',
      { PUBLIC_URL: 'http://zoom.contoso.example' },
      'PUBLIC_URL must be an https address',
    ],
    [
      'a public address that is this machine',
      { PUBLIC_URL: 'https://localhost:3001' },
      'PUBLIC_URL must be a public address',
    ],
    [
      'a public address that is this machine in numbers',
      { PUBLIC_URL: 'https://127.0.0.1:3001' },
      'PUBLIC_URL must be a public address',
    ],
    [
      'a public address that is this machine in IPv6',
      { PUBLIC_URL: 'https://[::1]:3001' },
      'PUBLIC_URL must be a public address',
    ],
    ['a frame from anywhere', { FRAME_ANCESTORS: 'https://outlook.office.com *' }, 'FRAME_ANCESTORS'],
    ['a frame from everything with TLS', { FRAME_ANCESTORS: 'https:' }, 'FRAME_ANCESTORS'],
    ['a frame from a whole domain of the top', { FRAME_ANCESTORS: 'https://*' }, 'FRAME_ANCESTORS'],
    ['a frame without TLS', { FRAME_ANCESTORS: 'http://owa.contoso.example' }, 'FRAME_ANCESTORS'],
    ['TLS that is not checked', { NODE_TLS_REJECT_UNAUTHORIZED: '0' }, 'NODE_TLS_REJECT_UNAUTHORIZED'],
    [
      'an internal Exchange server that nobody vouches for',
      { ...userApp, EXCHANGE: row({ internal: true }) },
      'EXCHANGE.0 is internal',
    ],
    [
      'an internal Exchange server that gets passwords, and whose tokens alone are pinned',
      { ...userApp, EXCHANGE: row({ internal: true, ewsUrl, pins: pinned }) },
      'EXCHANGE.0 is internal',
    ],
  ])('does not start with %s, and names the setting', (_, changes, said) => {
    expect(refusal(changes)).toContain(said)
    const { NODE_ENV: _production, ...elsewhere } = { ...changes, NODE_ENV: 'test' }
    if (!said.includes('https address'))
      expect(refusal({ ...elsewhere, NODE_ENV: undefined })).toBe('accepted')
  })
})

describe('settings', () => {
  test.each<[string, Environment, string]>([
    ['any origin', { ALLOWED_ORIGINS: '*' }, 'ALLOWED_ORIGINS.0 must name https origins'],
    ['no origin', { ALLOWED_ORIGINS: 'null' }, 'ALLOWED_ORIGINS'],
    ['an origin in capital letters', { ALLOWED_ORIGINS: 'https://ADDIN.contoso.example' }, 'ALLOWED_ORIGINS'],
    [
      'an origin with the usual port',
      { ALLOWED_ORIGINS: 'https://addin.contoso.example:443' },
      'ALLOWED_ORIGINS',
    ],
    [
      'an origin at a port that is none',
      { ALLOWED_ORIGINS: 'https://addin.contoso.example:99999' },
      'ALLOWED_ORIGINS',
    ],
    ['a wildcard', { ALLOWED_ORIGINS: 'https://*.contoso.example' }, 'ALLOWED_ORIGINS'],
    ['an origin without TLS', { ALLOWED_ORIGINS: 'http://addin.contoso.example' }, 'ALLOWED_ORIGINS'],
    ['an origin and a path', { ALLOWED_ORIGINS: 'https://addin.contoso.example/' }, 'ALLOWED_ORIGINS'],
    ['a proxy that is no address', { TRUSTED_PROXIES: 'proxy.contoso.example' }, 'TRUSTED_PROXIES must name'],
    ['a block that is too wide', { TRUSTED_PROXIES: '10.0.0.0/33' }, 'TRUSTED_PROXIES'],
    ['no limit', { ADDRESS_PER_MINUTE: '0' }, 'ADDRESS_PER_MINUTE'],
    ['half a request a minute', { CALLER_PER_MINUTE: '1.5' }, 'CALLER_PER_MINUTE'],
    ['half a change a day', { ZOOM_CHANGES_PER_DAY: '0.5' }, 'ZOOM_CHANGES_PER_DAY'],
    ['no request a second', { ZOOM_LIGHT_PER_SECOND: '0' }, 'ZOOM_LIGHT_PER_SECOND'],
    ['a port that is none', { PORT: '70000' }, 'PORT'],
    ['a port below none', { PORT: '-1' }, 'PORT'],
    ['a database of another kind', { DATABASE_URL: 'mysql://db.contoso.example' }, 'DATABASE_URL must begin'],
    ['no place for the data', { DATA_DIR: '' }, 'DATA_DIR'],
    ['no pause between sweeps', { SWEEP_SECONDS: '0' }, 'SWEEP_SECONDS'],
    ['an empty secret', { ZOOM_CLIENT_SECRET: '' }, 'ZOOM_CLIENT_SECRET is empty'],
    ['a client id that is none', { ENTRA_CLIENT_ID: 'zoom' }, 'ENTRA_CLIENT_ID must be a GUID'],
    ['everybody’s directory', { ENTRA_TENANTS: 'common' }, 'ENTRA_TENANTS.0 must be a GUID'],
    ['no directory', { ENTRA_TENANTS: '' }, 'ENTRA_TENANTS.0 must be a GUID'],
    ['an Exchange setting that is no JSON', { EXCHANGE: '[' }, 'EXCHANGE is not JSON'],
    ['an Exchange setting that is no list', { EXCHANGE: '{}' }, 'EXCHANGE must be an array'],
    ['an Exchange server without an address', { EXCHANGE: '[{}]' }, 'EXCHANGE.0.metadataUrl'],
    [
      'an Exchange server without TLS',
      { EXCHANGE: row({ metadataUrl: metadataUrl.replace('https', 'http') }) },
      'EXCHANGE.0.metadataUrl must be a plain https address',
    ],
    [
      'an Exchange server with a user in its address',
      { EXCHANGE: row({ metadataUrl: metadataUrl.replace('//', '//user@') }) },
      'EXCHANGE.0.metadataUrl',
    ],
    [
      'one Exchange server twice',
      {
        ...userApp,
        EXCHANGE: JSON.stringify([
          { metadataUrl },
          { metadataUrl: metadataUrl.replace('.example', '.EXAMPLE:443') },
        ]),
      },
      'EXCHANGE names a server twice',
    ],
    [
      'an authority in a file that is not there',
      { EXCHANGE: row({ ca: '/nowhere.pem' }) },
      'EXCHANGE.0.ca names a file that is not there',
    ],
    ['a pin that is none', { EXCHANGE: row({ pins: ['abc'] }) }, 'EXCHANGE.0.pins.0 must be a SHA-256'],
    [
      'a TLS pin that is none',
      { EXCHANGE: row({ tlsPins: ['abc'] }) },
      'EXCHANGE.0.tlsPins.0 must be a SHA-256',
    ],
    ['no pins', { EXCHANGE: row({ pins: [] }) }, 'EXCHANGE.0.pins is empty'],
    [
      'calendars without TLS',
      { EXCHANGE: row({ ewsUrl: 'http://mail.contoso.example/ews' }) },
      'EXCHANGE.0.ewsUrl',
    ],
    [
      'an address for calls without TLS',
      { EXCHANGE: row({ callbackUrl: 'http://addin.contoso.example' }) },
      'EXCHANGE.0.callbackUrl must be an https address',
    ],
    ['a realm that is none', { EXCHANGE: row({ realm: 'contoso.example@other' }) }, 'EXCHANGE.0.realm'],
    ['a member that nobody knows', { EXCHANGE: row({ verify: false }) }, 'EXCHANGE.0'],
    ['tokens that last for a moment', { EXCHANGE: row({ tokenMinutes: 1 }) }, 'EXCHANGE.0.tokenMinutes'],
    ['tokens that last for days', { EXCHANGE: row({ tokenMinutes: 600 }) }, 'EXCHANGE.0.tokenMinutes'],
    [
      'an Exchange server and no app at Zoom to sign in with',
      { EXCHANGE: row() },
      'ZOOM_USER_CLIENT_ID is missing',
    ],
    [
      'an app at Zoom without its secret',
      { ZOOM_USER_CLIENT_ID: 'user' },
      'ZOOM_USER_CLIENT_SECRET is missing',
    ],
    [
      'an app at Zoom without its id',
      { ZOOM_USER_CLIENT_SECRET: 'secret' },
      'ZOOM_USER_CLIENT_ID is missing',
    ],
    [
      'the secret token of an app at Zoom without its id',
      { ZOOM_USER_WEBHOOK_SECRET_TOKEN: 'secret' },
      'ZOOM_USER_CLIENT_ID is missing',
    ],
  ])('with %s are refused by name, and without their values', (_, changes, said) => {
    const refused = refusal(changes)
    expect(refused).toContain(said)
    expect(refused).not.toContain('contoso.example')
  })

  test('of addresses are read with or without a slash at the end', () => {
    for (const PUBLIC_URL of ['https://zoom.contoso.example', 'https://zoom.contoso.example/'])
      expect(read({ PUBLIC_URL }).PUBLIC_URL).toBe('https://zoom.contoso.example')
  })

  test('of lists are read with commas or spaces', () => {
    const { ALLOWED_ORIGINS, TRUSTED_PROXIES } = read({
      ALLOWED_ORIGINS: 'https://a.example, https://b.example:8443',
      TRUSTED_PROXIES: '10.0.0.0/8 192.0.43.8,fd00::/8',
    })
    expect(ALLOWED_ORIGINS).toEqual(['https://a.example', 'https://b.example:8443'])
    expect(['10.9.9.9', '192.0.43.8'].map((address) => TRUSTED_PROXIES.check(address))).toEqual([true, true])
    expect(TRUSTED_PROXIES.check('fd00::1', 'ipv6')).toBe(true)
    expect(TRUSTED_PROXIES.check('192.0.43.9')).toBe(false)
    expect(read({}).TRUSTED_PROXIES.check('127.0.0.1')).toBe(false)
  })
})
