import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { adminPaths } from '../../../../src/contract/admin-paths.ts'
import { connectionPath, paths } from '../../../../src/contract/paths.ts'
import { googleCredentials } from '../../../../src/simulator/google/app.ts'
import { freePort } from '../../../../src/simulator/kit/free-port.ts'
import { mailboxes } from '../../../../src/simulator/people.ts'
import { credentials, userCredentials } from '../../../../src/simulator/zoom/apps.ts'
import { signIns } from '../../../../src/simulator/zoom/users.ts'
import { newKey } from '../../../kit.ts'
import { findBinaries } from '../../../postgres.ts'
import { adminToken } from '../../admin/kit.ts'
import { type Attacked, ask, attackedHere, put, type Service } from '../../attack/kit.ts'
import { signIn } from '../../attack/sign-in.ts'
import { command } from '../../audit/kit.ts'
import { asker } from '../../identity/kit.ts'
import { engines, entraClientSecret, variables } from '../../kit.ts'
import { openCollector } from '../../telemetry/collector.ts'
import { scraped } from '../../telemetry/kit.ts'

const heap = fileURLToPath(new URL('heap.mjs', import.meta.url))
const tim = mailboxes['exchange-2019']
const password = 'Canary-password-51c8'
/** Variables by which programs are asked to say more. */
const loud = { LOG_LEVEL: 'trace', PINO_LOG_LEVEL: 'trace', DEBUG: '*', NODE_ENV: 'development' }
const settings = [entraClientSecret, googleCredentials.clientSecret, userCredentials.clientSecret]
const vaultKey = variables.VAULT_KEYS.slice('test:'.length)

/** Each provider's answer to a request for tokens: the second one replaces the refresh token of the first. */
const providers = [
  { name: 'microsoft', vendor: 'entra', match: 'oauth2/v2.0/token', scope: 'Calendars.ReadWrite' },
  {
    name: 'google',
    vendor: 'google',
    match: 'POST /token',
    scope: 'https://www.googleapis.com/auth/calendar.events',
  },
  { name: 'zoom', vendor: 'zoom', match: 'POST /oauth/token', scope: 'user:read meeting:write meeting:read' },
] as const
type Provided = (typeof providers)[number]

const refreshToken = (name: string, version: number) => `Canary-${name}-refresh-${version}`
const accessToken = (name: string, version: number) => `Canary-${name}-access-${version}`
const refreshTokens = providers.flatMap(({ name }) => [1, 2].map((version) => refreshToken(name, version)))

