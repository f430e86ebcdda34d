import type { Frame, Page } from 'playwright-core'
import { beforeEach, describe, expect, test } from 'vitest'
import { type ConnectionState, providers, stateNames, stateOf } from '../../../src/contract/connections.ts'
import { connectionPath, paths } from '../../../src/contract/paths.ts'
import {
  ask,
  openConnections,
  openOutlook,
  openPane,
  picture,
  simulator,
  violations,
  world,
} from '../outlook.ts'

beforeEach(simulator.reset)

const section = (pane: Frame) => pane.getByRole('region', { name: 'Calendar connection' })
const press = (pane: Frame, name: string) => section(pane).getByRole('button', { name, exact: true }).click()
const shows = (pane: Frame, sentence: string) => section(pane).getByText(sentence, { exact: true }).waitFor()
const inState = (pane: Frame, state: ConnectionState) => shows(pane, stateOf('microsoft', state).says)
const buttons = (pane: Frame) => section(pane).getByRole('button').allInnerTexts()
const begin = (situation: string) => ask('POST', `/simulator/situations/${situation}`)

/** Milliseconds until the service asks Entra again about a credential that it has just accepted. */
const untilAsked = 31_000

/** The pane, with its connections. */
async function open(page: Page): Promise<Frame> {
  const pane = await openPane(page)
  await openConnections(pane)
  return pane
}

/** The pane of somebody whose calendar is not connected, whatever an earlier test has left. */
async function openUnconnected(page: Page): Promise<Frame> {
  const pane = await open(page)
  const begin = section(pane).getByRole('button', { name: 'Connect calendar' })
  const confirm = section(pane).getByRole('button', { name: 'Disconnect calendar' })
  await begin.or(confirm).waitFor()
  if (await confirm.isVisible()) {
    await confirm.click()
    await press(pane, 'Yes, disconnect calendar')
    await inState(pane, 'not_connected')
  }
  return pane
}

async function connect(pane: Frame): Promise<void> {
  await press(pane, 'Connect calendar')
  await inState(pane, 'connected')
}

describe('the pane', () => {
  const refusals = [
    ['entra-consent-removed', 'revoked_by_provider'],
    ['entra-application-disabled', 'revoked_by_provider'],
    ['entra-permission-lowered', 'permission_lowered'],
  ] as const
  test.each(refusals)('says what %s means, and connects once it is granted', async (situation, state) => {
    const pane = await openUnconnected(await openOutlook())
    await begin(situation)
    await press(pane, 'Connect calendar')
    await inState(pane, state)
    expect(await buttons(pane)).toEqual(['Connect calendar'])
    await begin('entra-consent-granted')
    await connect(pane)
  })

  test('asks the person for what a policy demands, and connects', async () => {
    const page = await openOutlook()
    const pane = await openUnconnected(page)
    await begin('entra-demands-more')
    await press(pane, 'Connect calendar')
    await page.getByRole('alertdialog').getByRole('button', { name: 'Cancel' }).click()
    await shows(pane, 'Sign-in was cancelled. Try again when you are ready to sign in.')
    await press(pane, 'Connect calendar')
    await page.getByRole('alertdialog').getByRole('button', { name: 'Sign in' }).click()
    await inState(pane, 'connected')
  })

  test('asks for it in a window where Outlook has no bridge', async () => {
    const page = await openOutlook({ mailbox: 'no-bridge' })
    const pane = await open(page)
    await shows(pane, 'Sign in to see your calendar connection.')
    const windowAfter = async (act: () => Promise<void>) => {
      const [window] = await Promise.all([page.waitForEvent('popup'), act()])
      await window.getByRole('button', { name: 'Sign in as Alan Turing' }).click()
    }
    await windowAfter(() => pane.getByRole('button', { name: 'Sign in' }).click())
    await begin('entra-demands-more')
    await windowAfter(() => press(pane, 'Connect calendar'))
    await inState(pane, 'connected')
  })

  test('connects nothing while Entra does not answer, and says so', async () => {
    const pane = await openUnconnected(await openOutlook())
    await begin('entra-tokens-down')
    await press(pane, 'Connect calendar')
    await shows(pane, 'Your calendar provider did not answer. Nothing was changed. Try again in a minute.')
    expect(await buttons(pane)).toEqual(['Connect calendar'])
    await simulator.mend()
    await connect(pane)
  })

  test('says when connecting or disconnecting failed, changes nothing, and succeeds at the next press', async () => {
    const pane = await openUnconnected(await openOutlook())
    const away = 'The scheduling service did not answer.'
    const fail = (method: string) =>
      simulator.fault({
        vendor: 'service',
        match: `${method} ${connectionPath('microsoft')}`,
        drop: true,
        times: 'always',
      })
    await fail('PUT')
    await press(pane, 'Connect calendar')
    await section(pane).getByText(away).waitFor()
    await simulator.mend()
    await connect(pane)
    await fail('DELETE')
    await press(pane, 'Disconnect calendar')
    await press(pane, 'Yes, disconnect calendar')
    await section(pane).getByText(away).waitFor()
    await simulator.mend()
    await press(pane, 'Yes, disconnect calendar')
    await inState(pane, 'not_connected')
  })

  test('that cannot read the connection offers to try again, and keeps the focus there', async () => {
    const page = await openOutlook()
    await openUnconnected(page)
    await simulator.fault({ vendor: 'service', match: paths.connections, drop: true, times: 'always' })
    await page.reload()
    const pane = await open(page)
    await section(pane).getByText('The scheduling service did not answer.').waitFor()
    await section(pane).getByRole('button', { name: 'Try again' }).focus()
    await simulator.mend()
    await page.keyboard.press('Enter')
    await expect.poll(() => pane.locator(':focus').innerText()).toBe('Connect calendar')
  })

  test('tells within one opening what has happened at Entra', async () => {
    const [adas, claudes] = [await openOutlook(), await openOutlook({ mailbox: 'interaction-required' })]
    await connect(await openUnconnected(adas))
    const pane = await open(claudes)
    await pane.getByRole('button', { name: 'Sign in' }).click()
    await claudes.getByRole('alertdialog').getByRole('button', { name: 'Sign in' }).click()
    await connect(pane)
    await adas.waitForTimeout(untilAsked)

    await begin('entra-application-removed')
    await adas.reload()
    // A connection that has ended is open to be seen.
    const ended = await openPane(adas)
    await inState(ended, 'revoked_by_provider')
    expect(await buttons(ended)).toEqual(['Connect calendar'])

    await begin('entra-consent-granted')
    await begin('entra-tokens-down')
    await claudes.reload()
    const waiting = await open(claudes)
    await inState(waiting, 'provider_down')
    expect(await buttons(waiting)).toEqual(['Try again'])
  })
})

