import type { Locator, Page } from 'playwright-core'
import { beforeEach, expect, test } from 'vitest'
import { groups, mailboxes, rooms } from '../../../src/simulator/people.ts'
import { hasFocus, openConsole, schedule, tabTo } from '../administrator.ts'
import { openOutlook, picture, simulator, violations, world } from '../outlook.ts'

beforeEach(simulator.reset)

/** What the walk presses, in each language. */
const english = {
  title: 'Zoom for Outlook: administration',
  selectAll: 'Select everybody on this page',
  revoke: /^Revoke access of/,
  yes: 'Yes, revoke',
  find: 'Search',
  search: 'Object id, Zoom user id or sign-in name',
  mailbox: 'Object id of a room or a person',
  connect: 'Connect mailbox',
  group: 'Object id of a group',
  add: 'Add rule',
  review: 'Review changes',
  undo: 'Undo all changes',
  verify: 'Verify the whole trail',
  signOut: 'Sign out',
}
const french: typeof english = {
  title: 'Zoom for Outlook\u00a0: administration',
  selectAll: 'Sélectionner toutes les personnes de cette page',
  revoke: /^Révoquer l’accès de/,
  yes: 'Oui, révoquer',
  find: 'Rechercher',
  search: 'ID d’objet, ID d’utilisateur Zoom ou nom de connexion',
  mailbox: 'ID d’objet d’une salle ou d’une personne',
  connect: 'Connecter la boîte aux lettres',
  group: 'ID d’objet d’un groupe',
  add: 'Ajouter la règle',
  review: 'Vérifier les modifications',
  undo: 'Annuler toutes les modifications',
  verify: 'Vérifier le journal entier',
  signOut: 'Se déconnecter',
}

/** Words that are the same in both languages. */
const names =
  /^(Zoom for Outlook|Administration|Grace Hopper|Contacts|Microsoft 365|Google|Exchange Server|Exchange|Zoom|Entra|Azure Key Vault|Microsoft Graph|Invitation|active|local|audit)$/
/** Ids, numbers, and pairs as the audit trail has them. */
const noWords = /^[\W\d_]*$|^(app|key):|^\S*[\d=]\S*( \S+=\S+)*$/
/** A word that English sentences have and French ones do not. */
const englishWord = /\b(the|of|is|are|and|with|not|this|who|has|was|it|by|to)\b/i
/** French has a non-breaking space there, so that no line begins with the sign. */
const breaking = / [:;!?»]|« /

test('no page of the console in French has an English text, a fault that axe can find, or more width than 320 pixels', async () => {
  await schedule('exchange-online')
  const inEnglish = new Set(await walk(await openOutlook({}, { locale: 'en-GB' }), english))
  const page = await openOutlook({}, { locale: 'fr-CA' })
  await page.setViewportSize({ width: 320, height: 800 })
  const inFrench = await walk(page, french, async (name) => {
    await picture(page, `console French ${name}`)
    expect(await violations(page), name).toEqual([])
    expect(await page.evaluate(() => document.documentElement.scrollWidth), name).toBe(320)
  })
  expect(inFrench.length).toBeGreaterThan(100)
  expect(inFrench.filter((text) => inEnglish.has(text) && !names.test(text))).toEqual([])
  expect(inFrench.filter((text) => englishWord.test(text) || breaking.test(text))).toEqual([])
  const month = new Intl.DateTimeFormat('fr-CA', { month: 'short' }).format()
  expect(inFrench.some((text) => text.includes(month))).toBe(true)
})

