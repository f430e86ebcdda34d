import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { type BrowserContext, chromium, type Page } from 'playwright-core'
import { beforeEach, expect, inject, onTestFinished, test } from 'vitest'
import { type Language, languages } from '../../../src/contract/languages.ts'
import { mailboxes } from '../../../src/simulator/people.ts'
import { connectCalendar } from '../connected.ts'
import { groupsIn, locales } from '../in-language.ts'
import { ask, openOutlook, picture, simulator, violations, world } from '../outlook.ts'

beforeEach(simulator.reset)

const ada = mailboxes['exchange-online']
/** Words that are nowhere else. */
const canary = (of: string) => `kestrel${of}${'quillwort'.length}plover`
const kept = { subject: canary('subject'), location: canary('location') }
const dropped = { body: canary('body'), person: canary('person'), address: canary('address') }

/** A browser with a profile on disk, as people have one. */
async function openProfile(locale = 'en-GB') {
  const folder = await mkdtemp(join(tmpdir(), 'profile-'))
  const { executablePath, env } = inject('browser')
  const context = await chromium.launchPersistentContext(folder, {
    executablePath,
    env: { ...process.env, ...env, HOME: folder },
    args: [`--ignore-certificate-errors-spki-list=${world.certificate.fingerprint}`],
    locale,
    reducedMotion: 'reduce',
  })
  onTestFinished(async () => {
    await context.close()
    await rm(folder, { recursive: true, force: true })
  })
  return { context, folder }
}

async function openUpcoming(context: BrowserContext): Promise<Page> {
  const page = await context.newPage()
  await page.goto(`${world.addin}/upcoming/`)
  const [opened] = await Promise.all([page.waitForEvent('popup'), page.locator('button.main').click()])
  // In any language: the first way is Microsoft.
  await opened.locator('button[value=entra]').click()
  await opened.getByRole('button', { name: `Sign in as ${ada.displayName}` }).click()
  return page
}

const put = (id: string, more: object) =>
  ask('PUT', `/simulator/appointments/${id}?calendar=${ada.emailAddress}`, {
    id,
    start: new Date(Date.now() + 3_600_000).toISOString(),
    end: new Date(Date.now() + 5_400_000).toISOString(),
    ...more,
  })

/** Every text in V8's heap, after a collection of its garbage. */
async function heapOf(page: Page): Promise<string> {
  const session = await page.context().newCDPSession(page)
  let text = ''
  session.on('HeapProfiler.addHeapSnapshotChunk', ({ chunk }) => {
    text += chunk
  })
  await session.send('HeapProfiler.collectGarbage')
  await session.send('HeapProfiler.takeHeapSnapshot')
  return text
}

/** The files below a folder that have a text, as it is, as UTF-16 or compressed. */
async function filesWith(folder: string, texts: readonly string[]): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const found = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async (entry) => {
        const path = join(entry.parentPath, entry.name)
        const bytes = await readFile(path).catch(() => Buffer.alloc(0))
        const all = [bytes, ...unzipped(bytes)]
        const has = (text: string) =>
          all.some((one) => one.includes(text) || one.includes(Buffer.from(text, 'utf16le')))
        return texts.some(has) ? [path] : []
      }),
  )
  return found.flat()
}

function unzipped(bytes: Buffer): Buffer[] {
  try {
    return [gunzipSync(bytes)]
  } catch {
    return []
  }
}

test('nothing of the calendar and no token is in the profile of the browser, and what was dropped is not in memory either', async () => {
  await connectCalendar(await openOutlook())
  await put('canary', {
    subject: kept.subject,
    locations: [{ displayName: kept.location }],
    body: `<p>${dropped.body}</p> https://acme.zoom.us/j/91234567890`,
    required: [{ name: dropped.person, address: `${dropped.address}@contoso.example` }],
  })
  const { context, folder } = await openProfile()
  const tokens: string[] = []
  context.on('request', (request) => {
    const [, token] = /^Bearer (.*)$/.exec(request.headers().authorization ?? '') ?? []
    if (token) tokens.push(token)
  })
  const page = await openUpcoming(context)
  await page.locator('li .join').waitFor()
  await page.getByText('Live', { exact: true }).waitFor()
  expect(tokens.length).toBeGreaterThan(1)

  const stored = await page.evaluate(async () => ({
    local: localStorage.length,
    session: sessionStorage.length,
    databases: (await indexedDB.databases()).length,
    caches: (await caches.keys()).length,
    cookie: document.cookie,
    workers: (await navigator.serviceWorker.getRegistrations()).length,
  }))
  expect(stored).toEqual({ local: 0, session: 0, databases: 0, caches: 0, cookie: '', workers: 0 })

  const memory = await heapOf(page)
  // What is shown is there, so the snapshot is one of this page.
  expect(memory).toContain(kept.subject)
  expect(Object.values(dropped).filter((text) => memory.includes(text))).toEqual([])

  const secrets = [...Object.values(kept), ...Object.values(dropped), ...tokens]
  expect(await filesWith(folder, secrets)).toEqual([])
  await context.close()
  // The browser writes its last files as it ends. It has been at this address, so those are looked into.
  expect(await filesWith(folder, secrets)).toEqual([])
  expect(await filesWith(folder, ['/upcoming/'])).not.toEqual([])
})

test('what an ended session has shown is forgotten in memory too', async () => {
  await connectCalendar(await openOutlook())
  await put('canary', { subject: kept.subject })
  const { context } = await openProfile()
  const page = await openUpcoming(context)
  // A selector with these words would put them into the memory of the page.
  await page.locator('li h3').waitFor()
  expect(await heapOf(page)).toContain(kept.subject)
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByRole('alert').waitFor()
  await expect.poll(async () => (await heapOf(page)).includes(kept.subject)).toBe(false)
})

const others = languages.filter((one): one is Exclude<Language, 'en'> => one !== 'en')

test.each(others)(
  'the page speaks %s and fits into 320 pixels, also where a calendar cannot be read or is empty',
  async (language) => {
    await connectCalendar(await openOutlook())
    await put('tea', { subject: 'Tea', body: 'https://acme.zoom.us/j/91234567890' })
    await simulator.fault({ vendor: 'graph', match: '/calendarView', status: 503, times: 'always' })
    const { context } = await openProfile(locales[language])
    const page = await openUpcoming(context)
    const texts = groupsIn(language, 'upcoming').upcoming ?? {}
    await page.setViewportSize({ width: 320, height: 800 })
    const judge = async (state: string) => {
      await picture(page, `upcoming ${state} ${language}`)
      expect(
        await page.evaluate(() => document.documentElement.scrollWidth - innerWidth),
      ).toBeLessThanOrEqual(0)
      expect(await page.evaluate(() => document.documentElement.dir)).toBe(language === 'ar' ? 'rtl' : 'ltr')
      expect(await violations(page), state).toEqual([])
    }
    const again = page.getByRole('button', { name: String(texts.tryAgain), exact: true })
    await again.waitFor()
    await judge('failing')
    await simulator.mend()
    // Or it has been read already.
    await again.evaluateAll(([button]) => (button as HTMLElement | undefined)?.click())
    await page.getByText(String(texts.join), { exact: true }).waitFor()
    await page.getByText(String(texts.live), { exact: true }).waitFor()
    // The other day is empty.
    await page.getByText(String(texts.nothing), { exact: true }).waitFor()
    await judge('live')
  },
)
