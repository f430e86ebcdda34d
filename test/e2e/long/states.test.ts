import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Frame, Page } from 'playwright-core'
import { beforeEach, describe, expect, test } from 'vitest'
import type { Language } from '../../../src/contract/languages.ts'
import { sample } from '../../sample.ts'
import { boxesIn, overlapsIn, smallTargetsIn } from '../geometry.ts'
import { looks, sideways } from '../looks.ts'
import { simulator, violations } from '../outlook.ts'
import { paneIn, paneStates } from '../states.ts'

beforeEach(simulator.reset)

/** `npm run pictures`: every state, and no judgement by axe-core, which takes most of the time. */
const pictures = process.env.PICTURES
const languages = (pictures ?? 'en ar').split(' ') as Language[]
const themes = [looks.light, looks.dark, looks['high contrast']]
/** Pixels of CSS. */
const widths = [320, 400, 640]

describe.each(languages)('the pane in %s', (language) => {
  test.each(pictures ? paneStates : sample(paneStates, 6))(
    'in the state "$name" has everything where it is in the other themes, nothing is hidden, and targets can be hit',
    async (state) => {
      const { page, pane } = await paneIn(state, language, { width: 320, height: 900 })
      for (const width of widths) {
        let first: unknown
        for (const { name, media } of themes) {
          await page.emulateMedia({ ...{ colorScheme: 'light', forcedColors: null }, ...media })
          await pane.waitForFunction(hasTheme, 'colorScheme' in media && media.colorScheme === 'dark')
          const where = `${state.name}, ${name}, ${width}`
          if (!first) await shownWhole(page, pane, width)
          await settle(pane)
          await keep(page, join(language, `${state.name} ${width} ${name}.png`))
          const boxes = await boxesIn(pane)
          first ??= boxes
          expect.soft(boxes, where).toEqual(first)
          expect.soft(await sideways(pane), where).toBe(0)
          expect.soft(await overlapsIn(pane), where).toEqual([])
          expect.soft(await smallTargetsIn(pane), where).toEqual([])
          if (!pictures) expect.soft(await violations(pane), where).toEqual([])
        }
      }
    },
  )
})

/** Makes the window as high as what the pane has to show: a browser does not paint what is out of sight. */
async function shownWhole(page: Page, pane: Frame, width: number): Promise<void> {
  const frame = await pane.frameElement()
  await page.setViewportSize({ width, height: 500 })
  const beside = await frame.evaluate((element: Node) => (element as HTMLElement).getBoundingClientRect().top)
  const height = await pane.evaluate(() => document.documentElement.scrollHeight)
  await page.setViewportSize({ width, height: Math.ceil(beside + height) })
}

/** The theme is loaded when it is needed. */
function hasTheme(isDark: boolean): boolean {
  const color = getComputedStyle(document.querySelector('.provider') as Element).backgroundColor
  const [red = 255] = color.match(/\d+/g)?.map(Number) ?? []
  return matchMedia('(forced-colors: active)').matches || red < 128 === isDark
}

/** Waits until colours have changed and everything is painted. */
async function settle(pane: Frame): Promise<void> {
  await pane.evaluate(async () => {
    const ending = document
      .getAnimations()
      .filter(({ effect }) => effect?.getTiming().iterations !== Infinity)
    await Promise.allSettled(ending.map(({ finished }) => finished))
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))
  })
}

async function keep(page: Page, path: string): Promise<void> {
  const whole = join('artifacts', 'pictures', path)
  await mkdir(join(whole, '..'), { recursive: true })
  await page
    .screenshot({ path: whole })
    .catch((error: Error) => console.warn(`There is no picture of ${path}: ${error.message}`))
}
