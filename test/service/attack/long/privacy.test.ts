import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ownerHeader } from '../../../../src/contract/owner.ts'
import { connectionPath, paths, zoomLoginPath } from '../../../../src/contract/paths.ts'
import { auditSettings } from '../../../../src/service/audit/settings.ts'
import { connectionsSettings } from '../../../../src/service/connections/settings.ts'
import { identitySettings } from '../../../../src/service/identity/settings.ts'
import { serverSettings } from '../../../../src/service/settings/server.ts'
import { vaultSettings } from '../../../../src/service/vault/settings.ts'
import { zoomSettings } from '../../../../src/service/zoom/settings.ts'
import { mailboxes } from '../../../../src/simulator/people.ts'
import { credentials, userCredentials } from '../../../../src/simulator/zoom/apps.ts'
import { signIns } from '../../../../src/simulator/zoom/users.ts'
import { newKey, newVaultKey } from '../../../kit.ts'
import { sample } from '../../../sample.ts'
import { engines, entraClientSecret, hasPostgres, variables } from '../../kit.ts'
import {
  type Answer,
  type Attacked,
  ask,
  attackedHere,
  openAttacked,
  put,
  remove,
  type Service,
} from '../kit.ts'
import { openWay } from '../way.ts'

/** What only the add-in that begins a sign-in to Zoom knows. */
const verifier = 'v'.repeat(43)

const canary = 'Canary-7d0c1f'
const quick = engines.at(-1) ?? 'embedded'
const forAlan = { [ownerHeader]: encodeURIComponent(mailboxes['no-bridge'].emailAddress) }
/** Variables by which programs are asked to say more. */
const loud = {
  LOG_LEVEL: 'trace',
  PINO_LOG_LEVEL: 'trace',
  DEBUG: '*',
  LOGLEVEL: 'debug',
  NODE_ENV: 'development',
}

/** What a vendor, or a gateway before it, may say of what it was sent. */
const echoes = [
  {
    status: 400,
    body: {
      code: 300,
      message: `${canary}\n    at ${canary} (${canary}:1:1)`,
      error: canary,
      error_description: canary,
      errors: [{ field: canary, message: canary }],
    },
  },
  { status: 400, body: { error: 'invalid_grant', error_codes: [70008], claims: canary } },
  { status: 404, body: { code: 3001, message: canary } },
  {
    status: 429,
    body: { code: 429, message: canary },
    headers: { 'retry-after': '100', 'x-ratelimit-type': canary },
  },
  { status: 500, body: `<html>${canary}</html>`, headers: { 'content-type': 'text/html' } },
  { status: 200, body: `\n    at ${canary}` },
  {
    status: 200,
    body: {
      id: canary,
      topic: canary,
      join_url: canary,
      created_at: canary,
      assistants: canary,
      keys: [{ kid: canary, n: canary, e: canary, issuer: canary, keyvalue: { value: canary } }],
      access_token: canary,
      token_type: canary,
      value: canary,
    },
  },
  { status: 302, body: canary, headers: { location: `https://localhost/${canary}` } },
] as const

