import type { Page } from 'playwright-core'
import type { Fault } from '../src/simulator/kit/faults.ts'
import type { Recorded } from '../src/simulator/kit/ledger.ts'
import { inBrowser } from './in-browser.ts'
import { median, milliseconds, printTable, type Row } from './table.ts'

/** How long a slowed call takes, in milliseconds; one of Outlook's when they are counted. */
const wait = 100
const longWait = 500
/** Clicks of each kind, each on a fresh appointment, after some that are not counted. */
const clicks = { counted: 5, before: 2 }
/** Until what a new appointment itself starts has ended, in milliseconds. */
const settling = 1000

/** The calls beyond Outlook. Each waits for what the one above gives. */
const outside = slow(wait, [
  { vendor: 'outlook', match: 'GetToken' },
  { vendor: 'service', match: 'PUT /meetings' },
  { vendor: 'zoom', match: 'POST /oauth/token' },
  { vendor: 'zoom', match: 'GET /v2/users' },
  { vendor: 'zoom', match: 'POST /v2/users' },
])
/** Every question that the add-in asks Outlook about the appointment. */
const outlook: Fault[] = [{ vendor: 'outlook', match: 'Async' }]

/** What is slowed, and how many slow calls in a row no click can do without. */
const kinds = {
  quick: { says: 'nothing slowed', slowed: [], waits: 0, target: '' },
  outside: { says: 'bridge, service and Zoom slowed', slowed: outside, waits: 3, target: '' },
  everything: {
    says: 'Outlook slowed as well: every call outside',
    slowed: [...outside, ...slow(wait, outlook)],
    waits: 7,
    target: '≤ 1.10',
  },
}
/** The first time Zoom is also asked for a token and for the person. */
const coldWaits = 5

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
export const measureClicks = () =>
  inBrowser(async (browser, world) => {
    const page = await (await browser.newContext()).newPage()
    const press = (slowed: readonly Fault[]) => clickOnce(page, world.outlook, slowed)
    const cold = await press(outside)
    const warm = {
      quick: await several(() => press(kinds.quick.slowed)),
      outside: await several(() => press(kinds.outside.slowed)),
      everything: await several(() => press(kinds.everything.slowed)),
    }
    const patient = await press(slow(longWait, outlook))
    printRoundTrips(cold, warm.quick, patient)
    printWaits(cold, warm)
  })

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
  await page.waitForTimeout(settling)
  await ask(page, 'DELETE', '/simulator/faults')
  await ask(page, 'POST', '/simulator/faults', [...slowed, entraCounter])
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

function slow(delay: number, calls: Fault[]): Fault[] {
  return calls.map((call) => ({ ...call, delay, times: 'always' }))
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
  const ours = ledger.flatMap((entry) =>
    entry.kind === 'outlook' && entry.runtime === 'command' ? [entry] : [],
  )
  const calls = ours.map(({ call }) => call)
  const toBridge = calls.filter((call) => call.startsWith('nestedAppAuth'))
  const toOutlook = calls.filter((call) => !toBridge.includes(call) && call !== 'event.completed')
  return {
    started: Date.parse(ours[0]?.at ?? '') - clickedAt,
    outlook: toOutlook.length,
    bridge: toBridge.length,
    service: ledger.filter(({ kind }) => kind === 'service').length,
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

function printRoundTrips(cold: Click, warm: readonly Click[], patient: Click): void {
  const row = (name: string, figure: (click: Click) => number): Row => [
    name,
    String(median(warm.map(figure))),
    String(figure(cold)),
  ]
  const inSeries = Math.round((patient.took - median(warm.map(({ took }) => took))) / longWait)
  printTable(
    '(b) Round trips from click to done',
    ['', 'warm', 'first ever'],
    [
      row('calls to Outlook', (click) => click.outlook),
      ['  of them waited for, one after the other (target ≤ 5)', String(inSeries), ''],
      row('messages to the bridge for tokens', (click) => click.bridge),
      row('requests to the service', (click) => click.service),
      row('calls to Zoom', (click) => click.zoom),
      row('requests of the service to Entra', (click) => click.entra),
    ],
  )
}

function printWaits(cold: Click, warm: Warm): void {
  const rows = (Object.keys(kinds) as (keyof Warm)[]).map((kind) => {
    const { says, waits, target } = kinds[kind]
    return waiting(says, warm[kind], waits, target)
  })
  printTable(
    `(b) From click to done: medians of ${clicks.counted} clicks, a slowed call takes ${wait} ms`,
    ['', 'click to done', 'page starts', 'calls', 'to calls', 'to page and calls', 'target'],
    [...rows, waiting('first ever, bridge, service and Zoom slowed', [cold], coldWaits)],
  )
  console.log(explanation)
}

function waiting(name: string, measured: readonly Click[], waits: number, goal = ''): Row {
  const took = median(measured.map((click) => click.took))
  const started = median(measured.map((click) => click.started))
  const slow = waits * wait
  const ratios = waits ? [took / slow, took / (started + slow)].map((ratio) => ratio.toFixed(2)) : ['', '']
  return [name, milliseconds(took), milliseconds(started), waits ? milliseconds(slow) : '', ...ratios, goal]
}

const explanation = `
Calls are unavoidable waits when each can begin only after the one before has ended. Beyond Outlook: the bridge's
GetToken, the PUT that carries the token, Zoom's create that the PUT asks for; the first time also Zoom's token and user.
Outlook: the facts are read, the key is noted while the token comes, the meeting is noted, text and location are written,
the line says so while that is noted. A slowed call of Outlook takes its 100 ms from its arrival there, with what the
simulator itself needs to record it. The work of the service, of Zoom and of Outlook after that is not taken off.
Page starts: at each click Outlook makes a frame and the genuine Office.js loads in it, until the add-in's first call.
That cannot be avoided either; no call of a set length stands for it, so it is measured, and counted in the last ratio.`
