import type { Browser, Page } from 'playwright-core'
import { afterAll, inject } from 'vitest'
import { temporaryFolder } from '../../../../src/simulator/kit/temporary.ts'
import { openWorld, type World } from '../../../../src/simulator/world.ts'
import { createDatabase } from '../../../kit.ts'
import { simulatorOf } from '../../simulator.ts'
import { startBrowser } from '../../start-browser.ts'

/** The service's. */
export type Settings = Record<string, string>

/** A world of its own and an Outlook in it: what goes wrong there does so nowhere else. */
export interface Lane {
  page: Page
  outlook: string
  simulator: ReturnType<typeof simulatorOf>
  /** How many functions of the add-in Outlook has started since the last reset. */
  started: number
  /** The body can only be added to: what Outlook wrote there without saying so may be written again. */
  repeats: boolean
}

/** As many as two cores take, two files at a time: most of the time they wait for something that does not answer. */
export const count = 3

/** Opens the lanes; the answer lets an act have one to itself. */
export async function openLanes(settings: Settings) {
  const closing = new AbortController()
  const worlds = await Promise.all(Array.from({ length: count }, () => openOne(settings, closing.signal)))
  const browser = await startBrowser(worlds.map(({ certificate }) => certificate.fingerprint))
  afterAll(async () => {
    await browser.close()
    closing.abort()
    await Promise.all(worlds.map(({ closed }) => closed))
  })
  const free = await Promise.all(worlds.map((world) => laneIn(browser, world)))
  const waiting: ((lane: Lane) => void)[] = []

  return async function inLane<T>(act: (lane: Lane) => Promise<T>): Promise<T> {
    const lane = free.pop() ?? (await new Promise<Lane>((resolve) => waiting.push(resolve)))
    try {
      return await act(lane)
    } finally {
      const next = waiting.shift()
      if (next) next(lane)
      else free.push(lane)
    }
  }
}

async function openOne(settings: Settings, signal: AbortSignal): Promise<World> {
  const data = temporaryFolder()
  const databaseUrl = inject('postgres') ? await createDatabase() : undefined
  const world = await openWorld(
    {
      port: 'anywhere',
      dataDir: data.path,
      databaseUrl,
      settings: { SWEEP_SECONDS: '5', CALLER_PER_MINUTE: '100000', ...settings },
      say: () => {},
    },
    signal,
  )
  return { ...world, closed: world.closed.finally(data.remove) }
}

async function laneIn(browser: Browser, world: World): Promise<Lane> {
  const context = await browser.newContext({ viewport: { width: 900, height: 700 } })
  // What turns while somebody waits would cost more than all the rest.
  await context.addInitScript(() => {
    const still = new CSSStyleSheet()
    still.replaceSync('* { animation: none !important; transition: none !important }')
    document.adoptedStyleSheets.push(still)
  })
  const page = await context.newPage()
  // Where Outlook's bridge fails, the add-in asks the person to sign in, who does.
  context.on('page', (window) =>
    window
      .getByRole('button', { name: 'Sign in as Ada Lovelace' })
      .click()
      .catch(() => {}),
  )
  page.setDefaultTimeout(180_000)
  return { page, outlook: world.outlook, simulator: simulatorOf(world), started: 0, repeats: false }
}
