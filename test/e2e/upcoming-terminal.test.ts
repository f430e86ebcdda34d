import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { mailboxes } from '../../src/simulator/people.ts'
import { commandsIn } from '../guide.ts'
import { connectCalendar } from './connected.ts'
import { ask, openOutlook, simulator, world } from './outlook.ts'

beforeEach(simulator.reset)

const ada = mailboxes['exchange-online']

const put = (subject: string, more: object = {}) =>
  ask('PUT', `/simulator/appointments/${subject}?calendar=${ada.emailAddress}`, {
    id: subject,
    subject,
    start: new Date(Date.now() + 3_600_000).toISOString(),
    end: new Date(Date.now() + 5_400_000).toISOString(),
    body: 'https://acme.zoom.us/j/91234567890',
    ...more,
  })

/** What the guide says after `npx zoom-for-outlook`, at the address of this world. */
const words = (commandsIn('docs/upcoming.md', 'In a terminal')[0]?.[0] ?? '')
  .replace('https://zoom.contoso.example', world.addin)
  .split(' ')
  .slice(2)

/** Starts the program with a home folder of its own. */
async function start(...args: string[]) {
  const folder = await mkdtemp(join(tmpdir(), 'upcoming-'))
  const certificate = join(folder, 'certificate.pem')
  const home = await mkdtemp(join(folder, 'home-'))
  await writeFile(certificate, world.certificate.cert)
  const child = spawn(process.execPath, ['scripts/zoom-for-outlook.mjs', ...words, ...args], {
    env: {
      PATH: process.env.PATH,
      ...{ HOME: home, USERPROFILE: home, TMPDIR: home, LANG: 'en_GB.UTF-8' },
      ...{ BROWSER: 'none', NODE_EXTRA_CA_CERTS: certificate },
      NODE_OPTIONS: `--heapsnapshot-signal=SIGUSR2 --diagnostic-dir=${folder}`,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const said = { out: '', error: '' }
  child.stdout.setEncoding('utf8').on('data', (text) => {
    said.out += text
  })
  child.stderr.setEncoding('utf8').on('data', (text) => {
    said.error += text
  })
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await rm(folder, { recursive: true })
  })
  /** Every text in V8's heap, after a collection of its garbage. */
  async function heap(): Promise<string> {
    child.kill('SIGUSR2')
    let text = ''
    const written = async () => {
      const [name] = (await readdir(folder)).filter((file) => file.endsWith('.heapsnapshot'))
      if (name) text = await readFile(join(folder, name), 'utf8')
      // The texts come last.
      return /\]\s*\}\s*$/.test(text.slice(-10))
    }
    await expect.poll(written, { timeout: 60_000 }).toBe(true)
    return text
  }
  return { child, said, heap, files: () => readdir(home, { recursive: true }) }
}

const addressIn = async (said: { error: string }) => {
  await expect.poll(() => said.error).toMatch(/https:\/\/\S+\n/)
  return /https:\/\/\S+/.exec(said.error)?.[0] ?? ''
}

async function signInAt(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Sign in with Microsoft' }).click()
  await page.getByRole('button', { name: `Sign in as ${ada.displayName}` }).click()
}
const ended = (child: ChildProcess) => expect.poll(() => child.exitCode ?? child.signalCode)

test('the program signs in by a browser, shows changes as they come, and leaves no file behind', async () => {
  const page = await openOutlook()
  await connectCalendar(page)
  const { child, said, files } = await start()
  const address = await addressIn(said)
  const listening = new URL(address).searchParams.get('redirect_uri') ?? ''
  expect(listening).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/)
  await page.goto(address)
  await signInAt(page)
  await page.getByText('You can close this window.').waitFor()
  // Nobody is listened to any longer (RFC 8252, section 8.3).
  await expect
    .poll(() =>
      fetch(listening).then(
        () => 'open',
        () => 'closed',
      ),
    )
    .toBe('closed')
  await expect.poll(() => said.out).toContain('Upcoming · Live')
  await put('Tea')
  await expect.poll(() => said.out).toMatch(/Tea · \[1\] Join/)
  expect(await files()).toEqual([])
  child.kill('SIGTERM')
  await ended(child).toBe(0)
  expect(await files()).toEqual([])
})

// Windows has no such signal.
test.runIf(process.platform !== 'win32')(
  'the program has in memory what it shows, and neither the text of an event nor its people',
  async () => {
    const page = await openOutlook()
    await connectCalendar(page)
    /** Words that are nowhere else. */
    const canary = (of: string) => `kestrel${of}${'quillwort'.length}plover`
    const dropped = [canary('body'), canary('person'), canary('address')] as const
    const [body, name, address] = dropped
    await put(canary('subject'), {
      body: `<p>${body}</p> https://acme.zoom.us/j/91234567890`,
      required: [{ name, address: `${address}@contoso.example` }],
    })
    const { said, heap } = await start()
    await page.goto(await addressIn(said))
    await signInAt(page)
    await expect.poll(() => said.out).toContain(canary('subject'))
    await expect.poll(() => said.out).toContain('Upcoming · Live')
    const memory = await heap()
    // What is shown is there, so the snapshot is one of this program.
    expect(memory).toContain(canary('subject'))
    expect(dropped.filter((text) => memory.includes(text))).toEqual([])
  },
)

test('a program without a browser shows a code, which the person types, and writes the meetings once', async () => {
  const page = await openOutlook()
  await connectCalendar(page)
  await put('Tea')
  const { child, said } = await start('--device', '--once')
  await expect.poll(() => said.error).toMatch(/[A-Z]{4}-[A-Z]{4}/)
  const [code = ''] = /[A-Z]{4}-[A-Z]{4}/.exec(said.error) ?? []
  await page.goto(await addressIn(said))
  await page.getByLabel('Code').fill(code)
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByRole('button', { name: 'Continue' }).click()
  await signInAt(page)
  await page.getByText('You are signed in.').waitFor()
  await ended(child).toBe(0)
  expect(said.out).toMatch(/^(Today|Tomorrow), .*Tea · \[1\] Join/s)
})

test('a person who cancels the sign-in of the program is told so', async () => {
  const page = await openOutlook()
  const { child, said } = await start()
  await page.goto(await addressIn(said))
  await page.getByRole('button', { name: 'Cancel' }).click()
  await ended(child).toBe(1)
  expect(said.error).toContain('You were not signed in.')
})
