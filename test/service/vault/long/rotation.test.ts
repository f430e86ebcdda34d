import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { connectionPath } from '../../../../src/contract/paths.ts'
import { zoomEventsPath } from '../../../../src/contract/sync.ts'
import { googleCredentials } from '../../../../src/simulator/google/app.ts'
import { mailboxes, type Person } from '../../../../src/simulator/people.ts'
import { credentials, userCredentials } from '../../../../src/simulator/zoom/apps.ts'
import { commandsIn, filled } from '../../../guide.ts'
import { newKey, query } from '../../../kit.ts'
import { type Answer, ask, attackedHere, put, type Service } from '../../attack/kit.ts'
import { signIn } from '../../attack/sign-in.ts'
import { command } from '../../audit/kit.ts'
import { ada, entraClientSecret, hasPostgres, variables } from '../../kit.ts'
import { signedByZoom } from '../../signed-by-zoom.ts'

const page = 'docs/key-rotation.md'
const alan = mailboxes['no-bridge']
const restart = '# restart one process after another'

/** Milliseconds in which it is done, however busy the machine is. */
const inTime = { timeout: 600_000 }
describe.skipIf(!hasPostgres)(
  'by the guide, on two processes, while people work, and nothing fails:',
  inTime,
  () => {
    test('the key of the vault is replaced, and the older one goes', async () => {
      const { follow, files } = await inUse()
      const [rotate = [], remove = []] = commandsIn(page, 'The key of the vault')
      const name = new Date().toISOString().slice(0, 7)
      expect(await follow(rotate, { new: name })).toContain(`${name}\tactive`)
      await expect.poll(() => follow(rotate.slice(-1), {})).toContain('test\tolder\t0 credentials')
      await follow(remove, { older: 'test' })
      expect(readFileSync(String(files.VAULT_KEYS_FILE), 'utf8')).toMatch(new RegExp(`^${name}:\\S+\\n$`))
    })

    test('the secret of the Zoom app is replaced, and the old one ends', async () => {
      const { world, follow, files, people } = await inUse()
      const next = 'the-next-secret-at-zoom'
      world.zoom.rotate(credentials.clientId, credentials.clientSecret, next)
      const said = await follow(commandsIn(page, 'The secret of the Zoom app').flat(), { secret: next })
      expect(said).toMatch(/^pass {2}Zoom: app and scopes/m)
      expect(readFileSync(String(files.ZOOM_CLIENT_SECRET_FILE), 'utf8')).toBe(next)
      world.zoom.rotate(credentials.clientId, next)
      await people.some()
    })

    test('the secret at Entra is replaced, and the old one ends', async () => {
      const { world, follow, people } = await inUse()
      const next = 'the-next-secret-at-entra'
      world.entra.directory.haveSecrets(entraClientSecret, next)
      const said = await follow(commandsIn(page, 'The secret at Entra').flat(), { secret: next })
      expect(said).toMatch(/^pass {2}Entra: client secret/m)
      world.entra.directory.haveSecrets(next)
      await people.some()
    })

    test('the key in Azure Key Vault and the secret of its application are replaced, and the older ones end', async () => {
      const { world, follow, settings, people } = await inUse(({ azure }) => ({
        ...azure,
        VAULT_KEYS: undefined,
      }))
      const next = 'the-next-secret-of-the-vault'
      world.daemonSecrets.push(next)
      const [write = ''] = commandsIn(page, 'The secret at Entra').flat()
      await follow([write.replace('ENTRA_CLIENT_SECRET', 'VAULT_AZURE_CLIENT_SECRET')], { secret: next })
      const old = String(settings.VAULT_AZURE_KEY)
      settings.VAULT_AZURE_KEY = world.keyVault.createKey('zoom')
      const lines = commandsIn(page, 'A key in Azure Key Vault').flat()
      await follow(lines, {})
      await expect
        .poll(() => follow(lines.slice(-1), {}))
        .toContain(`azure:zoom:${old.slice(-32)}\tolder\t0 credentials`)
      world.keyVault.setEnabled(old, false)
      world.daemonSecrets.shift()
      await people.some()
    })

    test('the client secret at Google and that of the user-managed Zoom app are replaced, and the old ones end', async () => {
      const { world, follow, services } = await inUse(({ atGoogle }) => ({
        ...atGoogle,
        CALENDAR_PERMISSION: 'read-write',
        ZOOM_USER_CLIENT_SECRET: userCredentials.clientSecret,
        ZOOM_CONNECT: 'true',
      }))
      const connect = async () => {
        for (const service of services)
          for (const name of ['google', 'zoom'] as const) {
            const connected = async () => {
              const body = await signIn(world, service, name)
              return (await ask(service, 'PUT', connectionPath(name), await world.token(), { body })).body
            }
            await expect.poll(connected).toMatchObject({ state: 'connected' })
          }
      }
      await connect()
      const next = 'the-next-secret'
      const { clientId, clientSecret } = userCredentials
      world.google.haveSecrets(googleCredentials.clientSecret, next)
      world.zoom.rotate(clientId, clientSecret, next)
      const atGoogle = commandsIn(page, 'The client secret at Google').flat()
      const [write = ''] = commandsIn(page, 'The secret of the Zoom app').flat()
      const atZoom = write.replace('ZOOM_CLIENT_SECRET_FILE', 'ZOOM_USER_CLIENT_SECRET_FILE')
      await follow([atZoom, ...atGoogle], { secret: next })
      await connect()
      world.google.haveSecrets(next)
      world.zoom.rotate(clientId, next)
      await connect()
    })

    test('the secret tokens of both Zoom apps are replaced: what Zoom signs meanwhile is refused, and heard when it comes again', async () => {
      const secrets = {
        ZOOM_WEBHOOK_SECRET_TOKEN: credentials.webhookSecret,
        ZOOM_USER_WEBHOOK_SECRET_TOKEN: userCredentials.webhookSecret,
      }
      const { follow, services } = await inUse(() => secrets)
      const heard = async (secret: string) => {
        const body = JSON.stringify({ event: 'meeting.updated', payload: {} })
        const headers = signedByZoom(body, undefined, secret)
        const posts = services.map(({ origin }) =>
          fetch(origin + zoomEventsPath, { method: 'POST', body, headers }),
        )
        return (await Promise.all(posts)).map(({ status }) => status)
      }
      const [write = '', restart = ''] = commandsIn(page, 'The secret tokens of Zoom').flat()
      const both = Object.entries(secrets).map(([name, old]) => ({ name, old, token: `next-${name}` }))
      for (const { name, old, token } of both) {
        expect(await heard(old)).toEqual([204, 204])
        expect(await heard(token)).toEqual([401, 401])
        await follow([write.replace('ZOOM_WEBHOOK_SECRET_TOKEN', name)], { token })
      }
      for (const { said } of services) await expect.poll(said).toContain('notifications refused')
      await follow([restart], {})
      for (const { old, token } of both) {
        expect(await heard(token)).toEqual([204, 204])
        expect(await heard(old)).toEqual([401, 401])
      }
    })

    test('the user of the database is replaced, and the old one cannot sign in', async () => {
      const { world, follow, settings } = await inUse()
      const [owner, other] = ['one', 'two'].map(
        (name) => `zoom_${name}_${new URL(world.databaseUrl as string).pathname.slice(-8)}`,
      ) as [string, string]
      const as = (user: string) => {
        const url = new URL(world.databaseUrl as string)
        url.username = user
        return url.href
      }
      await world.sql(`create role ${owner} login superuser`)
      const named = (line: string) =>
        filled(line, { password: 'another' })
          .replaceAll('zoom_2', other)
          .replace(/\bzoom\b/g, owner)
      const [make = [], end = []] = commandsIn(page, 'The password of the database', 'sql')
      settings.DATABASE_URL = as(owner)
      await follow([restart], {})
      for (const line of make) await world.sql(named(line))
      settings.DATABASE_URL = as(other)
      await follow([restart], {})
      const [look = '', close = ''] = end
      await expect
        .poll(async () => (await world.sql(named(look))).map(({ usename }) => usename))
        .not.toContain(owner)
      await world.sql(named(close))
      await expect(query(as(owner), 'select 1')).rejects.toThrow('not permitted to log in')
    })
  },
)