describe('what vendors echo', () => {
  let world: Attacked
  let service: Service
  let bearer: string
  beforeAll(async () => {
    world = await openAttacked(quick, { ...loud, ENTRA_CLIENT_SECRET: entraClientSecret })
    service = await world.start(world.onPremises)
    bearer = await world.lastingToken()
  })
  afterAll(() => world.close())

  /** A person signs in to Zoom in the dialog: where the browser goes at last. */
  async function signInAtZoom(): Promise<string> {
    const at = async (path: string) => {
      const { headers } = await fetch(service.origin + path, { redirect: 'manual' })
      return headers.get('location') ?? ''
    }
    const authorize = new URL(
      await at(zoomLoginPath(createHash('sha256').update(verifier).digest('base64url'))),
    )
    const body = new URLSearchParams({ person: signIns[0]?.id ?? '', allow: 'yes' })
    const agreed = await world.zoom.app.request(authorize.pathname + authorize.search, {
      method: 'POST',
      body,
    })
    const back = new URL(agreed.headers.get('location') ?? '')
    return at(back.pathname + back.search)
  }

  test.each([
    ['POST /oauth/token', 'zoom'],
    ['/assistants', 'zoom'],
    ['POST /v2/users/', 'zoom'],
    ['GET /v2/users/', 'zoom'],
    ['POST /oauth/revoke', 'zoom'],
    ['GET /v2/meetings/', 'zoom'],
    ['PATCH /v2/meetings/', 'zoom'],
    ['DELETE /v2/meetings/', 'zoom'],
    ['/discovery/', 'entra'],
    ['oauth2/v2.0/token', 'entra'],
    ['/autodiscover/', 'exchange'],
  ])('to %s reaches neither the log nor the person', async (match, vendor) => {
    const answers: Answer[] = []
    const places: string[] = []
    for (const [index, echo] of echoes.entries()) {
      const key = newKey()
      await put(service, bearer, key, { subject: canary })
      world.faults.add({ vendor, match, times: 'always', ...echo })
      if (match.startsWith('POST /oauth')) world.zoom.endTokens()
      // Published keys are fetched again.
      await service.setAhead(index * 40_000)
      const unknown = await world.entra.sign(await world.entra.claims(mailboxes['no-bridge']), {
        header: { kid: canary },
      })
      const token = await world.exchange.identityToken(mailboxes['exchange-2019'])
      answers.push(
        await put(service, bearer, newKey(), { subject: canary }),
        await put(service, bearer, key, { subject: `${canary} moved` }),
        await put(service, bearer, newKey(), { subject: canary }, forAlan),
        await put(service, unknown, newKey(), { subject: canary }),
        await remove(service, bearer, key),
        await ask(service, 'PUT', connectionPath('microsoft'), bearer),
        await ask(service, 'GET', paths.connections, bearer),
        await ask(service, 'POST', paths.exchangeSession, canary, { body: { token } }),
        await ask(service, 'GET', `${paths.me}?${canary}`, canary),
      )
      const place = await signInAtZoom()
      places.push(place)
      const code = new URLSearchParams(new URL(place, 'https://x').hash.slice(1)).get('link') ?? ''
      const link = { token, link: { code, verifier } }
      answers.push(await ask(service, 'POST', paths.exchangeSession, canary, { body: link }))
      await world.faults.clear()
    }
    expect(places.join()).not.toMatch(/Canary/i)
    expect(
      world.faults.calls().some(({ vendor: asked, call }) => asked === vendor && call.includes(match)),
    ).toBe(true)
    expect(service.said()).not.toMatch(/Canary|"bug"|withheld|@/)
    expect(JSON.stringify(answers.map(({ status, body }) => (status === 200 ? {} : body)))).not.toContain(
      'Canary',
    )
  })
})

test.each([
  ['/wrapkey', 'key-vault'],
  ['oauth2/v2.0/token', 'entra'],
])(
  'what %s of a key in Azure Key Vault echoes reaches neither the log nor the person',
  async (match, vendor) => {
    const world = await attackedHere(quick, loud)
    const bearer = await world.token()
    for (const echo of echoes) {
      world.faults.add({ vendor, match, times: 'always', ...echo })
      const said = await saidBy(world, world.azure, async (service) => {
        const { status, body } = await put(service, bearer, newKey(), { subject: canary })
        expect(status).toBe(503)
        expect(JSON.stringify(body)).not.toContain('Canary')
      })
      await world.faults.clear()
      expect(said).toContain('vault key unavailable')
      expect(said).not.toMatch(/Canary|withheld|@/)
    }
  },
)

/** What a process says that starts with these settings, or cannot, until it has ended. */
async function saidBy(
  world: Attacked,
  changes: Record<string, string | undefined>,
  act: (service: Service) => Promise<unknown> = async () => {},
): Promise<string> {
  const started = await world.start(changes).catch((error: Error) => error.message)
  if (typeof started === 'string') return started
  await act(started)
  started.child.kill('SIGTERM')
  await started.ended
  return started.said()
}

