import { type Browser, chromium, type Page } from 'playwright-core'
import type { Fault } from '../src/simulator/faults.ts'
import type { Recorded } from '../src/simulator/ledger.ts'
import { temporaryFolder } from '../src/simulator/temporary.ts'
import { openWorld, type World } from '../src/simulator/world.ts'
import { browserForTests } from '../test/e2e/browser.ts'
import { median, milliseconds, printTable, type Row } from './table.ts'

/** How long a slowed call takes, in milliseconds. */
const wait = 100
/** Clicks of each kind, each on a fresh appointment; the first of a kind are not counted. */
const clicks = { counted: 7, before: 2 }

/** The calls beyond Outlook. Each waits for what the one above gives. */
const outside: Fault[] = [
  { vendor: 'entra', match: 'GetToken' },
  { vendor: 'service', match: 'PUT /meetings' },
  { vendor: 'zoom', match: 'POST /oauth/token' },
  { vendor: 'zoom', match: 'GET /v2/users' },
  { vendor: 'zoom', match: 'POST /v2/users' },
]
/** Every question that the add-in asks Outlook about the appointment. */
const outlook: Fault = { vendor: 'outlook', match: 'Async' }

/** What is slowed, and how many slow calls in a row no click can do without. */
const kinds = {
  quick: { says: 'nothing slowed', slowed: [], waits: 0 },
  outside: { says: 'bridge, service and Zoom slowed', slowed: outside, waits: 3 },
  everything: { says: 'Outlook slowed as well', slowed: [...outside, outlook], waits: 7 },
}
/** The first time Zoom is also asked for a token and for the person. */
const coldWaits = 5
const target = '≤ 1.25'

type Warm = Record<keyof typeof kinds, Click[]>

interface Click {
  /** Milliseconds from the click until the line above the appointment says that it is done. */
  took: number
  /** Milliseconds from the click until Outlook has started the add-in's page: its first call. */
  started: number
  /** How many calls went where. */
  outlook: number
  bridge: number
  service: number
  zoom: number
  entra: number
}

/** (b) What happens between a click on Add Zoom meeting and its end, in a real browser: round trips and waits. */
export async function measureClicks(): Promise<void> {
  const closing = new AbortController()
  const data = temporaryFolder()
  const options = { port: 'anywhere', dataDir: data.path, say: () => {} } as const
  const { closed, ...world } = await openWorld(options, closing.signal)
  const browser = await openBrowser(world)
  try {
    const page = await (await browser.newContext()).newPage()
    const press = (slowed: readonly Fault[]) => clickOnce(page, world.outlook, slowed)
    const cold = await press(outside)
    const warm = {
      quick: await several(() => press(kinds.quick.slowed)),
      outside: await several(() => press(kinds.outside.slowed)),
      everything: await several(() => press(kinds.everything.slowed)),
    }
    printRoundTrips(cold, warm)
    printWaits(cold, warm)
  } finally {
    await browser.close()
    closing.abort()
    await closed.finally(data.remove)
  }
}

async function openBrowser({ certificate }: Pick<World, 'certificate'>): Promise<Browser> {
  const { executablePath, env } = await browserForTests()
  const args = [`--ignore-certificate-errors-spki-list=${certificate.fingerprint}`]
  return chromium.launch({ executablePath, env: { ...process.env, ...env }, args })
}

async function several(press: () => Promise<Click>): Promise<Click[]> {
  const all: Click[] = []
  while (all.length < clicks.before + clicks.counted) all.push(await press())
  return all.slice(clicks.before)
}

/** Opens a fresh appointment and clicks, with some calls slowed. */
async function clickOnce(page: Page, address: string, slowed: readonly Fault[]): Promise<Click> {
  await page.goto(`${address}/`)
  const button = page.getByRole('button', { name: 'Add Zoom meeting' })
  await button.waitFor()
  const slow = slowed.map((fault) => ({ ...fault, delay: wait, times: 'always' }))
  await ask(page, 'DELETE', '/simulator/faults')
  await ask(page, 'POST', '/simulator/faults', [...slow, entraCounter])
  const before = await records(page)
  const { at, took } = await button.evaluate(clickUntil, 'has a Zoom meeting')
  const after = await records(page)
  return {
    took,
    ...told(after.ledger.slice(before.ledger.length), at),
    zoom: after.zoom - before.zoom,
    entra: before.entraLeft - after.entraLeft,
  }
}