/**
 * Two processes with their secrets in files, and people who use them until the end of this test: no request may fail. `more`:
 * settings besides the usual ones; undefined leaves one out.
 */
async function inUse(more: (world: Running) => Record<string, string | undefined> = () => ({})) {
  const world = await attackedHere('PostgreSQL')
  const values: Record<string, string | undefined> = {
    VAULT_KEYS: variables.VAULT_KEYS,
    ZOOM_CLIENT_SECRET: variables.ZOOM_CLIENT_SECRET,
    ENTRA_CLIENT_SECRET: entraClientSecret,
    ...more(world),
  }
  const files: Record<string, string> = {}
  const settings: Record<string, string | undefined> = { ...values }
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined || !/SECRET|VAULT_KEYS/.test(name)) continue
    const file = join(world.folder, name)
    writeFileSync(file, `${value}\n`)
    files[`${name}_FILE`] = file
    settings[name] = undefined
  }
  Object.assign(settings, files)
  const services: Service[] = [await world.start(settings), await world.start(settings)]
  const work = peopleWho(world, services)
  const commands = () =>
    Object.fromEntries(
      Object.entries({ ...world.environment, ...settings }).filter(([, value]) => value !== undefined),
    ) as Record<string, string>

  /** Each process leaves the balancer, ends as an administrator ends it, and comes back with the settings of now. */
  async function restartEach(): Promise<void> {
    for (const old of [...services]) {
      services.splice(services.indexOf(old), 1)
      await work.drained()
      await old.stop()
      services.push(await world.start(settings))
      await work.some()
    }
  }

  /** Runs the lines of a guide. Returns what they wrote. */
  async function follow(lines: readonly string[], values: Record<string, string>): Promise<string> {
    let said = ''
    for (const line of lines.map((one) => filled(one, values))) {
      expect(line).not.toMatch(/<\w+>/)
      const [, words] = /^npx zoom-for-outlook (.*)$/.exec(line) ?? []
      if (line === restart) await restartEach()
      else if (words) {
        const { output, errors } = await command(commands(), ...words.split(' '))
        expect(errors).toBe('')
        said += output
      } else said += execFileSync('sh', ['-e', '-c', line], { env: commands(), encoding: 'utf8' })
    }
    await work.some()
    return said
  }

  onTestFinished(work.end)
  return { world, services, follow, files, settings, people: work }
}

