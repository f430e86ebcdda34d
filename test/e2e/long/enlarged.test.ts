import type { Frame, Page } from 'playwright-core'
import { beforeEach, describe, expect, test } from 'vitest'
import type { Language } from '../../../src/contract/languages.ts'
import { cutIn, overlapsIn } from '../geometry.ts'
import { sideways } from '../looks.ts'
import { simulator } from '../outlook.ts'
import { paneIn, paneStates } from '../states.ts'

beforeEach(simulator.reset)

const names = ['meeting', 'failed', 'removing', 'all options', 'connections', 'account', 'what left']
const states = paneStates.filter(({ name }) => names.includes(name))
const languages: Language[] = ['en', 'ar']

describe.each(languages)('the pane in %s', (language) => {
  test.each(states)(
    'in the state "$name" at 400 % zoom scrolls in one direction, cuts nothing, and shows what has the focus',
    async (state) => {
      const { page, pane } = await paneIn(state, language, { width: 1280, height: 1024 })
      await zoom(page, 4)
      expect(await page.evaluate(() => devicePixelRatio)).toBe(4)
      await expect.poll(() => pane.evaluate(() => innerWidth)).toBeLessThanOrEqual(320)
      expect(await sideways(pane)).toBe(0)
      expect(await cutIn(pane)).toEqual([])
      await tabThrough(page, pane)
    },
  )

  test.each(states)(
    'in the state "$name" with text of 200 % cuts nothing, and nothing covers anything',
    async (state) => {
      const { page, pane } = await paneIn(state, language, { width: 320, height: 900 })
      await doubleText(pane)
      expect(await sideways(pane)).toBe(0)
      expect(await cutIn(pane)).toEqual([])
      expect(await overlapsIn(pane)).toEqual([])
      await tabThrough(page, pane)
    },
  )
})

/** The window stays as it is, and each pixel of CSS takes as many as this in both directions. */
async function zoom(page: Page, factor: number): Promise<void> {
  const { width, height } = page.viewportSize() ?? { width: 0, height: 0 }
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('Emulation.setDeviceMetricsOverride', {
    ...{ width: width / factor, height: height / factor, deviceScaleFactor: factor },
    mobile: false,
  })
}

/** As a browser that enlarges only text. */
const doubleText = (pane: Frame) =>
  pane.evaluate(() => {
    const sizes = [...document.querySelectorAll<HTMLElement>('*')].map((element) => {
      const { fontSize, lineHeight } = getComputedStyle(element)
      return { element, fontSize, lineHeight }
    })
    for (const { element, fontSize, lineHeight } of sizes) {
      element.style.setProperty('font-size', `calc(2 * ${fontSize})`, 'important')
      if (lineHeight !== 'normal')
        element.style.setProperty('line-height', `calc(2 * ${lineHeight})`, 'important')
    }
  })

/** What has the focus is in sight, and nothing is above it (WCAG 2.2, 2.4.11). */
async function tabThrough(page: Page, pane: Frame): Promise<void> {
  await pane.getByRole('button').first().focus()
  const reached = new Set<string>()
  for (let count = 0; count < 100; count++) {
    const isInPane = await page.evaluate(() => document.activeElement?.localName === 'iframe')
    if (!isInPane) break
    const seen = await pane.evaluate(() => {
      const focused = document.activeElement as HTMLElement
      // After the last control the focus is on its way to Outlook.
      if (focused === document.body) return undefined
      const { left, top, right, bottom } = focused.getBoundingClientRect()
      const inset = 3
      const corners = [
        [left + inset, top + inset],
        [right - inset, top + inset],
        [left + inset, Math.min(bottom, top + innerHeight) - inset],
      ] as const
      const isSeen = ([x, y]: readonly [number, number]) => {
        const hit = document.elementFromPoint(x, y)
        return hit !== null && (focused.contains(hit) || hit.contains(focused))
      }
      const name = `${focused.localName} ${focused.ariaLabel ?? (focused.innerText || focused.id)}`
      return { name, isHidden: !corners.every(isSeen) }
    })
    if (!seen) break
    expect.soft(seen.isHidden, seen.name).toBe(false)
    reached.add(seen.name)
    await page.keyboard.press('Tab')
  }
  expect(reached.size).toBeGreaterThan(4)
}
