import { execFile, execFileSync, spawnSync } from 'node:child_process'
import dns from 'node:dns'
import { once } from 'node:events'
import {
  appendFileSync,
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer as createHttp } from 'node:http'
import { request } from 'node:https'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { makeCertificate } from '../../../src/simulator/kit/certificate.ts'
import type { ApplicationObject, PermissionGrant } from '../../../src/simulator/microsoft/registration.ts'
import type { Service } from '../../../src/simulator/service.ts'
import { openWorld, portCount, type Urls } from '../../../src/simulator/world.ts'
import { blocksOf, commandsIn, filled } from '../../guide.ts'
import { findBinaries } from '../../postgres.ts'
import { asking, simulatorOf } from '../simulator.ts'
import { startBrowser } from '../start-browser.ts'

/** The world's addresses as production knows them, in the order of their ports. */
const addresses: Partial<Urls> = {
  outlook: 'https://outlook.office.com',
  addin: 'https://addin.contoso.example',
  entra: 'https://login.microsoftonline.com',
  zoom: 'https://zoom.us',
  graph: 'https://graph.microsoft.com',
}
type Environment = Record<string, string | undefined>
const names = ['outlook', 'addin', 'entra', 'zoom', 'exchange', 'google', 'graph'] as const

const root = fileURLToPath(new URL('../../..', import.meta.url))
const page = 'docs/getting-started.md'
/** What its reader runs, and once has to write by hand, in this order. */
const steps = {
  make: '3. Build the image, and make keys and passwords',
  register: '5. Register the application in Entra ID',
  settings: '6. Create the app at Zoom',
  start: '7. Start the service',
  check: '8. Check it from the outside in',
} as const

const playable =
  process.platform === 'linux' &&
  process.getuid?.() === 0 &&
  inject('postgres') !== undefined &&
  spawnSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0
if (!playable)
  console.warn('Nothing here can play containers: that needs Linux, root, unshare and PostgreSQL.')

