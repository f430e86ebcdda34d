import type { Frame, Page } from 'playwright-core'
import { beforeEach, describe, expect, test } from 'vitest'
import type { Language } from '../../../src/contract/languages.ts'
import { groupsIn, labelOf, locales, textIn } from '../in-language.ts'
import { sideways } from '../looks.ts'
import { openOutlook, picture, simulator, violations } from '../outlook.ts'

beforeEach(simulator.reset)

const others = Object.entries(locales) as [Exclude<Language, 'en'>, string][]

/** The pane of an Outlook in this language, once somebody has signed in. */
async function openPane(page: Page, locale: string): Promise<Frame> {
  const label = labelOf('settings', locale)
  await page.getByRole('button', { name: label }).press('Enter')
  const pane = (await (await page.waitForSelector(`iframe[title="${label}"]`)).contentFrame()) as Frame
  await pane.getByText('ada@').first().waitFor()
  return pane
}

async function narrow(locale: string): Promise<Page> {
  const page = await openOutlook({ lang: locale })
  await page.setViewportSize({ width: 320, height: 2400 })
  return page
}

describe.each(others)('in %s', (language, locale) => {
  const text = textIn(language)

  test('every text of the pane is in the language, and at 320 pixels nothing is cut or wider than the pane', async () => {
    const page = await narrow(locale)
    const pane = await openPane(page, locale)
    const press = (name: string) => pane.getByRole('button', { name, exact: true }).click()
    const groups = [groupsIn(language), groupsIn(language, 'service')].flatMap((file) => Object.values(file))
    const known = new Set(
      groups
        .flatMap((group) => Object.values(group))
        .flatMap((one) => (typeof one === 'string' ? one : Object.values(one))),
    )
    const stop = async (name: string) => {
      await picture(page, `pane ${language} ${name}`)
      expect(await sideways(pane), name).toBe(0)
      expect(await cutIn(pane), name).toEqual([])
      expect(await violations(pane), name).toEqual([])
      const strange = (await textsOf(pane)).filter((found) => !known.has(found) && !isData(found))
      expect(
        strange.filter((found) => !isFilled(found, known)),
        name,
      ).toEqual([])
    }
    expect(await pane.evaluate(() => document.documentElement.dir)).toBe(language === 'ar' ? 'rtl' : 'ltr')
    await stop('before')
    await press(text('pane', 'add'))
    await pane.getByText(text('pane', 'current'), { exact: true }).waitFor()
    await page.getByText(text('notices', 'added')).waitFor()
    expect(await page.getByRole('textbox', { name: 'Body' }).innerText()).toMatch(
      new RegExp(`^${text('invitation', 'opening')}`),
    )
    await stop('added')
    await press(text('pane', 'options'))
    await pane.getByRole('switch', { name: text('options', 'waitingRoom') }).waitFor()
    await stop('options')
    await press(text('pane', 'hideOptions'))
    await press(text('pane', 'manage'))
    await press(text('pane', 'disconnect'))
    await press(text('pane', 'remove'))
    await stop('questions')
    await page.getByLabel('Title').fill('Renamed')
    await simulator.fault({ vendor: 'zoom', status: 503, times: 'always' })
    await pane.getByRole('button', { name: text('pane', 'check') }).click()
    await pane.getByRole('alert').waitFor()
    await stop('failed')
    await simulator.mend()
  })
})

test('classic Outlook in German asks in German before it sends what Zoom does not have', async () => {
  const text = textIn('de')
  const page = await openOutlook({ lang: 'de-DE', client: 'windows-classic' })
  await page.getByRole('button', { name: labelOf('add', 'de-DE') }).click()
  await page.getByText(text('notices', 'added')).waitFor()
  await page.getByLabel('Title').fill('Renamed')
  await simulator.fault({ vendor: 'zoom', status: 503, times: 'always' })
  await page.getByRole('button', { name: 'Send', exact: true }).click()
  await page.getByText(text('launch', 'behind')).waitFor()
  await page.getByText('Zoom hat nicht geantwortet. Ihr Termin ist unverändert.').waitFor()
  const question = page.getByRole('alertdialog')
  await question.getByRole('button', { name: text('launch', 'openSettings') }).waitFor()
})

test('a page that cannot load its language is in English, and what it wrote is taken out in another language', async () => {
  const text = textIn('de')
  const page = await openOutlook({ lang: 'de-DE', bodyType: 'text', body: 'Hallo zusammen\n' })
  const body = page.getByRole('textbox', { name: 'Body' })
  await page.route('**/assets/de-*.js', (route) => route.abort())
  const inEnglish = await openPane(page, 'de-DE')
  await inEnglish.getByRole('switch', { name: 'Tidy the invitation text' }).check()
  await inEnglish.getByRole('button', { name: 'Add Zoom meeting' }).click()
  await inEnglish.getByText('Up to date', { exact: true }).waitFor()
  expect(await body.textContent()).toMatch(/^Join Zoom Meeting\nhttps:.*\n\nMeeting ID: /)

  await page.unroute('**/assets/de-*.js')
  await page.getByRole('button', { name: 'Close task pane' }).click()
  const inGerman = await openPane(page, 'de-DE')
  await inGerman.getByRole('button', { name: text('pane', 'remove') }).click()
  await inGerman.getByRole('button', { name: text('pane', 'removeYes') }).click()
  await inGerman.getByText(text('pane', 'removed')).waitFor()
  expect(await body.textContent()).toBe('Hallo zusammen\n')
})

/** What is the person's own: the title, a date or a zone, an address or an id. */
const isData = (text: string) =>
  ['', 'Quarterly review', 'Renamed'].includes(text) ||
  /^[\W\d_]*$|^https:|Standard Time$|2026|٢٠٢٦/.test(text)

/** Whether a text is one of these with its placeholders filled. */
const isFilled = (text: string, known: Set<string>) =>
  [...known].some((one) => {
    if (!one.includes('{')) return false
    const parts = one.split(/\{\w+\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    return new RegExp(`^${parts.join('.*')}$`).test(text)
  })

/** Everything that this page shows or tells a screen reader. */
const textsOf = (pane: Frame) =>
  pane.evaluate(() => {
    const found: string[] = []
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    while (texts.nextNode())
      if (!texts.currentNode.parentElement?.closest('script, style'))
        found.push(texts.currentNode.textContent ?? '')
    for (const element of document.querySelectorAll('[aria-label]'))
      found.push(element.getAttribute('aria-label') ?? '')
    return found.map((text) => text.trim())
  })

/** The texts that their own box does not show whole. */
const cutIn = (pane: Frame) =>
  pane.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('#pane *')]
      .filter(
        ({ innerText, scrollWidth, clientWidth }) =>
          innerText && clientWidth > 0 && scrollWidth > clientWidth + 1,
      )
      // A link on one line is whole where it leads to.
      .filter((element) => element.localName !== 'a' && getComputedStyle(element).display !== 'inline')
      .map((element) => `${element.localName}: ${element.innerText}`),
  )
