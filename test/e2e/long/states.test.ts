import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Frame, Page } from 'playwright-core'
import { beforeEach, describe, expect, test } from 'vitest'
import { addressOf, places } from '../../../src/console/place.ts'
import type { Language } from '../../../src/contract/languages.ts'
import { mailboxes } from '../../../src/simulator/people.ts'
import { sample } from '../../sample.ts'
import { openConsole, schedule } from '../administrator.ts'
import { boxesIn, overlapsIn, smallTargetsIn } from '../geometry.ts'
import { looks, sideways } from '../looks.ts'
import { openOutlook, simulator, violations, world } from '../outlook.ts'
import { paneIn, paneStates } from '../states.ts'

beforeEach(simulator.reset)

/** `npm run pictures`: the languages, whose states are all shown, and not judged by axe-core, which takes most of the time. */
const pictures = process.env.PICTURES
const languages = (pictures ?? 'en ar').split(' ') as Language[]
const themes = [looks.light, looks.dark, looks['high contrast']]

describe.each(languages)('the pane in %s', (language) => {
  test.each(pictures ? paneStates : sample(paneStates, 6))(
    'in the state "$name" is in its place in every theme, nothing is hidden, and targets can be hit',
    async (state) => {
      const { page, pane } = await paneIn(state, language, { width: 320, height: 900 })
      await judge(page, pane, [320, 400, 640], join(language, state.name))
    },
  )
})

describe.each([
  ['English', 'en-GB'],
  ['French', 'fr-CA'],
])('the console in %s', (language, locale) => {
  test('is in its place in every theme on each of its pages, nothing is hidden, and targets can be hit', async () => {
    await schedule('exchange-online')
    const page = await openConsole(await openOutlook({}, { locale }))
    for (const place of places) {
      await page.goto(`${world.addin}/console/#/${place}`)
      await page.locator(`a[href="#/${place}"][aria-current]`).waitFor()
      await page.getByRole('heading', { level: 1 }).waitFor()
      await expect.poll(() => page.getByRole('progressbar').count()).toBe(0)
      // The doctor asks Microsoft and Zoom meanwhile.
      await expect.poll(() => page.getByText(/^(Checking|Vérification en cours)/).count()).toBe(0)
      await judge(page, page, [320, 768, 1280], join(`console ${language}`, place))
    }
    const ada = `entra:${mailboxes['exchange-online'].tenantId}:${mailboxes['exchange-online'].objectId}`
    await page.goto(`${world.addin}/console/${addressOf({ name: 'person', subject: ada })}`)
    await page.getByRole('heading', { level: 2 }).first().waitFor()
    await expect.poll(() => page.getByRole('progressbar').count()).toBe(0)
    await judge(page, page, [320, 768, 1280], join(`console ${language}`, 'person'))
  })
})

test('the sign-in window is in its place in every theme, and nothing is hidden', async () => {
  const page = await openOutlook()
  await page.goto(`${world.addin}/addin/dialog/index.html`)
  // Outside of Outlook it goes no further.
  await page.getByRole('heading', { name: 'Signing in' }).waitFor()
  await judge(page, page, [320, 400, 640], join('en', 'sign-in window'))
})

test.each(themes)(
  'by keyboard in $name, each control of the pane is reached in its order, is seen to have the focus, and Esc ends nothing',
  async ({ media }) => {
    const state = paneStates.find(({ name }) => name === 'removing') as (typeof paneStates)[number]
    const { page, pane } = await paneIn(state, 'en', { width: 320, height: 900 })
    await page.emulateMedia({ ...{ colorScheme: 'light', forcedColors: null }, ...media })
    await pane.waitForFunction(hasTheme, 'colorScheme' in media && media.colorScheme === 'dark')
    await showAll(page, pane, 320)
    const isInPane = () => page.evaluate(() => document.activeElement?.localName === 'iframe')
    // The focus is shown to those who use the keyboard.
    await pane.getByRole('link', { name: 'https' }).focus()
    await page.keyboard.press('Shift+Tab')
    const reached: string[] = []
    for (let last = 0; await isInPane(); ) {
      const focused = pane.locator(':focus')
      const { x, y, width, height } = (await focused.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 }
      const name = await focused.evaluate((one: HTMLElement) => one.ariaLabel ?? (one.innerText || one.id))
      const clip = { x: x - 3, y: y - 3, width: width + 6, height: height + 6 }
      expect.soft(y + height, name).toBeGreaterThan(last)
      last = y
      reached.push(name)
      await settle(pane)
      const focusedLooks = await page.screenshot({ clip })
      await page.keyboard.press('Tab')
      await settle(pane)
      expect.soft(focusedLooks.equals(await page.screenshot({ clip })), name).toBe(false)
    }
    const [meeting] = await simulator.meetings()
    expect(reached.slice(0, 8)).toEqual([
      ...['Check again', String(meeting?.join_url), 'Copy link', 'Copy invitation', 'Open in Zoom'],
      ...['Meeting options', 'Yes, remove', 'Keep meeting'],
    ])
    expect(reached).toContain('What left this device')
    await pane.getByRole('button', { name: 'Keep meeting' }).focus()
    await page.keyboard.press('Escape')
    await expect.poll(isInPane).toBe(false)
    expect(await pane.getByRole('button', { name: 'Keep meeting' }).isVisible()).toBe(true)
  },
)

