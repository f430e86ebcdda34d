// Stands in for `docker` where no daemon can run: takes the steps of a Containerfile and starts the services of a compose
// file, each in a root file system of its own. It does what our files use, and refuses the rest. It needs root.
// `STAND_IN`: a folder with its state. `STAND_IN_POSTGRES`: the server for the service `database`.
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { basename, dirname, join, resolve } from 'node:path'
import { argv, env, execPath, exit, kill } from 'node:process'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import pg from 'pg'
import { parse } from 'yaml'

const state = env.STAND_IN
function buildCommand(args) {
  const options = { tag: { type: 'string' }, file: { type: 'string' } }
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true })
  build(values.tag, resolve(positionals[0]), values.file)
}

function tagCommand([image, tag]) {
  writeFileSync(join(state, `image-${tag}.json`), JSON.stringify(imageOf(image)))
}

function runCommand(args) {
  const [option, image, ...program] = args
  if (option !== '--rm') throw new Error(`docker run ${option} is not played`)
  return enter(imageOf(image), program)
}

async function composeCommand([act, ...args]) {
  const { services, secrets } = described()
  if (act === 'exec') {
    const [name, ...program] = args.filter((arg) => arg !== '-T')
    if (name === 'database') return inDatabase(program)
    return enter(containerOf(name), program, { input: args.includes('-T') ? 'inherit' : 'ignore' })
  }
  if (act === 'run') {
    if (args.join(' ') !== '--rm --no-deps service')
      throw new Error(`docker compose run ${args} is not played`)
    const container = await containerFor(services.service, secrets)
    return enter(container, container.program)
  }
  const isForced = args.join(' ') === '--detach --wait --force-recreate service'
  if (act !== 'up' || !(isForced || args.join(' ') === '--detach --wait'))
    throw new Error(`docker compose ${act} ${args.join(' ')} is not played`)
  if (services.service.depends_on.database.condition !== 'service_healthy') throw new Error('Nobody waits')
  await database(services.database, secrets)
  await service(services.service, secrets, isForced)
}

/** The compose file, with the volumes that another one adds. */
function described() {
  const all = parse(readFileSync('compose.yaml', 'utf8'))
  if (!existsSync('compose.override.yaml')) return all
  const { services, ...others } = parse(readFileSync('compose.override.yaml', 'utf8'))
  for (const [name, { volumes, ...more }] of Object.entries(services)) {
    if (Object.keys({ ...others, ...more }).length > 0) throw new Error('That override is not played')
    all.services[name].volumes = [...(all.services[name].volumes ?? []), ...volumes]
  }
  return all
}

