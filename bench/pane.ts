import type { Browser, Page } from 'playwright-core'
import type { World } from '../src/simulator/world.ts'
import { inBrowser } from './in-browser.ts'
import { median, milliseconds, printTable, type Row } from './table.ts'

/** Openings of each pane, in turn, after some that are not counted. */
const openings = { counted: 7, before: 1 }
/** How much slower the processor is for the long tasks. */
const slowDown = 4
/** A task that holds the page for longer, in milliseconds, is felt. */
const felt = 100

/** What Office.js itself costs: a pane with nothing but it and a button. */
const scriptOfButton = '/addin/empty.js'
const emptyScript = `
await Office.onReady()
const button = document.createElement('button')
button.textContent = 'Add Zoom meeting'
document.body.append(button)`

interface Opening {
  /** Milliseconds from the start of the pane's page until something is painted, and until its main button can be pressed. */
  painted: number
  interactive: number
  /** Milliseconds of the longest task. */
  longest: number
}

/** (l) From opening the pane until its main button can be pressed, beside a pane with nothing but Office.js and a button. */
export const measurePane = () =>
  inBrowser(async (browser, world) => {
    const [ours, bare] = [await pageOf(browser, false), await pageOf(browser, true)]
    const [quick, slow] = [await inTurn(world, ours, bare, 1), await inTurn(world, ours, bare, slowDown)]
    print(quick, slow)
  })

/** Outlook's page. With the empty pane in it, or ours. */
async function pageOf(browser: Browser, isEmpty: boolean): Promise<Page> {
  const page = await (await browser.newContext({ ignoreHTTPSErrors: true })).newPage()
  await page.addInitScript(watch)
  if (!isEmpty) return page
  await page.route(/\/addin\/taskpane\/index\.html/, async (route) => {
    const answer = await route.fetch()
    const [officeJs] = /<script src[^>]*><\/script>/.exec(await answer.text()) ?? []
    const body = `<!doctype html><title>Empty</title>${officeJs}<script type="module" src="${scriptOfButton}"></script>`
    await route.fulfill({ response: answer, body })
  })
  await page.route(`**${scriptOfButton}`, (route) =>
    route.fulfill({ contentType: 'text/javascript', body: emptyScript }),
  )
  return page
}

/** In each page: notes when its main button can be pressed, and its longest task. */
function watch(): void {
  const noted = { interactive: 0, longest: 0 }
  Object.assign(window, { noted })
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) noted.longest = Math.max(noted.longest, duration)
  }).observe({ type: 'longtask', buffered: true })
  new MutationObserver(() => {
    const buttons = [...document.querySelectorAll<HTMLButtonElement>('button:not(:disabled)')]
    if (noted.interactive || !buttons.some(({ textContent }) => textContent === 'Add Zoom meeting')) return
    noted.interactive = performance.now()
  }).observe(document, { subtree: true, childList: true, characterData: true, attributes: true })
}

async function inTurn(world: Pick<World, 'outlook'>, ours: Page, bare: Page, slower: number) {
  const all: Record<'ours' | 'bare', Opening[]> = { ours: [], bare: [] }
  for (let count = 0; count < openings.before + openings.counted; count++) {
    all.ours.push(await open(ours, world.outlook, slower))
    all.bare.push(await open(bare, world.outlook, slower))
  }
  const counted = (one: Opening[]) => one.slice(openings.before)
  return { ours: counted(all.ours), bare: counted(all.bare) }
}

async function open(page: Page, address: string, slower: number): Promise<Opening> {
  const session = await page.context().newCDPSession(page)
  await session.send('Emulation.setCPUThrottlingRate', { rate: 1 })
  await page.goto(`${address}/`)
  await page.getByRole('button', { name: 'Zoom settings' }).waitFor()
  await page.waitForLoadState('networkidle')
  await session.send('Emulation.setCPUThrottlingRate', { rate: slower })
  await page.getByRole('button', { name: 'Zoom settings' }).click()
  const frame = await (await page.waitForSelector('iframe[title="Zoom settings"]')).contentFrame()
  if (!frame) throw new Error('The pane has no page.')
  const noted = await frame.waitForFunction(() => {
    const { noted } = window as unknown as { noted: { interactive: number; longest: number } }
    const painted = performance.getEntriesByName('first-contentful-paint')[0]?.startTime
    return noted.interactive > 0 && painted !== undefined && { ...noted, painted }
  })
  return (await noted.jsonValue()) as Opening
}

type Measured = Awaited<ReturnType<typeof inTurn>>

function print(quick: Measured, slow: Measured): void {
  const row = (name: string, openings: readonly Opening[], bare?: readonly Opening[]): Row => {
    const figure = (of: keyof Opening, all = openings) => median(all.map((one) => one[of]))
    const times = bare ? (figure('interactive') / figure('interactive', bare)).toFixed(2) : ''
    const longest = Math.max(...openings.map((one) => one.longest))
    return [
      name,
      milliseconds(figure('painted')),
      milliseconds(figure('interactive')),
      times,
      longest === 0 ? 'none' : milliseconds(longest),
    ]
  }
  const slowly = `, processor ${slowDown} × slower`
  printTable(
    `(l) The pane from its start until Add Zoom meeting can be pressed: medians of ${openings.counted} openings, in turn`,
    ['', 'first paint', 'interactive', 'of empty', 'longest task'],
    [
      row('pane', quick.ours, quick.bare),
      row('empty pane with Office.js', quick.bare),
      row(`pane${slowly}`, slow.ours, slow.bare),
      row(`empty pane with Office.js${slowly}`, slow.bare),
      ['target', '', '', '≤ 1.35', `≤ ${felt} ms, slowed`],
    ],
  )
}