/** In the page: clicks, and resolves when the text appears. */
function clickUntil(button: Element, text: string): Promise<{ at: number; took: number }> {
  return new Promise((resolve) => {
    const at = Date.now()
    const began = performance.now()
    const look = new MutationObserver(() => {
      if (document.body.textContent?.includes(text)) resolve({ at, took: performance.now() - began })
    })
    look.observe(document.body, { subtree: true, childList: true, characterData: true })
    ;(button as HTMLElement).click()
  })
}

/** What the ledger tells of one click. */
function told(ledger: readonly Recorded[], clickedAt: number) {
  const calls = ledger.flatMap((entry) => (entry.kind === 'outlook' ? [entry.call] : []))
  const toBridge = calls.filter((call) => call.startsWith('nestedAppAuth'))
  const toOutlook = calls.filter((call) => !toBridge.includes(call) && call !== 'event.completed')
  return {
    started: Date.parse(ledger.find(({ kind }) => kind === 'outlook')?.at ?? '') - clickedAt,
    outlook: toOutlook.length,
    bridge: toBridge.length,
    service: ledger.length - calls.length,
  }
}

/** A fault that does no harm and counts: nobody writes down what the service asks of Entra. */
const entraCounter: Fault = { vendor: 'entra', match: 'GET /', delay: 0, times: 1_000_000 }

async function records(page: Page) {
  const { waiting } = await ask<{ waiting: Fault[] }>(page, 'GET', '/simulator/faults')
  return {
    ledger: await ask<Recorded[]>(page, 'GET', '/simulator/ledger'),
    zoom: (await ask<unknown[]>(page, 'GET', '/simulator/zoom/requests')).length,
    entraLeft: Number(waiting.find(({ match }) => match === entraCounter.match)?.times),
  }
}

/** Asks the simulator from its own page, which trusts it. */
async function ask<T>(page: Page, method: string, path: string, body?: unknown): Promise<T> {
  const init = { method, ...(body !== undefined && { body: JSON.stringify(body) }) }
  const answer = await page.evaluate(
    ([path, init]) => fetch(path, init).then((response) => response.text()),
    [path, init] as const,
  )
  return (answer === '' ? undefined : JSON.parse(answer)) as T
}

function printRoundTrips(cold: Click, warm: Warm): void {
  const typical = (figure: (click: Click) => number) => median(warm.quick.map(figure))
  const row = (name: string, figure: (click: Click) => number): Row => [
    name,
    String(typical(figure)),
    String(figure(cold)),
  ]
  const took = (kind: keyof Warm) => median(warm[kind].map((click) => click.took))
  const inSeries = Math.round((took('everything') - took('outside')) / wait)
  printTable(
    '(b) Round trips from click to done',
    ['', 'warm', 'first ever'],
    [
      row('calls to Outlook', ({ outlook }) => outlook),
      ['  of them waited for, one after the other', String(inSeries), ''],
      row('messages to the bridge for tokens', ({ bridge }) => bridge),
      row('requests to the service', ({ service }) => service),
      row('calls to Zoom', ({ zoom }) => zoom),
      row('requests of the service to Entra', ({ entra }) => entra),
    ],
  )
}

function printWaits(cold: Click, warm: Warm): void {
  const ratio = (name: string, milli: number, waits: number, goal = ''): Row => [
    name,
    milliseconds(milli),
    waits ? milliseconds(waits * wait) : '',
    waits ? (milli / (waits * wait)).toFixed(2) : '',
    goal,
  ]
  const rows = (Object.keys(kinds) as (keyof Warm)[]).flatMap((kind) => {
    const { says, waits } = kinds[kind]
    const took = median(warm[kind].map((click) => click.took))
    const started = median(warm[kind].map((click) => click.started))
    return [
      ratio(says, took, waits, waits ? target : ''),
      ratio('  without the start of the page', took - started, waits),
    ]
  })
  printTable(
    `(b) From click to done: medians of ${clicks.counted} clicks, a slowed call takes ${wait} ms`,
    ['', 'click to done', 'unavoidable', 'ratio', 'target'],
    [...rows, ratio('first ever, the outside slowed', cold.took, coldWaits)],
  )
  console.log(explanation)
}

const explanation = `
Unavoidable are the waits of which none can begin before the one before has ended. Outside: the bridge's GetToken, the
PUT that carries the token, Zoom's create that the PUT asks for; the first time also Zoom's token and Zoom's user.
With Outlook slowed as well: the facts are read, the meeting is noted, text and location are written, the line says so.
Each click starts the add-in's page anew: Outlook makes a frame, and the genuine Office.js loads and starts in it.`