/** Each step of a Containerfile, by what it begins with. `stage`: the root file system that it changes. */
const steps = {
  WORKDIR(stage, [path]) {
    stage.folder = path
    mkdirSync(join(stage.root, path), { recursive: true })
  },
  COPY(stage, args, { context, stages, ignored }) {
    const from = args[0].startsWith('--from=') ? stages.get(args.shift().slice('--from='.length)) : undefined
    const to = args.pop()
    for (const source of args) {
      const path = resolve(from?.root ?? context, source.replace(/^\//, ''))
      const folder = join(stage.root, stage.folder)
      const target = to.endsWith('/') ? join(folder, to, source.split('/').at(-1)) : join(folder, to)
      const keep = (file) => from || !ignored.some((name) => file === join(context, name))
      cpSync(path, target, { recursive: true, filter: keep })
      stage.hash = hashOf(stage.hash, from?.hash ?? contentOf(path, keep))
    }
  },
  /** As Docker, it does not do again what it has done with the same files after the same steps. */
  RUN(stage, _, { text }) {
    const kept = join(state, 'layers', stage.hash)
    const copy = (from, to) => execFileSync('cp', ['--archive', '--link', from, to])
    if (existsSync(kept)) {
      rmSync(stage.root, { recursive: true })
      return copy(kept, stage.root)
    }
    const status = enter({ ...stage, user: undefined }, ['sh', '-e', '-c', text])
    if (status !== 0) throw new Error(`RUN ${text} ended with ${status}`)
    mkdirSync(dirname(kept), { recursive: true })
    copy(stage.root, `${kept}.new`)
    renameSync(`${kept}.new`, kept)
  },
  ENV(stage, args) {
    for (const pair of args) stage.env[pair.split('=')[0]] = pair.split('=')[1]
  },
  USER: (stage, [user]) => Object.assign(stage, { user }),
  EXPOSE() {},
  HEALTHCHECK: (stage, _, { text }) =>
    Object.assign(stage, { health: JSON.parse(text.slice(text.indexOf('CMD') + 3)) }),
  CMD: (stage, _, { text }) => Object.assign(stage, { program: JSON.parse(text) }),
}

/** As Docker, it looks for no `Containerfile` and no `.containerignore` by itself. */
function build(tag, context, file = 'Dockerfile') {
  const ignored = lines(readFileSync(join(context, '.dockerignore'), 'utf8'))
  const stages = new Map()
  let stage
  for (const line of lines(readFileSync(join(context, file), 'utf8'))) {
    console.error(`- ${line}`)
    const [word, ...args] = line.split(/\s+/)
    const text = line.slice(word.length).trim()
    if (word === 'FROM') {
      const [image, as, name = 'last'] = args
      if (!/^docker\.io\/library\/node:\d+-slim$/.test(image)) throw new Error(`${image} is not played`)
      const root = join(state, 'roots', `${tag}-${Date.now()}-${stages.size}`)
      mkdirSync(root, { recursive: true })
      stage = { root, folder: '/', env: {}, hash: hashOf(image) }
      stages.set(as ? name : 'last', stage)
    } else if (Object.hasOwn(steps, word)) {
      stage.hash = hashOf(stage.hash, line)
      steps[word](stage, args, { context, stages, ignored, text })
    } else throw new Error(`${word} is not played`)
  }
  writeFileSync(join(state, `image-${tag}.json`), JSON.stringify(stage))
}

const hashOf = (...parts) => createHash('sha256').update(parts.join('\n')).digest('hex')

/** A hash of a file, or of all files of a folder that are copied. */
function contentOf(path, keep) {
  if (!keep(path)) return ''
  if (!statSync(path).isDirectory()) return hashOf(basename(path), hashOf(readFileSync(path, 'base64')))
  return hashOf(basename(path), ...readdirSync(path).map((name) => contentOf(join(path, name), keep)))
}

const lines = (text) => text.split('\n').filter((line) => line && !line.startsWith('#'))
const imageOf = (tag) => JSON.parse(readFileSync(join(state, `image-${tag}.json`), 'utf8'))
const containerOf = (name) => JSON.parse(readFileSync(join(state, `container-${name}.json`), 'utf8'))

/** The database of the compose file, on a server that runs already. */
async function database({ environment, healthcheck, user, read_only }, secrets) {
  if (user !== 'postgres' || !read_only) throw new Error('The database may do too much')
  const { POSTGRES_DB: name, POSTGRES_USER: role, POSTGRES_PASSWORD_FILE: file } = environment
  const password = readFileSync(fileOf(secrets, file), 'utf8').trim()
  const client = new pg.Client(env.STAND_IN_POSTGRES)
  await client.connect()
  const { rows } = await client.query('select from pg_roles where rolname = $1', [role])
  // It runs already.
  if (rows.length > 0) return client.end()
  await client.query(`create role ${role} login password '${password}'`)
  await client.query(`create database ${name} owner ${role}`)
  await client.end()
  const [, ...program] = healthcheck.test
  if (inDatabase(program) !== 0) throw new Error('The database is not healthy')
}

/** One of PostgreSQL's programs, as in the container of the database. */
function inDatabase([program, ...args]) {
  const { port } = new URL(env.STAND_IN_POSTGRES)
  const own = { ...env, PGHOST: '127.0.0.1', PGPORT: port }
  return spawnSync(join(env.STAND_IN_POSTGRES_PROGRAMS, program), args, { stdio: 'inherit', env: own }).status
}

async function containerFor(described, secrets, before) {
  const { context, dockerfile = 'Dockerfile' } = described.build
  if (!existsSync(join(context, dockerfile))) throw new Error(`Nothing to build ${described.image} of`)
  const image = imageOf(described.image)
  const variables = Object.fromEntries(
    lines(readFileSync(described.env_file, 'utf8')).map((line) => [
      line.slice(0, line.indexOf('=')),
      line.slice(line.indexOf('=') + 1),
    ]),
  )
  Object.assign(variables, image.env, described.environment)
  const inside = described.ports[0].split(':')[1]
  if (String(variables.PORT) !== inside) throw new Error(`Nobody listens at port ${inside}`)
  // Here it shares the machine's network, and another program may have that port.
  const port = before?.port ?? (await freePort())
  return {
    ...image,
    port,
    env: { ...variables, PORT: String(port) },
    readOnly: described.read_only,
    confined: described.cap_drop.includes('ALL') && described.security_opt.includes('no-new-privileges:true'),
    files: [
      ...described.secrets.map((name) => [fileOf(secrets, name), `/run/secrets/${name}`]),
      ...(described.volumes ?? []).map((volume) => {
        const [from, to, mode] = volume.split(':')
        if (mode !== 'ro') throw new Error(`The volume ${volume} is not played`)
        return [resolve(from), to]
      }),
    ],
  }
}

async function service(described, secrets, isForced) {
  const before = existsSync(join(state, 'pid')) ? containerOf('service') : undefined
  const container = await containerFor(described, secrets, before)
  // It runs already. What is in the files of its secrets does not count.
  if (!isForced && JSON.stringify(container) === JSON.stringify(before)) return
  if (before) {
    const pid = readFileSync(join(state, 'pid'), 'utf8')
    kill(Number(pid))
    while (existsSync(`/proc/${pid}`)) await pause(100)
  }
  writeFileSync(join(state, 'container-service.json'), JSON.stringify(container))
  const log = openSync(join(state, 'log'), 'a')
  // It ends by itself if nobody ends it.
  const [program, args] = entering(container, container.program)
  const child = spawn('timeout', ['--preserve-status', '1800', program, ...args], {
    detached: true,
    stdio: ['ignore', log, log],
    env: environment(container),
  })
  writeFileSync(join(state, 'pid'), String(child.pid))
  child.unref()
  for (let left = 600; enter(container, container.health, { output: 'ignore' }) !== 0; left--) {
    if (left === 0 || child.exitCode !== null)
      throw new Error(`The service is not healthy:\n${readFileSync(join(state, 'log'), 'utf8')}`)
    await pause(200)
  }
}

const fileOf = (secrets, path) => resolve(secrets[path.split('/').at(-1)].file)

/** Runs a program in a root file system, and returns its exit code. */
function enter(container, program, { input = 'ignore', output = 'inherit' } = {}) {
  const [file, args] = entering(container, program)
  return spawnSync(file, args, { stdio: [input, output, output], env: environment(container) }).status
}

/** What the machine's npm is told counts there too. Its authorities, because the simulated vendors have none of the public ones. */
function environment({ env: own, user }) {
  const passed = Object.entries(env).filter(([name]) =>
    /^(npm_config_(registry|cafile|prefer)|.*_proxy$)/i.test(name),
  )
  return {
    ...Object.fromEntries(passed),
    PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin',
    HOME: user ? '/tmp' : '/root',
    NODE_EXTRA_CA_CERTS: '/etc/authorities.pem',
    ...own,
  }
}

/**
 * The machine's programs and libraries, an npm and a Node, which only root may change and nobody does, under a root of
 * the image's own files.
 */
function entering({ root, folder, user, readOnly, confined, files = [] }, program) {
  const node = nodeFolder()
  const quoted = (text) => `'${text}'`
  const at = (path) => quoted(join(root, path))
  const script = [
    `mount --bind ${at('')} ${at('')}`,
    `mkdir -p ${['usr', 'etc', 'dev', 'proc', 'tmp', 'run', 'root/.npm'].map(at).join(' ')}`,
    // A program and a health check may begin at the same time.
    ...['bin', 'sbin', 'lib', 'lib64'].map(
      (name) => `ln -sn usr/${name} ${at(name)} 2>/dev/null || [ -L ${at(name)} ]`,
    ),
    ...['usr', 'dev', 'proc'].map((name) => `mount --rbind /${name} ${at(name)}`),
    `mount -t tmpfs tmpfs ${at('etc')}`,
    `cp -a /etc/passwd /etc/group /etc/resolv.conf /etc/nsswitch.conf /etc/ssl /etc/alternatives /etc/ld.so.cache ${at('etc')}`,
    `cp ${quoted(join(state, 'hosts'))} ${at('etc/hosts')}`,
    `cp ${quoted(join(state, 'authorities.pem'))} ${at('etc/authorities.pem')}`,
    `mount --bind ${quoted(node)} ${at('usr/local')}`,
    `mount -t tmpfs tmpfs ${at('tmp')}`,
    `mount -t tmpfs tmpfs ${at('run')}`,
    ...(user ? [] : [`mount --bind ${quoted(cacheOfNpm())} ${at('root/.npm')}`]),
    ...files.flatMap(([from, to]) => [
      `mkdir -p ${at(dirname(to))}`,
      `if [ -d ${quoted(from)} ]; then mkdir -p ${at(to)}; else touch ${at(to)}; fi`,
      `mount --bind ${quoted(from)} ${at(to)}`,
      `mount -o remount,ro,bind ${at(to)}`,
    ]),
    ...['usr', 'usr/local', 'etc', 'run', ...(readOnly ? ['', 'tmp'] : [])].map(
      (path) => `mount -o remount,ro,bind ${at(path)}`,
    ),
    'exec "$@"',
  ].join('\n')
  const ids = user === 'node' ? ['--reuid=1000', '--regid=1000', '--clear-groups'] : []
  const less = confined ? ['--no-new-privs', '--bounding-set=-all', '--inh-caps=-all'] : []
  return [
    'unshare',
    [
      ...['--mount', 'sh', '-e', '-c', script, 'sh', 'chroot', root, 'setpriv', ...ids, ...less],
      ...['env', `--chdir=${folder}`, ...program],
    ],
  ]
}

/** As `/usr/local` of the base image is: this Node, and the machine's npm. */
function nodeFolder() {
  const folder = join(state, 'node')
  if (existsSync(folder)) return folder
  mkdirSync(join(folder, 'bin'), { recursive: true })
  try {
    linkSync(execPath, join(folder, 'bin/node'))
  } catch {
    cpSync(execPath, join(folder, 'bin/node'))
  }
  chmodSync(join(folder, 'bin/node'), 0o755)
  const npm = realpathSync(execFileSync('sh', ['-c', 'command -v npm'], { encoding: 'utf8' }).trim())
  cpSync(resolve(npm, '../..'), join(folder, 'lib/node_modules/npm'), { recursive: true })
  for (const name of ['npm', 'npx'])
    symlinkSync(`../lib/node_modules/npm/bin/${name}-cli.js`, join(folder, 'bin', name))
  return folder
}

function cacheOfNpm() {
  const folder = env.STAND_IN_NPM_CACHE
  mkdirSync(folder, { recursive: true })
  return folder
}

const freePort = () =>
  new Promise((found) => {
    const server = createServer().listen(0, () => {
      const { port } = server.address()
      server.close(() => found(port))
    })
  })

const commands = { build: buildCommand, tag: tagCommand, run: runCommand, compose: composeCommand }
const [command, ...rest] = argv.slice(2)
if (!Object.hasOwn(commands, command)) throw new Error(`docker ${command} is not played`)
exit((await commands[command](rest)) ?? 0)