describe('the calendar section', () => {
  test('is missing where the service has no secret at Entra', async () => {
    const bootstrap = JSON.parse(await ask('GET', `${world.addin}${paths.bootstrap}`))
    const { calendar: _, ...without } = bootstrap
    await simulator.fault({
      vendor: 'service',
      match: paths.bootstrap,
      status: 200,
      body: without,
      times: 'always',
    })
    const pane = await openPane(await openOutlook())
    await pane.getByText('Signed in as').waitFor()
    expect(await section(pane).count()).toBe(0)
  })

  const unset = { colorScheme: null, forcedColors: null }
  const looks = [{ colorScheme: 'light' }, { colorScheme: 'dark' }, { forcedColors: 'active' }] as const
  test('has no fault that axe can find in any state, in light, dark and high contrast, on 320 pixels', async () => {
    const page = await openOutlook()
    await page.setViewportSize({ width: 320, height: 900 })
    for (const state of stateNames) {
      const { says } = stateOf('microsoft', state)
      const body = Object.fromEntries(
        providers.map((provider) => {
          const { administrator: _, ...shown } = stateOf(provider, state)
          return [provider, { state, ...shown, permission: 'read' }]
        }),
      )
      const match = `GET ${paths.connections}`
      await simulator.mend()
      await simulator.fault({ vendor: 'service', match, status: 200, body, times: 'always' })
      // A frame that loads in high contrast stays in it, whatever the page does then.
      await page.emulateMedia(unset)
      await page.reload()
      const pane = await open(page)
      await shows(pane, says)
      const { scrollWidth, clientWidth } = await pane.evaluate(() => {
        const { scrollWidth, clientWidth } = document.documentElement
        return { scrollWidth, clientWidth }
      })
      expect(scrollWidth, state).toBe(clientWidth)
      for (const media of looks) {
        await page.emulateMedia({ ...unset, ...media })
        // The theme follows a moment after the medium.
        await expect.poll(() => violations(pane), { message: state, timeout: 15_000 }).toEqual([])
        await picture(page, `calendar ${state}, ${Object.values(media)}`)
      }
    }
  })
})
