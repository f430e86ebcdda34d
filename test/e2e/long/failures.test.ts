import type { Page } from 'playwright-core'
import { beforeEach, describe, expect, test } from 'vitest'
import type { Fault } from '../../../src/simulator/kit/faults.ts'
import { addZoomMeeting, openOutlook, openSignedIn, simulator } from '../outlook.ts'

beforeEach(simulator.reset)

const location = (page: Page) => page.getByLabel('Location').inputValue()
const body = (page: Page) => page.getByRole('textbox', { name: 'Body' }).innerText()

describe('when something fails, one clear sentence, nothing half-done, and trying again works', () => {
  const unreachable = 'Zoom did not answer. Your appointment is unchanged. Try again in a minute.'
  const away = 'The scheduling service did not answer. Your appointment is unchanged. Try again in a minute.'
  const failures: [string, Fault, string | RegExp][] = [
    [
      'Zoom cuts the line',
      { vendor: 'zoom', match: 'POST /v2/users', drop: true, times: 'always' },
      unreachable,
    ],
    ['Zoom loses its answers', { vendor: 'zoom', drop: 'afterwards', times: 'always' }, unreachable],
    ['Zoom is silent', { vendor: 'zoom', match: 'POST /v2/users', silence: true }, unreachable],
    ['the service is down', { vendor: 'service', match: 'PUT', status: 502, times: 'always' }, away],
    ['the service cuts the line', { vendor: 'service', match: 'PUT', drop: true, times: 'always' }, away],
    [
      'the service loses its answer',
      { vendor: 'service', match: 'PUT', drop: 'afterwards', times: 'always' },
      away,
    ],
    [
      'the person cancels signing in',
      { vendor: 'outlook', match: 'nestedAppAuth:GetToken', code: 'USER_CANCEL' },
      /Sign-in was cancelled/,
    ],
    ...[
      'subject.getAsync',
      'start.getAsync',
      'end.getAsync',
      'item.loadCustomPropertiesAsync',
      'customProperties.saveAsync',
    ].map((call): [string, Fault, string] => [
      `Outlook refuses ${call}`,
      // The new appointment's launch event asks some of it too.
      { vendor: 'outlook', match: call, code: 9020, times: 'always' },
      'Outlook did not answer. Try again.',
    ]),
    [
      'Outlook is silent',
      { vendor: 'outlook', match: 'subject.getAsync', silence: true },
      'Outlook did not answer. Try again.',
    ],
  ]

  test.each(failures)('%s', async (_, fault, sentence) => {
    const page = await openOutlook({}, { deadlines: fault.vendor === 'outlook' && fault.silence === true })
    await page.getByLabel('Location', { exact: true }).fill('Room 5')
    const before = await body(page)
    await simulator.fault(fault)
    await page.getByRole('button', { name: 'Add Zoom meeting' }).click()
    // Who cancels has decided, and has made no error.
    const role = String(sentence).includes('cancelled') ? 'status' : 'alert'
    await page.getByRole(role).getByText(sentence).waitFor()
    expect(await location(page)).toBe('Room 5')
    expect(await body(page)).toBe(before)

    await simulator.mend()
    await addZoomMeeting(page)
    expect(await simulator.meetings()).toHaveLength(1)
    expect((await body(page)).match(/Join Zoom Meeting/g)).toHaveLength(1)
  })

  test('an invitation that Outlook refuses, as HTML and as plain text, is written by the next try', async () => {
    const page = await openOutlook()
    await simulator.fault({ vendor: 'outlook', match: 'body.prependAsync', code: 9020, times: 2 })
    await page.getByRole('button', { name: 'Add Zoom meeting' }).click()
    await page.getByRole('alert').getByText('Outlook did not answer. Try again.').waitFor()
    await addZoomMeeting(page)
    const [meeting, ...others] = await simulator.meetings()
    expect(others).toEqual([])
    expect(await location(page)).toBe(meeting?.join_url)
    expect((await body(page)).match(/Join Zoom Meeting/g)).toHaveLength(1)
  })

  test('an invitation that Outlook writes after the person was told that it does not answer is there once', async () => {
    const page = await openOutlook({}, { deadlines: true })
    const pane = await openSignedIn(page)
    await simulator.fault({ vendor: 'outlook', match: 'body.prependAsync', hold: true })
    await pane.getByRole('button', { name: 'Add Zoom meeting' }).click()
    await pane.getByRole('alert').getByText('Outlook did not answer. Try again.').waitFor()
    await simulator.release()
    await expect.poll(() => body(page)).toContain('Join Zoom Meeting')
    await pane.getByRole('button', { name: 'Finish the invitation' }).click()
    await pane.getByText('Up to date', { exact: true }).waitFor()
    expect((await body(page)).match(/Join Zoom Meeting/g)).toHaveLength(1)
  })

  test('a location that Outlook refuses once is written at the second try', async () => {
    const page = await openOutlook()
    await simulator.fault({ vendor: 'outlook', match: 'enhancedLocation.addAsync', code: 9020 })
    await addZoomMeeting(page)
    expect(await location(page)).toBe((await simulator.meetings())[0]?.join_url)
  })

  test('the service has never said where to sign in', async () => {
    await simulator.fault({ vendor: 'service', match: '/bootstrap', status: 503, times: 'always' })
    const page = await openOutlook()
    await page.getByRole('button', { name: 'Add Zoom meeting' }).click()
    await page.getByRole('alert').getByText(away).waitFor()
    await simulator.mend()
    await addZoomMeeting(page)
    expect(await simulator.meetings()).toHaveLength(1)
  })

  test('a person who is offline is told so', async () => {
    const page = await openOutlook()
    await page.getByRole('button', { name: 'Zoom settings' }).click()
    const pane = page.frameLocator('iframe[title="Zoom settings"]')
    await pane.getByText('Signed in as').waitFor()
    await page.context().setOffline(true)
    await pane.getByRole('button', { name: 'Add Zoom meeting' }).click()
    await pane
      .getByRole('alert')
      .getByText('You are offline. Connect to the internet and try again.')
      .waitFor()
    await page.context().setOffline(false)
    await pane.getByRole('button', { name: 'Add Zoom meeting' }).click()
    await pane.getByText('Up to date', { exact: true }).waitFor()
    expect(await simulator.meetings()).toHaveLength(1)
  })
})