/**
 * Looks at a page in each theme at each of these widths, in pixels of CSS. 320 are also a window of 1,280 at 400 % zoom.
 * Pictures are kept and not compared, because they depend on the fonts of the machine: the boxes of one run are. A theme
 * must move nothing.
 */
async function judge(
  page: Page,
  whole: Page | Frame,
  widths: readonly number[],
  name: string,
): Promise<void> {
  for (const width of widths) {
    let first: unknown
    for (const { name: theme, media } of themes) {
      const where = `${name} ${width} ${theme}`
      await page.emulateMedia({ ...{ colorScheme: 'light', forcedColors: null }, ...media })
      await whole.waitForFunction(hasTheme, 'colorScheme' in media && media.colorScheme === 'dark')
      if (!first) {
        await comeToRest(whole)
        await showAll(page, whole, width)
      }
      await settle(whole)
      await keep(page, where)
      const boxes = await boxesIn(whole)
      first ??= boxes
      expect.soft(boxes, where).toEqual(first)
      expect.soft(await sideways(whole), where).toBe(0)
      expect.soft(await overlapsIn(whole), where).toEqual([])
      expect.soft(await smallTargetsIn(whole), where).toEqual([])
      if (!pictures && whole !== page) expect.soft(await violations(whole), where).toEqual([])
    }
  }
}

/** The theme is loaded when it is needed. A page without one of its own has that of the browser. */
function hasTheme(isDark: boolean): boolean {
  const provider = document.querySelector('.provider')
  if (!provider || matchMedia('(forced-colors: active)').matches) return true
  const [red = 255] = getComputedStyle(provider).backgroundColor.match(/\d+/g)?.map(Number) ?? []
  return red < 128 === isDark
}

/** Makes the window as high as what there is to show: a browser does not paint what is out of sight. */
async function showAll(page: Page, whole: Page | Frame, width: number): Promise<void> {
  await page.setViewportSize({ width, height: 500 })
  const frame = 'frameElement' in whole ? await whole.frameElement() : undefined
  const beside = await frame?.evaluate(
    (element: Node) => (element as HTMLElement).getBoundingClientRect().top,
  )
  const height = await whole.evaluate(() => document.documentElement.scrollHeight)
  await page.setViewportSize({ width, height: Math.ceil((beside ?? 0) + height) })
}

/** Waits until everything is there: what is below the meeting loads by and by. */
async function comeToRest(whole: Page | Frame): Promise<void> {
  const shown = async () => JSON.stringify(await boxesIn(whole))
  for (let [before, now] = ['', await shown()]; before !== now; [before, now] = [now, await shown()])
    await pause(1_000)
}

/** Waits until colours have changed and everything is painted. */
async function settle(whole: Page | Frame): Promise<void> {
  await whole.evaluate(async () => {
    const ending = document
      .getAnimations()
      .filter(({ effect }) => effect?.getTiming().iterations !== Infinity)
    await Promise.allSettled(ending.map(({ finished }) => finished))
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))
  })
}

async function keep(page: Page, name: string): Promise<void> {
  const path = join('artifacts', 'pictures', `${name}.png`)
  await mkdir(dirname(path), { recursive: true })
  await page
    .screenshot({ path })
    .catch((error: Error) => console.warn(`There is no picture of ${name}: ${error.message}`))
}