type Running = Awaited<ReturnType<typeof attackedHere>>

/** People who make meetings and connect their calendars all the time, by each process in turn, so that every secret is used. */
function peopleWho(world: Running, services: readonly Service[]) {
  let [rounds, isOver] = [0, false]
  // On a slow machine a process may end a connection that nobody uses just when it is used again.
  const headers = { connection: 'close' }
  const failed: unknown[] = []
  const round = async (person: Person) => {
    const [service, token] = [services[rounds % services.length] as Service, await world.token(person)]
    world.zoom.endTokens()
    const key = newKey()
    const answers = [
      await patiently(() => put(service, token, key, {}, headers)),
      await patiently(() => ask(service, 'PUT', connectionPath('microsoft'), token, { headers })),
    ]
    for (const { status, body } of answers) if (status !== 200) failed.push({ rounds, status, ...body })
    if (answers[1]?.body.state !== 'connected') failed.push(answers[1]?.body)
  }
  const working = (async () => {
    for (; !isOver; rounds++) {
      await round(rounds % 2 ? ada : alan).catch((error) => failed.push(error))
      await pause(20)
    }
  })()
  return {
    /** Until nobody uses a process any more that has left the balancer. */
    async drained(): Promise<void> {
      const last = rounds
      await expect.poll(() => rounds, { timeout: 150_000 }).toBeGreaterThan(last)
    },
    /** Until each process has been used, with the secrets that count now. */
    async some(): Promise<void> {
      const first = rounds
      await expect.poll(() => rounds, { timeout: 150_000 }).toBeGreaterThan(first + 2)
      expect(failed).toEqual([])
    },
    async end(): Promise<void> {
      isOver = true
      await working
    },
  }
}

/**
 * On a slow machine a process may not be answered in time, and says so. A person tries again then, at the same process: what
 * a secret refuses is refused each time.
 */
async function patiently(request: () => Promise<Answer>): Promise<Answer> {
  for (;;) {
    const answer = await request()
    if (answer.status !== 503) return answer
    await pause(200)
  }
}