describe.skipIf(!playable)(
  'a clean checkout that follows the guide for containers',
  { timeout: 1_200_000 },
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'production-'))
    const [checkout, state] = [join(folder, 'checkout'), join(folder, 'stand-in')]
    const closing = new AbortController()
    const open: { close(): unknown }[] = []
    const hosts = new Map<string, string>()
    const at = (path: string) => JSON.parse(readFileSync(join(state, path), 'utf8'))
    const log = () => readFileSync(join(state, 'log'), 'utf8')
    let world: Awaited<ReturnType<typeof openWorld>>
    let docker: (...args: string[]) => { status: number | null; stdout: string; stderr: string }
    let shell: (lines: readonly string[], more?: Environment) => Promise<{ stdout: string }>
    /** Where the service answers without TLS. */
    let edge: string
    let check: () => Promise<{ stdout: string }>
    let checkWithToken: () => Promise<{ stdout: string }>
    let portOf: (name: (typeof names)[number]) => number

    beforeAll(async () => {
      copyTo(checkout)
      mkdirSync(state)
      const first = 20_000 + portCount * Math.floor(Math.random() * 1_000)
      portOf = (name) => first + names.indexOf(name)
      // Names lead to addresses of this machine, on which their ports are open.
      const block = `127.${1 + Math.floor(Math.random() * 250)}.${Math.floor(Math.random() * 250)}`
      const lead = async (name: string, port: number, to: number) => {
        const address = `${block}.${hosts.size + 1}`
        hosts.set(name, address)
        const server = createServer((socket) => {
          const other = connect(to, '127.0.0.1')
          socket.pipe(other).pipe(socket)
          for (const end of [socket, other])
            end.on('error', () => [socket, other].map((one) => one.destroy()))
        })
        open.push(server)
        await new Promise((resolve, reject) =>
          server.listen(port, address, () => resolve(0)).on('error', reject),
        )
      }
      for (const [index, name] of names.entries()) {
        const address = addresses[name]
        if (address) await lead(new URL(address).hostname, 443, first + index)
      }
      await lead('api.zoom.us', 443, portOf('zoom'))
      await lead('database', 5432, Number(new URL(inject('postgres') as string).port))
      resolveHere(hosts)

      const startService = async (environment: Environment, signal: AbortSignal): Promise<Service> => {
        const certificate = await makeCertificate(new Date(), ['addin.contoso.example'])
        prepare(state, hosts, environment.NODE_EXTRA_CA_CERTS)
        await follow(environment, certificate)
        edge = await edgeTo(at('container-service.json').port, certificate.cert, open)
        const closed = once(signal, 'abort').then(() =>
          endOf(Number(readFileSync(join(state, 'pid'), 'utf8'))),
        )
        return { url: edge, metrics: edge, ready: Promise.resolve(), closed, log }
      }
      world = await openWorld(
        { port: first, dataDir: join(folder, 'data'), addresses, startService, say() {} },
        closing.signal,
      )
    }, 1_200_000)

    afterAll(async () => {
      closing.abort()
      await world?.closed
      for (const one of open) one.close()
      rmSync(folder, { recursive: true, force: true })
    })

    /** What the guide’s reader does: writes the settings and the files that it asks for, and runs its commands. */
    async function follow(environment: Environment, { cert, key }: { cert: string; key: string }) {
      const bin = join(folder, 'bin')
      mkdirSync(bin)
      const standIns = {
        docker: 'test/e2e/containers/docker.mjs',
        az: 'test/service/entra-script/az.mjs',
      }
      for (const [name, path] of Object.entries(standIns)) {
        writeFileSync(join(bin, name), `#!/bin/sh\nexec '${process.execPath}' '${join(root, path)}' "$@"\n`)
        chmodSync(join(bin, name), 0o755)
      }
      const npm = (setting: string) =>
        execFileSync('npm', ['config', 'get', setting], { encoding: 'utf8', cwd: '/' }).trim()
      const env = {
        ...process.env,
        PATH: `${bin}:${process.env.PATH}`,
        STAND_IN: state,
        STAND_IN_POSTGRES: inject('postgres'),
        STAND_IN_POSTGRES_PROGRAMS: findBinaries(),
        STAND_IN_NPM_CACHE: npm('cache'),
        npm_config_registry: npm('registry'),
        npm_config_cafile: npm('cafile'),
        npm_config_prefer_offline: 'true',
      }
      docker = (...args) => spawnSync(join(bin, 'docker'), args, { cwd: checkout, env, encoding: 'utf8' })
      shell = (lines, more = {}) =>
        promisify(execFile)('bash', ['-e', '-c', lines.join('\n')], {
          cwd: checkout,
          env: { ...env, ...more },
        })
      expect(blocksOf(page).map(({ heading, language }) => [heading, language])).toEqual(
        Object.entries(steps).map(([name, step]) => [step, name === 'settings' ? 'ini' : 'sh']),
      )
      const run = (step: keyof typeof steps, more?: Environment) =>
        shell(commandsIn(page, steps[step]).flat(), more)
      const settings = join(checkout, 'settings.env')
      const secret = (name: string, text = '') => writeFileSync(join(checkout, 'secrets', name), text)

      await run('make')
      secret('tls-certificate', cert)
      secret('tls-key', key)
      const signedIn = await directoryOf(environment.NODE_EXTRA_CA_CERTS as string)
      await run('register', signedIn)
      for (const line of commandsIn(page, steps.settings, 'ini').flat())
        appendFileSync(
          settings,
          line.replace(/^(\w+)=<.*>$/, (_, name) => `${name}=${environment[name]}\n`),
        )
      secret('zoom-client-secret', environment.ZOOM_CLIENT_SECRET)
      // The simulated Zoom insists on telling of its events.
      for (const [name, value] of Object.entries(environment))
        if (/^ZOOM_(USER_|WEBHOOK_|CONNECT)/.test(name)) appendFileSync(settings, `${name}=${value}\n`)
      await run('start')
      check = () => run('check')
      const [ofService = ''] = commandsIn(page, steps.check).flat()
      const inContainer = ofService.replace(' exec ', ' exec -T ').replace(/ doctor$/, '')
      checkWithToken = () => {
        const line = commandsIn('docs/administrators.md', 'Check the deployment').flat().at(-1) ?? ''
        return shell([line.replace('npx zoom-for-outlook', inContainer)], signedIn)
      }
    }

    /** The Azure CLI of an administrator, in a directory where nobody has registered the application yet. */
    async function directoryOf(trusted: string): Promise<Environment> {
      const [outlook, graph] = (['outlook', 'graph'] as const).map(
        (name) => `https://localhost:${portOf(name)}`,
      )
      const ask = asking({
        outlook: outlook as string,
        certificate: { cert: readFileSync(trusted, 'utf8'), fingerprint: '' },
      })
      await ask('DELETE', '/simulator/entra/registration')
      const { tenantId, token } = JSON.parse(
        await ask('POST', '/simulator/entra/administrator-token', { resource: addresses.graph }),
      )
      return {
        AZ_GRAPH: graph,
        AZ_TENANT: tenantId,
        AZ_TOKEN: token,
        AZ_LOG: join(state, 'az'),
        NODE_EXTRA_CA_CERTS: trusted,
      }
    }

    test('has a service with a PostgreSQL, through which a person adds a meeting in Outlook', async () => {
      const rules = [...hosts].map(([name, address]) => `MAP ${name} ${address}`).join()
      const browser = await startBrowser([world.certificate.fingerprint], [`--host-resolver-rules=${rules}`])
      open.push(browser)
      const page = await browser.newPage()
      // A machine with other work may take minutes.
      page.setDefaultTimeout(600_000)
      await page.goto(`${world.outlook}/?subject=Quarterly%20review`)
      await page.getByRole('button', { name: 'Add Zoom meeting' }).first().click()
      await page.getByText('This appointment has a Zoom meeting.', { exact: true }).waitFor()
      expect(await simulatorOf(world).meetings()).toMatchObject([{ topic: 'Quarterly review' }])
      const lines = log()
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
      expect(lines.find(({ msg }) => msg === 'started')).toMatchObject({ database: 'PostgreSQL' })
      expect(lines.filter(({ msg, status }) => msg === 'request' && status >= 400)).toEqual([])
    })

    test('has a deployment in which doctor finds nothing wrong, and each line that the guide names', async () => {
      const { stdout } = await check()
      const lines = [...stdout.matchAll(/^(pass|FAIL|cannot tell from here) {2}(.*?) – /gm)].map(
        ([, state, title = '']) => ({ state, title }),
      )
      const titlesOf = (state: string) =>
        lines.filter((line) => line.state === state).map(({ title }) => title)
      expect(titlesOf('FAIL')).toEqual([])
      // No token of an administrator, nobody with a Zoom account of their own, and names that lead into this machine.
      expect(titlesOf('cannot tell from here')).toEqual([
        'Entra: registration and consent',
        'Zoom: scopes of the user-managed app',
        'Notifications of Microsoft',
        'Events of Zoom',
        'Events of the user-managed app',
      ])
      const named = [...readFileSync(page, 'utf8').matchAll(/\*doctor:\* (.*)$/gm)].flatMap(([, text = '']) =>
        [...text.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name),
      )
      expect(named.length).toBeGreaterThan(5)
      for (const name of named)
        expect(
          lines.some(({ title }) => title.startsWith(name)),
          name,
        ).toBe(true)
    })

    test('has a registration at Entra in which doctor finds nothing wrong, with a token of the administrator', async () => {
      const { stdout } = await checkWithToken()
      expect(stdout).toMatch(/^pass {2}Entra: registration and consent – /m)
      expect(stdout).not.toMatch(/^FAIL/m)
    })

    test('has an application at Entra as this service and this Outlook need it', async () => {
      const read = asking(world)('GET', '/simulator/entra/registration')
      const { application, grants }: { application: ApplicationObject; grants: PermissionGrant[] } =
        JSON.parse(await read)
      const settings = readFileSync(join(checkout, 'settings.env'), 'utf8')
      expect(settings).toContain(`ENTRA_CLIENT_ID=${application.appId}\n`)
      expect(application).toMatchObject({
        identifierUris: [`api://${application.appId}`],
        api: {
          requestedAccessTokenVersion: 2,
          oauth2PermissionScopes: [
            { value: 'access_as_user', type: 'User', isEnabled: true },
            { value: 'admin', type: 'Admin', isEnabled: true },
          ],
          preAuthorizedApplications: [{ appId: application.appId }],
        },
        web: { redirectUris: [`${addresses.addin}/apps/sign-in/callback`] },
        publicClient: { redirectUris: [] },
      })
      expect(application.spa.redirectUris).toEqual([
        ...['addin/redirect/index.html', 'addin/dialog/index.html', 'console/'].map(
          (path) => `${addresses.addin}/${path}`,
        ),
        'brk-multihub://addin.contoso.example',
      ])
      expect(grants).toMatchObject([
        { consentType: 'AllPrincipals', scope: 'access_as_user admin' },
        { consentType: 'AllPrincipals', scope: 'Calendars.Read offline_access' },
      ])
    })

    test('has an image with what the service needs, and nothing else', () => {
      const { root: image } = at('image-zoom-for-outlook.json')
      const app = join(image, 'app')
      expect(readdirSync(app).sort()).toEqual(
        ['assets', 'dist', 'manifest.xml', 'node_modules', 'package.json', 'scripts'].sort(),
      )
      expect(readdirSync(join(app, 'dist')).sort()).toEqual([
        'addin',
        'console',
        'room',
        'service',
        'upcoming',
      ])
      const { packages } = JSON.parse(readFileSync(join(app, 'node_modules/.package-lock.json'), 'utf8'))
      const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
      expect(Object.keys(packages).filter((path) => lock.packages[path].dev)).toEqual([])
    })

    test('runs the service as a user without rights, who can write nowhere', () => {
      const inside = (...program: string[]) => docker('compose', 'exec', 'service', ...program)
      const pid = readFileSync(join(state, 'pid'), 'utf8')
      const [child] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')
      const status = readFileSync(`/proc/${child}/status`, 'utf8')
      expect(status).toMatch(/^Uid:\t1000\t1000\t1000\t1000$/m)
      expect(status).toMatch(/^CapBnd:\t0+$/m)
      expect(status).toMatch(/^NoNewPrivs:\t1$/m)
      for (const path of ['/app/x', '/app/dist/x', '/tmp/x', '/run/x', '/run/secrets/vault-keys', '/etc/x'])
        expect(inside('sh', '-c', `: > ${path}`).stderr, path).toMatch(
          /Read-only file system|Permission denied/,
        )
      expect(inside('node', 'dist/service/command.js', 'admin', '--help').stdout).toContain('admin key new')
    })

    test('refuses to start with a setting that is only safe on a developer’s machine', () => {
      const file = join(checkout, 'settings.env')
      const settings = readFileSync(file, 'utf8')
      writeFileSync(file, `${settings}ZOOM_OAUTH_URL=https://zoom.example\n`)
      const { stderr } = docker('compose', 'run', '--rm', '--no-deps', 'service')
      writeFileSync(file, settings)
      expect(stderr).toContain('ZOOM_OAUTH_URL must be at zoom.us')
    })

    describe('and follows the guides from then on,', () => {
      const starts = () => log().match(/"msg":"started"/g)?.length ?? 0
      const manifest = async () => (await fetch(`${edge}/manifest.xml`)).text()

      test('replaces the key of the vault', async () => {
        const [restart = [], rotate = []] = commandsIn('docs/key-rotation.md', 'In containers')
        const before = starts()
        await shell(restart)
        expect(starts()).toBe(before + 1)
        const { stdout } = await shell(rotate.map((line) => filled(line, { new: 'next' })))
        expect(stdout).toContain('next\tactive')
        expect(starts()).toBe(before + 2)
        const older = /^(\S+)\tolder/m.exec(stdout)?.[1]
        const keys = async () => (await shell(rotate.slice(-1))).stdout
        // What a process had begun as it was started again is taken up by the next one a minute later.
        const patience = { interval: 1_000, timeout: 300_000 }
        await expect.poll(keys, patience).toContain(`${older}\tolder\t0 credentials`)
      })

      test('is upgraded, with icons of its own, and goes back', async () => {
        const image = () => at('container-service.json').hash
        const { text } =
          blocksOf('docs/deploy-the-add-in.md').find(({ heading }) => heading === 'Icons of your own') ?? {}
        writeFileSync(join(checkout, 'compose.override.yaml'), text ?? '')
        cpSync(join(root, 'assets'), join(checkout, 'icons'), { recursive: true })
        appendFileSync(join(checkout, 'icons/icon-16.png'), 'changed')
        appendFileSync(join(checkout, 'settings.env'), 'ADDIN_ICONS=/icons\n')
        writeFileSync(join(checkout, 'src/service/newer.ts'), '')
        const [before, manifestBefore, startsBefore] = [image(), await manifest(), starts()]

        await shell(commandsIn('docs/upgrade.md', 'With the compose file').flat())
        expect([image() === before, starts()]).toEqual([false, startsBefore + 1])
        expect(readFileSync(join(checkout, 'backup'), 'utf8')).toContain('PGDMP')
        expect(await manifest()).not.toBe(manifestBefore)
        // This image was built beside them.
        const stages = readdirSync(join(state, 'roots')).map((name) => join(state, 'roots', name, 'app'))
        for (const secret of ['secrets', 'settings.env', 'backup'])
          expect(stages.map((app) => join(app, secret)).filter((path) => existsSync(path))).toEqual([])

        await shell(commandsIn('docs/upgrade.md', 'Go back').flat())
        expect([image() === before, starts()]).toEqual([true, startsBefore + 2])
      })

      test('gets a renewed certificate, without a restart', async () => {
        const { cert, key } = await makeCertificate(new Date(), ['addin.contoso.example'])
        writeFileSync(join(folder, 'renewed-certificate'), cert)
        writeFileSync(join(folder, 'renewed-key'), key)
        const [, , write = []] = commandsIn('docs/key-rotation.md', 'In containers')
        const before = starts()
        await shell(write.map((line) => filled(line, { folder })))
        await expect.poll(log).toContain('"msg":"certificate renewed"')
        expect(starts()).toBe(before)
      })
    })
  },
)