describe.each(engines)('on the %s database', (engine) => {
  test('no refresh token and no password is in a dump, a log line, a metric, a trace, an answer, the audit trail or, once used, in memory', async () => {
    const world = await attackedHere(engine, {
      ...loud,
      ENTRA_CLIENT_SECRET: entraClientSecret,
      CALENDAR_PERMISSION: 'read-write',
      ZOOM_CONNECT: 'true',
    })
    const collector = await openCollector()
    onTestFinished(async () => void (await collector.close()))
    const metricsPort = await freePort()
    const seen = { METRICS_PORT: String(metricsPort), OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint }
    const service = await world.start({ ...world.onPremises, ...world.atGoogle, ...seen }, heap)
    world.accounts.push({ name: 'tim', password, failed: 0, ews: 'open' })
    const answers: unknown[] = []
    const said = async (method: string, path: string, bearer: string, body?: unknown) => {
      const answer = await ask(service, method, path, bearer, { body })
      answers.push(answer.body)
      return answer.body
    }

    // The service gives a provider a few seconds only, which a busy machine may not keep.
    let session = ''
    await expect.poll(async () => (session = await sessionOf(world, service))).not.toBe('undefined')
    const bearer = await world.lastingToken()
    const account = { user: 'CONTOSO\\tim', password }
    await expect
      .poll(() => said('PUT', connectionPath('exchange'), session, account))
      .toMatchObject({ state: 'connected' })
    for (const provider of providers) {
      const connect = async () => {
        await world.faults.clear()
        const login = provider.name === 'microsoft' ? undefined : await signIn(world, service, provider.name)
        // Zoom asks whose its token is, so the first ones are genuine.
        if (provider.name !== 'zoom') answerWith(world, provider, 1)
        return said('PUT', connectionPath(provider.name), bearer, login)
      }
      await expect.poll(connect).toMatchObject({ state: 'connected' })
    }
    if (engine === 'PostgreSQL')
      await world.sql(`update credentials set replaced_at = now() - interval '11 minutes'`)
    else await service.setAhead(11 * 60_000)
    for (const provider of providers) answerWith(world, provider, 2)
    const own = { state: 'connected' }
    expect(await said('GET', paths.connections, bearer)).toMatchObject({
      microsoft: own,
      google: own,
      zoom: own,
    })
    expect(await said('GET', paths.connections, session)).toMatchObject({ exchange: own })
    await said('POST', paths.microsoftAccessToken, bearer, {})
    const shown = answers.pop()
    expect(shown).toMatchObject({ accessToken: accessToken('microsoft', 2) })
    for (const path of [adminPaths.people, adminPaths.keys, adminPaths.health, adminPaths.audit])
      await said('GET', path, await adminToken(world))
    // The work is done; others ask.
    for (let times = 0; times < 5; times++)
      await put(service, await world.token(mailboxes['no-bridge']), newKey())
    await world.faults.clear()

    const memory = await inMemory(world, service)
    expect(memory.includes(accessToken('microsoft', 2))).toBe(true)
    expect([...refreshTokens, password].filter((secret) => memory.includes(secret))).toEqual([])

    const metrics = await scraped(metricsPort)
    expect(metrics).toContain('vendor="google"')
    await service.stop()
    expect(collector.spans('google POST /token').length).toBeGreaterThan(0)
    const place = { DATA_DIR: world.folder, ...(world.databaseUrl && { DATABASE_URL: world.databaseUrl }) }
    const exported = await command(place, 'admin', 'audit', 'export')
    expect(exported.code).toBe(0)
    const everywhere = [
      service.said(),
      JSON.stringify(answers),
      exported.output,
      ...dumpOf(world),
      metrics,
      ...collector.bodies,
    ]
    // Every genuine token of the simulated Zoom begins with the last one.
    for (const part of ['Canary', 'simulated.'])
      expect(
        everywhere.filter((text) => text.includes(part)),
        part,
      ).toHaveLength(0)
    for (const secret of [...refreshTokens, password, ...settings, credentials.clientSecret, vaultKey])
      for (const form of formsOf(secret))
        expect(
          everywhere.filter((text) => text.includes(form)),
          secret,
        ).toHaveLength(0)
  })
})

/** As it is written, in hexadecimal, and in base64 as far as that does not depend on what comes before and after. */
const formsOf = (secret: string) => [
  secret,
  Buffer.from(secret).toString('hex'),
  ...[0, 1, 2].map((shift) => {
    const encoded = Buffer.from('x'.repeat(shift) + secret).toString('base64')
    return encoded.replace(/=+$/, '').slice(shift && 4, -1)
  }),
]

/** What the provider answers to the next request for tokens. */
function answerWith({ faults }: Attacked, { name, vendor, match, scope }: Provided, version: number): void {
  const body = {
    token_type: 'Bearer',
    scope,
    expires_in: 3600,
    access_token: accessToken(name, version),
    refresh_token: refreshToken(name, version),
  }
  faults.add({ vendor, match, status: 200, body })
}

/** A session of Tim, whose mailbox is on the Exchange server. */
async function sessionOf(world: Attacked, service: Service): Promise<string> {
  const his = signIns.find(({ email }) => email === tim.emailAddress)?.id
  const link = await signIn(world, service, 'zoom', his)
  const token = await world.exchange.identityToken(tim)
  const { body } = await asker(service.origin)('POST', paths.exchangeSession, { body: { token, link } })
  return String(body.session)
}

/** Every text in V8's heap, after a collection of its garbage. */
async function inMemory({ folder }: Attacked, { child }: Service): Promise<string> {
  child.send({ heap: join(folder, 'memory.heapsnapshot') })
  const [{ heap: written }] = (await once(child, 'message')) as [{ heap: string }]
  return readFileSync(written, 'utf8')
}

/** A dump of the database in clear, or every byte of its files. */
function dumpOf({ databaseUrl, folder }: Attacked): string[] {
  if (databaseUrl) {
    const { stdout } = spawnSync(join(findBinaries() ?? '', 'pg_dump'), [databaseUrl], { maxBuffer: 2 ** 28 })
    return [stdout.toString('latin1')]
  }
  return readdirSync(join(folder, 'database'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
}
