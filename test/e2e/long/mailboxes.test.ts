import type { Frame, Page } from 'playwright-core'
import { beforeEach, describe, expect, test } from 'vitest'
import { mailboxes } from '../../../src/simulator/people.ts'
import { office, openOutlook, openPane, simulator, world } from '../outlook.ts'

const { addin, exchange } = world

beforeEach(simulator.reset)

test('a mailbox is chosen among its like, and Outlook is that person’s from then on', async () => {
  const page = await openOutlook()
  const chooser = page.getByLabel('Mailbox')
  const group = chooser.locator('optgroup[label="Not on Exchange Online"] option')
  expect(await group.allTextContents()).toContain('Exchange 2019')
  await chooser.selectOption({ label: 'Exchange 2019' })
  const pane = await openPane(page)
  expect(await pane.evaluate(() => Office.context.mailbox.userProfile.emailAddress)).toBe(
    'tim@contoso.example',
  )
})

describe('on the organization’s own Exchange', () => {
  test('Outlook has Mailbox 1.5, the server’s version and no bridge, and still says what account it is', async () => {
    const pane = await openPane(await openOutlook({ mailbox: 'exchange-2019' }))
    const found = await pane.evaluate(() => {
      const { requirements, mailbox } = Office.context
      return {
        sets: ['1.5', '1.6'].map((version) => requirements.isSetSupported('Mailbox', version)),
        nested: requirements.isSetSupported('NestedAppAuth', '1.1'),
        bridge: 'nestedAppAuthBridge' in window,
        accountType: mailbox.userProfile.accountType,
        version: mailbox.diagnostics.hostVersion,
        ewsUrl: mailbox.ewsUrl,
      }
    })
    expect(found).toEqual({
      sets: [true, false],
      nested: false,
      bridge: false,
      accountType: 'enterprise',
      version: mailboxes['exchange-2019'].serverVersion,
      ewsUrl: `${exchange}/EWS/Exchange.asmx`,
    })
  })

  test.each(['exchange-2019', 'hybrid'] as const)('%s: the server says who it is', async (mailbox) => {
    const pane = await openPane(await openOutlook({ mailbox }))
    const { value: token } = await office(pane, 'getUserIdentityTokenAsync')
    const claims = claimsOf(token)
    expect(claims.aud).toBe(`${addin}/addin/taskpane/index.html`)
    expect(JSON.parse(claims.appctx ?? '')).toMatchObject({
      msexchuid: mailboxes[mailbox].exchangeId,
      amurl: `${exchange}/autodiscover/metadata/json/1`,
    })
    const callback = () => office(pane, 'getCallbackTokenAsync', { isRest: false })
    expect(await callback()).toEqual({ code: 9018 })
    await office(pane, 'item.saveAsync')
    expect(claimsOf((await callback()).value).appctx).toContain('"ews"')
  })
})

test.each(['exchange-online', 'outlook-com'] as const)('%s gives no Exchange tokens', async (mailbox) => {
  const pane = await openPane(await openOutlook({ mailbox }))
  expect(await office(pane, 'getUserIdentityTokenAsync')).toEqual({ code: 9018 })
  expect(await office(pane, 'getCallbackTokenAsync', { isRest: true })).toEqual({ code: 9018 })
})

describe('the bridge', () => {
  test.each([
    ['exchange-online', 'answers'],
    ['no-bridge', 'absent'],
    ['bridge-disabled', 'DISABLED'],
    ['bridge-throws', 'throws'],
    ['bridge-silent', 'silent'],
  ])('%s: %s', async (mailbox, expected) => {
    const pane = await openPane(await openOutlook({ mailbox }))
    expect(
      await pane.evaluate(() => Office.context.requirements.isSetSupported('NestedAppAuth', '1.1')),
    ).toBe(true)
    expect(await askBridge(pane, 'GetToken', expected === 'silent')).toBe(expected)
  })

  test('that needs the person asks, takes no for an answer, and does not ask twice after a yes', async () => {
    const page = await openOutlook({ mailbox: 'interaction-required' })
    const pane = await openPane(page)
    expect(await askBridge(pane, 'GetToken')).toBe('USER_INTERACTION_REQUIRED')
    const refused = askBridge(pane, 'GetTokenPopup')
    await page.getByRole('alertdialog').getByRole('button', { name: 'Cancel' }).click()
    expect(await refused).toBe('USER_CANCEL')
    const agreed = askBridge(pane, 'GetTokenPopup')
    await page.getByRole('alertdialog').getByRole('button', { name: 'Sign in' }).click()
    expect(await agreed).toBe('answers')
    expect(await askBridge(pane, 'GetToken')).toBe('answers')
  })
})

