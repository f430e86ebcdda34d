import { readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { AxeResults } from 'axe-core'
import type { Browser, BrowserContext, Frame, Page, Request } from 'playwright-core'
import { afterAll, beforeAll, inject, onTestFinished } from 'vitest'
import { asking, simulatorOf } from './simulator.ts'
import { startBrowser } from './start-browser.ts'
import type { TestWorld } from './world.ts'

/** The simulated world that this worker has to itself. */
export const world = inject('worlds')[Number(process.env.VITEST_POOL_ID) - 1] as TestWorld
let browser: Browser

// One browser for every file that imports this one.
beforeAll(async () => {
  browser = await startBrowser([world.certificate.fingerprint])
})
afterAll(() => browser?.close())

/** What the page's address may ask for: whose Outlook it is, and what the appointment is at first. */
type Asked = Partial<
  Record<
    | 'client'
    | 'mailbox'
    | 'lang'
    | 'subject'
    | 'required'
    | 'start'
    | 'end'
    | 'timeZone'
    | 'repeat'
    | 'until'
    | 'location'
    | 'body'
    | 'bodyType'
    | 'seriesId'
    | 'computerTimeZone'
    | 'sharedFrom'
    | 'ids'
    | 'missing'
    | 'throwing'
    | 'offline',
    string
  >
>

/** Playwright's trace of a test that fails is kept too. Tests take half as long again. */
const tracing = process.env.TRACE === 'true'

interface Browsing {
  /** The add-in's and Outlook's own deadlines hold. A test says so when it waits for one of them. */
  deadlines?: boolean
  /** The language that the browser prefers. */
  locale?: string
}

/** A new appointment, in an Outlook that nobody used before. What the page showed is kept if the test fails. */
export async function openOutlook(
  asked: Asked = {},
  { deadlines = false, locale }: Browsing = {},
): Promise<Page> {
  // What moves is painted sixty times a second, by the processor.
  const still = { reducedMotion: 'reduce' } as const
  const context = await browser.newContext({
    viewport: { width: 1280, height: 900 },
    timezoneId: 'UTC',
    ...(locale && { locale }),
    ...still,
  })
  if (!deadlines) await context.addInitScript(postponeDeadlines)
  if (tracing) await context.tracing.start({ screenshots: true, snapshots: true })
  const heard = listenTo(context)
  onTestFinished(async ({ task }) => {
    if (task.result?.state === 'fail') await keep(context, task.name, heard)
    await context.close()
  })
  // Of its windows too.
  context.setDefaultTimeout(60_000)
  const page = await context.newPage()
  await page.goto(`${world.outlook}/?${new URLSearchParams({ ...asked })}`)
  await page.getByRole('button', { name: 'Send' }).waitFor()
  return page
}

/** A busy machine must miss no deadline: in every frame each timer of a second or more takes twenty times as long. */
function postponeDeadlines(): void {
  const postponed = (milliseconds = 0) => (milliseconds < 1000 ? milliseconds : 20 * milliseconds)
  const { setTimeout: start } = window
  const { timeout } = AbortSignal
  const setTimer = (handler: TimerHandler, milliseconds?: number, ...params: unknown[]) =>
    start(handler, postponed(milliseconds), ...params)
  Object.assign(window, { setTimeout: setTimer })
  Object.assign(AbortSignal, {
    timeout: (milliseconds: number) => timeout.call(AbortSignal, postponed(milliseconds)),
  })
}

/** The lines that pages wrote to the console, and each request that has no answer yet. */
function listenTo(context: BrowserContext): () => string[] {
  const lines: string[] = []
  const open = new Set<Request>()
  context.on('console', (message) => lines.push(`${message.type()}: ${message.text()}`))
  context.on('weberror', (error) => lines.push(`uncaught: ${error.error().stack}`))
  context.on('request', (request) => open.add(request))
  for (const end of ['requestfinished', 'requestfailed'] as const)
    context.on(end as 'requestfinished', (request) => open.delete(request))
  return () => [...lines, ...[...open].map((request) => `no answer: ${request.method()} ${request.url()}`)]
}

async function keep(context: BrowserContext, test: string, heard: () => string[]): Promise<void> {
  const folder = join('artifacts', test.replace(/[^\w]+/g, '-'))
  await mkdir(folder, { recursive: true })
  const pages = context.pages().map((page, index) => page.screenshot({ path: join(folder, `${index}.png`) }))
  await Promise.allSettled(pages)
  if (tracing) await context.tracing.stop({ path: join(folder, 'trace.zip') })
  const frames = context.pages().flatMap((page) => page.frames().map((frame) => `frame: ${frame.url()}`))
  await writeFile(join(folder, 'browser.log'), [...heard(), ...frames].join('\n'))
  await writeFile(join(folder, 'ledger.json'), await ask('GET', '/simulator/ledger'))
  await writeFile(join(folder, 'service.log'), await ask('GET', '/simulator/service/log'))
}

/** Presses the ribbon's button and waits until the appointment has its meeting. */
export async function addZoomMeeting(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Add Zoom meeting' }).first().click()
  await page.getByText('This appointment has a Zoom meeting.', { exact: true }).waitFor()
}

/** The add-in's pane, once its Office.js has started. */
export async function openPane(page: Page): Promise<Frame> {
  await page.getByRole('button', { name: 'Zoom settings' }).click()
  const pane = await (await page.waitForSelector('iframe[title="Zoom settings"]')).contentFrame()
  if (!pane) throw new Error('The pane has no page.')
  await pane.waitForFunction(() => 'Office' in window && Office.context?.mailbox?.item)
  return pane
}

/** The pane, once it says who is signed in. */
export async function openSignedIn(page: Page): Promise<Frame> {
  const pane = await openPane(page)
  await pane.getByText('Signed in as').waitFor()
  return pane
}

/** Opens the part of the pane where things are connected, if it is not open yet. */
export async function openConnections(pane: Frame): Promise<void> {
  const button = pane.getByRole('button', { name: /^Connections/ })
  await button.evaluate((element: HTMLElement) => element.ariaExpanded === 'false' && element.click())
}

/** Asks a member of `Office.context.mailbox`: its value, or the number of the error. */
export function office(
  pane: Frame,
  member: string,
  ...params: unknown[]
): Promise<{ value?: unknown; code?: number }> {
  type Owner = Record<string, (...given: unknown[]) => void>
  return pane.evaluate(
    ([path, given]) =>
      new Promise((resolve) => {
        const names = path.split('.')
        const last = names.pop() ?? ''
        const owner = names.reduce((o, name) => o[name] as never, Office.context.mailbox as never as Owner)
        owner[last]?.(...given, ({ value, error }: Office.AsyncResult<unknown>) =>
          resolve(error ? { code: error.code } : { value }),
        )
      }),
    [member, params] as const,
  )
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What axe-core finds in the page itself; the add-in's frame has tests of its own. */
export async function violations(page: Page | Frame): Promise<string[]> {
  // A browser does not animate a frame that is out of sight, and what is animated is waited for.
  if ('frameElement' in page) await (await page.frameElement()).scrollIntoViewIfNeeded()
  await page.evaluate(axe)
  // A colour on its way to another one is no colour to judge. What turns for ever is not waited for.
  const { violations: found } = await page.evaluate(async () => {
    const ending = document
      .getAnimations()
      .filter(({ effect }) => effect?.getTiming().iterations !== Infinity)
    await Promise.allSettled(ending.map(({ finished }) => finished))
    const { axe } = window as never as { axe: { run(context: object, options: object): Promise<AxeResults> } }
    return axe.run({ exclude: [['[data-tabster-dummy]'], ['iframe']] }, { iframes: false })
  })
  return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target).join(', ')}`)
}

/** Keeps what the person sees, to be looked at. It proves nothing: a Chromium on a busy machine may be unable to paint it. */
export async function picture(page: Page, name: string): Promise<void> {
  await mkdir(join('artifacts', 'pictures'), { recursive: true })
  await page
    .screenshot({ path: join('artifacts', 'pictures', `${name}.png`) })
    .catch((error: Error) => console.warn(`There is no picture of ${name}: ${error.message}`))
}

export const simulator = simulatorOf(world)

/** Asks the simulator, or whoever else of the world `path` names. */
export const ask = asking(world)