/** Opens every page, and does what makes it say more. Returns all texts. `judge` is called at each stop. */
async function walk(page: Page, says: typeof english, judge = async (_: string) => {}): Promise<string[]> {
  const texts: string[] = []
  const stop = async (name: string) => {
    texts.push(...(await textsOf(page)))
    await judge(name)
  }
  const press = (name: string | RegExp) => page.getByRole('button', { name }).click()
  const open = async (place: string) => {
    await page.goto(`${world.addin}/console/#/${place}`)
    await page.locator(`a[href="#/${place}"][aria-current]`).waitFor()
    // There is no table of mailboxes before one is connected.
    await page.getByRole('table').or(page.getByLabel(says.mailbox)).first().waitFor()
  }
  await page.goto(`${world.addin}/console/`)
  await page.getByRole('button', { name: 'Microsoft' }).waitFor()
  expect(await page.title()).toBe(says.title)
  await stop('sign-in')

  await openConsole(page)
  await page.getByLabel(says.search).fill('Ada Lovelace')
  await press(says.find)
  await page.getByText('@').last().waitFor()
  await page.getByRole('checkbox', { name: says.selectAll }).check()
  await press(says.revoke)
  await stop('people')
  const always = {
    status: 503,
    body: { code: 'service_unreachable', title: 'It is busy.' },
    times: 'always',
  } as const
  await simulator.fault({ vendor: 'service', match: 'POST /admin/revocations', ...always })
  await press(says.yes)
  await page.getByRole('listitem').first().waitFor()
  await stop('revoked')
  await simulator.mend()

  const { tenantId, objectId } = mailboxes['exchange-online']
  await page.goto(`${world.addin}/console/#/people/entra:${tenantId}:${objectId}`)
  await page.getByRole('term').first().waitFor()
  await stop('person')

  await open('mailboxes')
  await page.getByLabel(says.mailbox).fill('Attic')
  await press(says.connect)
  await page.getByLabel(says.mailbox).fill(rooms.attic.objectId)
  await press(says.connect)
  await page.getByRole('row').filter({ hasText: rooms.attic.objectId }).waitFor()
  await stop('mailboxes')

  await open('policies')
  await page.getByLabel(says.group).fill('Pilots')
  await press(says.add)
  await stop('no group')
  await page.getByLabel(says.group).fill(groups.pilots)
  await press(says.add)
  await press(says.review)
  await page.getByRole('region').getByRole('status').waitFor()
  await stop('policies')
  await press(says.undo)

  await open('audit')
  const fault = { seq: 5, kind: 'changed', says: 'Record 5 is not as it was written.' }
  await simulator.fault({
    vendor: 'service',
    match: 'GET /admin/audit/verification',
    status: 200,
    body: { intact: false, first: 1, last: 4, checkpoints: 0, fault },
  })
  await press(says.verify)
  await page.getByRole('status').filter({ hasText: '5' }).waitFor()
  await stop('broken')
  await press(says.verify)
  await page.getByRole('status').filter({ hasText: '.' }).waitFor()
  await stop('audit')
  await open('mailboxes')
  await stop('mailboxes')
  await open('keys')
  await stop('keys')
  await simulator.fault({ vendor: 'service', match: 'GET /admin/health', ...always })
  await page.goto(`${world.addin}/console/#/health`)
  await page.getByRole('alert').waitFor()
  await stop('failure')
  await simulator.mend()
  await page.getByRole('alert').getByRole('button').click()
  await page.getByRole('table').waitFor()
  await stop('health')
  await press(says.signOut)
  return texts.filter((text) => !noWords.test(text))
}

/** Everything that this page shows or tells a screen reader, but what it marks as another language. */
const textsOf = (page: Page) =>
  page.evaluate(() => {
    const found = [document.title]
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    while (texts.nextNode())
      if (!texts.currentNode.parentElement?.closest('body [lang], script, style'))
        found.push(texts.currentNode.textContent ?? '')
    for (const element of document.querySelectorAll('[aria-label]'))
      found.push(element.getAttribute('aria-label') ?? '')
    return found.map((text) => text.trim())
  })

test('an administrator changes the language where they are, and the browser keeps it', async () => {
  const page = await openConsole(await openOutlook())
  const language = () => page.evaluate(() => document.documentElement.lang)
  expect(await language()).toBe('en')
  await page.getByRole('link', { name: 'Health' }).click()
  await page.getByRole('button', { name: 'Français' }).click()
  await page.getByRole('heading', { name: 'État des systèmes' }).waitFor()
  expect(await language()).toBe('fr')
  await page.reload()
  await page.getByRole('heading', { name: 'État des systèmes' }).waitFor()
  await page.getByRole('button', { name: 'English' }).click()
  await page.getByRole('heading', { name: 'Health' }).waitFor()
})

test('by keyboard alone, an administrator changes the language, revokes a person, allows them again and reviews a rule', async () => {
  await schedule('exchange-online')
  const page = await openConsole(await openOutlook())
  const { objectId } = mailboxes['exchange-online']
  const enter = async (wanted: Locator) => {
    await tabTo(page, wanted)
    await page.keyboard.press('Enter')
  }
  const button = (name: string) => page.getByRole('button', { name })
  const link = (name: string) => page.getByRole('link', { name })
  const status = (text: string) => page.getByRole('status').filter({ hasText: text })

  await enter(button('Français'))
  await page.getByRole('heading', { name: 'Personnes' }).waitFor()
  await tabTo(page, page.getByRole('checkbox', { name: objectId }))
  await page.keyboard.press('Space')
  await enter(button('Révoquer l’accès de la personne sélectionnée'))
  await page.keyboard.press('Shift+Tab')
  await expect.poll(() => hasFocus(button('Oui, révoquer'))).toBe(true)
  await page.keyboard.press('Enter')
  await status('Accès révoqués : 1.').waitFor()
  await expect.poll(() => hasFocus(status('Accès révoqués : 1.'))).toBe(true)
  // The next link is in the result.
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await enter(button('Autoriser de nouveau'))
  const allowed = status('Cette personne peut de nouveau connecter un compte.')
  await allowed.waitFor()
  await expect.poll(() => hasFocus(allowed)).toBe(true)

  await enter(link('Stratégies'))
  await tabTo(page, page.getByLabel('ID d’objet d’un groupe'))
  await page.keyboard.type(groups.pilots)
  await enter(button('Ajouter la règle'))
  await enter(button('Vérifier les modifications'))
  await button('Enregistrer les règles').waitFor()
  await expect.poll(() => hasFocus(button('Enregistrer les règles'))).toBe(true)
  await enter(button('Annuler toutes les modifications'))
  await status('Les règles enregistrées sont de nouveau affichées.').waitFor()
})
