import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import type { Browser, Page } from 'playwright-core'
import { build } from 'vite'
import { inBrowser } from './in-browser.ts'
import { kilobytes, median, milliseconds, printTable } from './table.ts'

/** Openings of each page, in turn, after some that are not counted. */
const openings = { counted: 9, before: 2 }
/** How much slower the processor is. */
const slowDown = 4
const target = 90_000

/** (u) *Upcoming* from its start until somebody can sign in, beside a page of the same framework with nothing but a button. */
export const measureUpcoming = () =>
  inBrowser(async (browser, { addin }) => {
    const [ours, empty] = [await pageOf(browser, builtFiles()), await pageOf(browser, await emptyFiles())]
    const rows = []
    for (const slower of [1, slowDown]) {
      const all: [Page, number[]][] = [
        [ours, []],
        [empty, []],
      ]
      for (let count = 0; count < openings.before + openings.counted; count++)
        for (const [page, times] of all) times.push(await open(page, `${addin}/upcoming/`, slower))
      const [own, other] = all.map(([, times]) => median(times.slice(openings.before))) as [number, number]
      const speed = slower > 1 ? `, processor ${slower} × slower` : ''
      rows.push(
        [`Upcoming${speed}`, milliseconds(own), (own / other).toFixed(2), '≤ 1.35'],
        [`an empty page with React${speed}`, milliseconds(other), '', ''],
      )
    }
    printTable('(u) Upcoming until somebody can sign in', ['', 'interactive', 'of empty', 'target'], rows)
    const bytes = [...builtFiles().values()].reduce(
      (sum, file) => sum + gzipSync(file, { level: 9 }).length,
      0,
    )
    printTable(
      '(u) Bytes of its first load',
      ['', 'gzip -9', 'target'],
      [['page, script, style and manifest', kilobytes(bytes), `≤ ${target / 1000} kB`]],
    )
  })

/** What the first load of *Upcoming* needs, by address. */
function builtFiles(): Map<string, string> {
  const read = (path: string) => readFileSync(`dist/${path}`, 'utf8')
  const html = read('upcoming/index.html')
  const needed = [...html.matchAll(/(?:src|href)="\/(upcoming\/[^"]+)"/g)].map(([, path = '']) => path)
  return new Map([['/upcoming/', html], ...needed.map((path) => [`/${path}`, read(path)] as const)])
}

/** A page with React and a button, built as ours is. */
async function emptyFiles(): Promise<Map<string, string>> {
  const entry = fileURLToPath(new URL('empty-page.tsx', import.meta.url))
  const built = await build({
    configFile: false,
    logLevel: 'warn',
    define: { 'process.env.NODE_ENV': '"production"' },
    oxc: { jsx: { development: false } },
    build: { write: false, target: 'es2022', rolldownOptions: { input: entry } },
  })
  const { output } = (Array.isArray(built) ? built[0] : built) as { output: { code?: string }[] }
  const html =
    '<!doctype html><title>Empty</title><div id="empty"></div><script type="module" src="/upcoming/empty.js"></script>'
  return new Map([
    ['/upcoming/', html],
    ['/upcoming/empty.js', output[0]?.code ?? ''],
  ])
}

/** A tab that notes when the first button is there. The files come from memory, so that the network counts for neither. */
async function pageOf(browser: Browser, files: ReadonlyMap<string, string>): Promise<Page> {
  const tab = await (await browser.newContext({ ignoreHTTPSErrors: true })).newPage()
  await tab.addInitScript(() => {
    new MutationObserver((_, observer) => {
      if (!document.querySelector('button')) return
      observer.disconnect()
      Object.assign(window, { interactive: performance.now() })
    }).observe(document, { subtree: true, childList: true })
  })
  await tab.route('**/upcoming/**', (route) => {
    const { pathname } = new URL(route.request().url())
    const body = files.get(pathname)
    return body === undefined ? route.continue() : route.fulfill({ contentType: typeOf(pathname), body })
  })
  return tab
}

const typeOf = (path: string) =>
  path.endsWith('.js') ? 'text/javascript' : path.endsWith('.css') ? 'text/css' : 'text/html'

async function open(page: Page, address: string, slower: number): Promise<number> {
  const session = await page.context().newCDPSession(page)
  await session.send('Emulation.setCPUThrottlingRate', { rate: slower })
  await page.goto(address)
  const noted = await page.waitForFunction(() => (window as { interactive?: number }).interactive)
  await session.detach()
  return Number(await noted.jsonValue())
}