describe('a dialog of the add-in', () => {
  const inside = (page: Page) => page.frameLocator('iframe[data-runtime="dialog"]')

  test('is a window of its own, talks to the pane and tells that the person has closed it', async () => {
    const page = await openOutlook()
    const pane = await openPane(page)
    const [popup] = await Promise.all([page.waitForEvent('popup'), openDialog(pane)])
    await popup.waitForFunction(() => 'Office' in window && Office.context?.ui)
    await popup.evaluate(() => Office.context.ui.messageParent('hello', { targetOrigin: location.origin }))
    await expect.poll(() => heard(pane)).toEqual(['opened', 'hello'])
    await popup.close()
    await expect.poll(() => heard(pane)).toEqual(['opened', 'hello', 12006])
  })

  test('inside the window does the same', async () => {
    const page = await openOutlook()
    const pane = await openPane(page)
    await openDialog(pane, { displayInIframe: true })
    await expect.poll(() => heard(pane)).toEqual(['opened'])
    const dialog = await (await page.waitForSelector('iframe[data-runtime="dialog"]')).contentFrame()
    await dialog?.waitForFunction(() => 'Office' in window && Office.context?.ui)
    await dialog?.evaluate(() => Office.context.ui.messageParent('hello', { targetOrigin: location.origin }))
    await expect.poll(() => heard(pane)).toEqual(['opened', 'hello'])
    await page.getByRole('button', { name: 'Close dialog' }).click()
    await expect.poll(() => heard(pane)).toEqual(['opened', 'hello', 12006])
    await inside(page).owner().waitFor({ state: 'detached' })
  })

  test('does not open where the browser blocks pop-ups, and the add-in hears it', async () => {
    const page = await openOutlook({ mailbox: 'no-popups' })
    const pane = await openPane(page)
    await openDialog(pane)
    await expect.poll(() => heard(pane)).toEqual([12011])
    expect(page.context().pages()).toHaveLength(1)
  })
})

function claimsOf(token: unknown): Record<string, string> {
  return JSON.parse(Buffer.from(String(token).split('.')[1] ?? '', 'base64url').toString())
}

/** What comes of one message to the bridge, without MSAL in between. Only a silent bridge is not waited for. */
function askBridge(pane: Frame, method: string, silent = false): Promise<string> {
  return pane.evaluate(
    ([asked, silent]) =>
      new Promise<string>((resolve) => {
        const { nestedAppAuthBridge: bridge } = window as never as { nestedAppAuthBridge?: Bridge }
        if (!bridge) return resolve('absent')
        bridge.addEventListener('message', (text) => {
          const { requestId, success, error } = JSON.parse(text)
          if (requestId === id) resolve(success ? 'answers' : error.status)
        })
        if (silent) setTimeout(resolve, 900, 'silent')
        const id = crypto.randomUUID()
        const clientId = '5c0e0000-0000-4000-8000-00000000add1'
        const tokenParams = { clientId, scope: `api://${clientId}/access_as_user` }
        const request = { messageType: 'NestedAppAuthRequest', requestId: id, tokenParams }
        try {
          bridge.postMessage(JSON.stringify({ ...request, method: asked }))
        } catch {
          resolve('throws')
        }
      }),
    [method, silent] as const,
  )
}

interface Bridge {
  addEventListener(type: 'message', listener: (text: string) => void): void
  postMessage(text: string): void
}

/** Opens a page of the add-in; what the pane hears of it is kept there. */
async function openDialog(pane: Frame, options: Office.DialogOptions = {}): Promise<void> {
  await pane.evaluate(
    ([url, asked]) => {
      const said: unknown[] = []
      Object.assign(window, { said })
      const size = { height: 50, width: 40, promptBeforeOpen: false, ...asked }
      Office.context.ui.displayDialogAsync(url, size, ({ value: dialog, error }) => {
        said.push(error ? error.code : 'opened')
        if (error) return
        const hear = (event: object) =>
          said.push(Object.values(event).find((v) => v === 'hello' || v === 12006))
        dialog.addEventHandler(Office.EventType.DialogMessageReceived, hear)
        dialog.addEventHandler(Office.EventType.DialogEventReceived, hear)
      })
    },
    [`${addin}/addin/commands/index.html`, options] as const,
  )
}

const heard = (pane: Frame) => pane.evaluate(() => (window as never as { said: unknown[] }).said)