/** Ends a process that is no child of this one. */
async function endOf(pid: number): Promise<void> {
  process.kill(pid)
  for (let lives = true; lives; await pause(100)) lives = existsSync(`/proc/${pid}`)
}

/** The files of this checkout that are in the repository, or will be. */
function copyTo(checkout: string): void {
  const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], {
    cwd: root,
    encoding: 'utf8',
  })
  for (const path of listed.split('\0').filter(Boolean)) {
    mkdirSync(dirname(join(checkout, path)), { recursive: true })
    cpSync(join(root, path), join(checkout, path))
  }
}

/** Where programs of this process find these hosts, as the machine's own list of hosts says it to others. */
function resolveHere(hosts: ReadonlyMap<string, string>): void {
  const { lookup } = dns
  const find = (name: string, options: dns.LookupOptions, done: (...answer: unknown[]) => void) => {
    const address = hosts.get(name)
    if (!address) return lookup(name, options, done)
    if (options.all) done(null, [{ address, family: 4 }])
    else done(null, address, 4)
  }
  Object.assign(dns, { lookup: find })
}

/** What the containers' machine has: the names of other machines, and the authorities that it trusts. */
function prepare(state: string, hosts: ReadonlyMap<string, string>, trusted = ''): void {
  const named = [...hosts].map(([name, address]) => `${address} ${name}\n`).join('')
  writeFileSync(join(state, 'hosts'), readFileSync('/etc/hosts', 'utf8') + named)
  const machines = process.env.NODE_EXTRA_CA_CERTS
  const authorities = machines ? readFileSync(machines, 'utf8') : ''
  writeFileSync(join(state, 'authorities.pem'), `${authorities}\n${readFileSync(trusted, 'utf8')}`)
}

/** The simulated edge calls a service by plain HTTP. This one has TLS of its own, and proves its name. */
async function edgeTo(port: number, ca: string, open: { close(): unknown }[]): Promise<string> {
  const service = { host: '127.0.0.1', port, ca, servername: 'addin.contoso.example' }
  const server = createHttp((incoming, outgoing) => {
    const { method, url: path, headers } = incoming
    const passed = request({ ...service, method, path, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers)
      answer.pipe(outgoing)
    })
    passed.on('error', () => outgoing.destroy())
    incoming.pipe(passed)
  })
  open.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
