import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { expect, onTestFinished, test } from 'vitest'
import { freePort } from '../../../src/simulator/kit/free-port.ts'
import { temporaryFolder } from '../../../src/simulator/kit/temporary.ts'
import { variables } from '../../service/kit.ts'

// The commands of docs/administrators.md, "Run the service", after `npm run build`.

const guide = readFileSync('docs/administrators.md', 'utf8')
const [, byNpm = ''] = /^npm ci && npm run build && (.*)$/m.exec(guide) ?? []
const [, byNode = '', variable] = /`npm run serve` is `(node [^`]*)` with `(\S+)` in its/.exec(guide) ?? []

// Windows has no signals.
const unixTest = test.skipIf(process.platform === 'win32')

unixTest(
  'the service that the guide starts by Node answers, and ends with 0 when it is told to stop',
  async () => {
    const { child, origin, ended, said } = await started(byNode)
    await expect(answered(`${origin}/manifest.xml`)).resolves.toMatch('<OfficeApp')
    child.kill('SIGTERM')
    expect(await ended).toBe(0)
    expect(said()).toMatch('"msg":"stopping"')
  },
)

unixTest('the service that the guide starts by npm answers, and stops when npm is told to', async () => {
  const { child, origin, ended, said } = await started(byNpm)
  await expect(answered(`${origin}/manifest.xml`)).resolves.toMatch('<OfficeApp')
  child.kill('SIGTERM')
  // npm ends at once. The service has the other end of the pipe until it has ended too.
  await ended
  expect(said()).toMatch('"msg":"stopping"')
})

test('a service that cannot start says why, and ends with the code of the guide, by Node and by npm', async () => {
  for (const command of [byNode, byNpm]) {
    const { ended, said } = await begun(command, { PORT: 'none' })
    expect(await ended).toBe(78)
    expect(said()).toMatch('PORT must be a number')
  }
})

test('npm tells Node what the guide says', () => {
  const { serve } = JSON.parse(readFileSync('package.json', 'utf8')).scripts
  expect(serve.replace(`scripts/run.mjs ${variable} `, '')).toBe(byNode)
})

async function answered(url: string): Promise<string> {
  return (await fetch(url)).text()
}

/** The service of a command, which is ready. */
async function started(command: string) {
  const port = String(await freePort())
  const origin = `http://127.0.0.1:${port}`
  const service = await begun(command, { PORT: port })
  const status = () =>
    fetch(`${origin}/readyz`).then(
      (answer) => answer.status,
      () => service.said(),
    )
  await expect.poll(status, { timeout: 150_000 }).toBe(200)
  return { ...service, origin }
}

/** A command with the settings of a service, in a process group of its own, which ends with the test. */
async function begun(command: string, changes: Record<string, string>) {
  const { path: DATA_DIR, remove } = temporaryFolder()
  const [program = '', ...args] = command.split(' ')
  const child = spawn(program, args, {
    env: { ...process.env, ...variables, CALENDAR_SYNC: 'false', DATA_DIR, ...changes },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    shell: process.platform === 'win32',
  })
  const ended = once(child, 'close').then(([code]) => code as number | null)
  let words = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (more: string) => {
      words += more
    })
  onTestFinished(async () => {
    try {
      process.kill(-(child.pid as number), 'SIGKILL')
    } catch {
      // Nobody of the group is left.
    }
    await ended
    await remove()
  })
  return { child, ended, said: () => words }
}