describe('a secret of the settings', () => {
  const parts = [
    serverSettings,
    vaultSettings,
    auditSettings,
    zoomSettings,
    identitySettings,
    connectionsSettings,
  ]
  const names = parts.flatMap(({ shape }) => Object.keys(shape))

  test('is in nothing that the service says or answers', async () => {
    const world = await attackedHere(quick, { ...loud, ENTRA_CLIENT_SECRET: entraClientSecret })
    const secrets = [
      credentials.clientSecret,
      userCredentials.clientSecret,
      entraClientSecret,
      world.azure.VAULT_AZURE_CLIENT_SECRET,
      variables.VAULT_KEYS.replace(/^test:/, ''),
      'password-of-the-database',
    ]
    const url = world.databaseUrl?.replace('postgres@', `postgres:${secrets.at(-1)}@`)
    const answers: string[] = []
    const bearer = await world.token()
    const said = await saidBy(world, { ...world.azure, DATABASE_URL: url }, async (service) => {
      const { body } = await put(service, bearer, newKey(), { subject: canary })
      secrets.push(String(body.ticket), bearer.slice(-40), canary)
      await ask(service, 'PUT', connectionPath('microsoft'), bearer)
      await put(service, String(body.ticket), newKey())
      await put(service, `${bearer.slice(0, -40)}${bearer.slice(-40).toLowerCase()}`, newKey())
      for (const path of [
        '/healthz',
        '/openapi.json',
        paths.bootstrap,
        '/manifest.xml',
        '/nothing',
        '/meetings/x',
      ])
        answers.push(await fetch(service.origin + path).then((answer) => answer.text()))
    })
    for (const secret of secrets) {
      expect(said).not.toContain(secret)
      expect(answers.join('\n')).not.toContain(secret)
    }
  })

  describe('that is wrong is not in what the service says of it', () => {
    let world: Attacked
    beforeAll(async () => {
      world = await openAttacked(quick)
    })
    afterAll(() => world.close())
    const says = async (changes: Record<string, string>) => (await saidBy(world, changes)).toLowerCase()

    test.each(sample(names, 8))('as %s', async (name) => {
      expect(await says({ [name]: canary })).not.toContain(canary.toLowerCase())
    })

    test('in another form', async () => {
      const row = `[{"metadataUrl":"${canary}","ewsUrl":"${canary}","ca":"${canary}","${canary}":1}]`
      for (const value of [`https://${canary}.example/`, `postgres://${canary}@${canary}`, row])
        expect(await says(Object.fromEntries(names.map((name) => [name, value])))).not.toContain(
          canary.toLowerCase(),
        )
    })
  })

  test.each([
    ['a key that is no key', { VAULT_KEYS: `canary:${canary}` }],
    ['a key twice', { VAULT_KEYS: `a:${canary},a:${canary}` }],
    ['another key than the one that stored credentials need', { VAULT_KEYS: newVaultKey('other') }],
  ])('is not in what the service says of %s', async (_, changes) => {
    const world = await attackedHere(quick)
    await saidBy(world, {}, async (service) => put(service, await world.token(), newKey()))
    const said = await saidBy(world, changes)
    expect(said).toContain('VAULT_KEYS')
    for (const secret of [canary, changes.VAULT_KEYS.replace(/^\w+:/, '')]) expect(said).not.toContain(secret)
    const file = join(world.folder, 'keys')
    writeFileSync(file, changes.VAULT_KEYS)
    expect(await saidBy(world, { VAULT_KEYS: undefined, VAULT_KEYS_FILE: file })).not.toContain(canary)
  })

  test.skipIf(!hasPostgres).each(['refuses', 'does not answer', 'is not there', 'does not know the person'])(
    'is not in what the service says when the database %s',
    async (how) => {
      const world = await attackedHere('PostgreSQL')
      const way = await openWay(world.databaseUrl as string)
      const url = new URL(way.url)
      url.password = canary
      if (how === 'refuses') way.close()
      if (how === 'does not answer') way.silence()
      if (how === 'is not there') url.pathname = '/another'
      if (how === 'does not know the person') url.username = 'somebody'
      const said = await saidBy(world, { DATABASE_URL: url.href })
      expect(said).toContain('"msg":"bug"')
      expect(said).not.toContain(canary)
    },
  )
})

/** Preloaded: an error that nobody catches, with the text that it is sent. */
const crashing = `data:text/javascript,${encodeURIComponent(`
  const failing = (text) => Object.assign(new Error(text, { cause: new Error(text) }), { detail: text })
  const crashes = {
    throws: (text) => setImmediate(() => { throw failing(text) }),
    'throws a text': (text) => setImmediate(() => { throw text }),
    rejects: (text) => void Promise.reject(failing(text)),
    'rejects with a text': (text) => void Promise.reject(text),
  }
  process.on('message', ({ crash, text }) => crashes[crash]?.(text))
`)}`

describe('a crash', () => {
  test.each(['throws', 'throws a text', 'rejects', 'rejects with a text'])(
    'of a process that %s says where it was, and no word of the error',
    async (crash) => {
      const world = await attackedHere(quick)
      const service = await world.start(loud, crashing)
      service.child.send({ crash, text: `The title is ${canary}\n    at ${canary} (file.js:1:1)` })
      expect(await service.ended).toEqual([1, null])
      expect(service.said()).toContain('"msg":"bug"')
      expect(service.said()).not.toContain(canary)
    },
  )

  test.skipIf(!hasPostgres)('of a request tells nobody what the database says', async () => {
    const world = await attackedHere('PostgreSQL')
    const service = await world.start(loud)
    const bearer = await world.token()
    await world.sql(`create function refuse() returns trigger language plpgsql as
        $$ begin raise exception '%', '${canary}' using detail = '${canary}', hint = '${canary}'; end $$;
      create trigger refuse before insert on meetings for each row execute function refuse()`)
    const { status, body } = await put(service, bearer, newKey(), { subject: canary })
    expect({ status, code: body.code }).toEqual({ status: 500, code: 'unexpected' })
    expect(JSON.stringify(body)).not.toContain(canary)
    await expect.poll(() => service.said()).toContain('"msg":"bug"')
    expect(service.said()).not.toContain(canary)
  })
})
