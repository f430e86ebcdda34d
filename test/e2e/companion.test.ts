import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { world } from './outlook.ts'

// What a person reads when the companion cannot start, or cannot sign them in. The built program, as the guide starts it.

/** A folder of a person's computer. */
function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'c-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Starts the companion in a home of its own, with these variables, for this service. */
function start(changes: Record<string, string> = {}, service = world.addin) {
  const home = newFolder()
  const authority = join(newFolder(), 'authority.pem')
  writeFileSync(authority, world.certificate.cert)
  const args = ['scripts/zoom-for-outlook.mjs', 'companion', '--service', service, '--no-browser']
  const child = spawn(process.execPath, args, {
    env: {
      PATH: process.env.PATH,
      ...{ HOME: home, XDG_RUNTIME_DIR: home, LOCALAPPDATA: home, NODE_EXTRA_CA_CERTS: authority },
      ...changes,
    },
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const said = { out: '', errors: '' }
  child.stdout.setEncoding('utf8').on('data', (text) => {
    said.out += text
  })
  child.stderr.setEncoding('utf8').on('data', (text) => {
    said.errors += text
  })
  return { said, ended: () => child.exitCode }
}

/** An address at which nobody listens. */
async function nowhere(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return `https://127.0.0.1:${port}`
}

const tooLong = (folder: string) => {
  const long = join(folder, 'a'.repeat(110))
  mkdirSync(long, { mode: 0o700 })
  return long
}

test.skipIf(process.platform === 'win32').each([
  [
    'its folder is a file',
    (folder: string) => {
      writeFileSync(join(folder, 'file'), '')
      return { XDG_RUNTIME_DIR: join(folder, 'file') }
    },
    /^The companion cannot use \/\S+ \(ENOTDIR\)\. A file is in the place of a folder: move it away\.\n$/,
  ],
  [
    'its folder cannot be made',
    () => ({ XDG_RUNTIME_DIR: '/sys' }),
    /^The companion cannot use \/sys\/\S+ \((EPERM|EACCES|EROFS)\)\. Let this user write there, and start it again\.\n$/,
  ],
  [
    'no folder has a path that is short enough for a socket',
    (folder: string) => ({ XDG_RUNTIME_DIR: folder, TMPDIR: tooLong(folder) }),
    /^A socket in \/\S+ would have a path of 1[2-9]\d bytes, and at most 103 are possible\. Set TMPDIR to a folder with a shorter path\.\n$/,
  ],
])('the companion ends when %s, says so in a sentence, and reports no bug', async (_, harm, says) => {
  const folder = newFolder()
  const changes: Record<string, string> = harm(folder)
  const isLong = changes.XDG_RUNTIME_DIR === folder
  const { said, ended } = start(isLong ? { ...changes, XDG_RUNTIME_DIR: tooLong(newFolder()) } : changes)
  await expect.poll(ended).toBe(2)
  expect(said.errors).toMatch(says)
  expect(said.out).toBe('')
})

test('a second companion of the same person ends, and says that one is running', async () => {
  const XDG_RUNTIME_DIR = newFolder()
  const first = start({ XDG_RUNTIME_DIR })
  await expect.poll(() => first.said.out).toContain('Ready for plug-ins.')
  const second = start({ XDG_RUNTIME_DIR })
  await expect.poll(second.ended).toBe(2)
  expect(second.said.errors).toBe('A companion is running already.\n')
  expect(first.ended()).toBeNull()
})

test.each([
  ['does not answer', 'nowhere', {}, 'does not answer (ECONNREFUSED). Check the address'],
  ['has a certificate that nobody trusts', undefined, { NODE_EXTRA_CA_CERTS: '' }, 'NODE_EXTRA_CA_CERTS'],
  ['is another web site', 'outlook', {}, 'lets no app sign in (404). Check the address, or ask'],
])(
  'a person whose service %s reads why they are not signed in, and what to do',
  async (_, at, changes, says) => {
    const service = at === 'outlook' ? world.outlook : at === 'nowhere' ? await nowhere() : at
    const { said, ended } = start(changes, service)
    await expect.poll(() => said.out).toContain('You are not signed in. ')
    expect(said.out).toContain(says)
    expect(said.out).not.toContain('Sign in: ')
    // It listens on: the next request of a plug-in asks again.
    expect(said.out).toContain('Ready for plug-ins.')
    expect(ended()).toBeNull()
  },
)
