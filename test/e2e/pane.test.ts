import type { Frame } from 'playwright-core'
import { beforeEach, describe, expect, test } from 'vitest'
import { firstLoad, gzipped } from '../../bench/bytes.ts'
import { addZoomMeeting, ask, openOutlook, openSignedIn, simulator, violations, world } from './outlook.ts'

beforeEach(simulator.reset)

/** What the pane writes to the clipboard from now on. Empty: nothing. */
async function copiedIn(pane: Frame): Promise<() => Promise<{ html: string; text: string }>> {
  const copied = await pane.evaluateHandle(() => {
    const written: Record<string, string> = {}
    navigator.clipboard.write = async ([item]) => {
      for (const type of item?.types ?? [])
        written[type] = await (await (item as ClipboardItem).getType(type)).text()
    }
    return written
  })
  return () => copied.evaluate((all) => ({ html: all['text/html'] ?? '', text: all['text/plain'] ?? '' }))
}

test('the pane needs no more than 120 kB before it is there, and MSAL is not among them', () => {
  const files = [...firstLoad('taskpane')]
  expect(gzipped(files)).toBeLessThanOrEqual(120_000)
  expect(files.some((file) => file.includes('msal'))).toBe(false)
})

describe('What left this device', () => {
  const open = (pane: Frame) => pane.getByRole('button', { name: 'What left this device' }).press('Enter')
  /** What the pane says, by the names that it gives. */
  const shown = async (pane: Frame) => {
    const lists = pane.locator('dl').last()
    const [names, values] = await Promise.all([
      lists.locator('dt').allInnerTexts(),
      lists.locator('dd').allInnerTexts(),
    ])
    return Object.fromEntries(names.map((name, index) => [name, values[index]]))
  }
  const lastBody = async () => {
    const puts = (await simulator.ledger()).filter((e) => e.kind === 'service' && e.method === 'PUT')
    const last = puts.at(-1)
    return last?.kind === 'service' ? (last.body as Record<string, unknown>) : {}
  }

  test('shows nothing before anything has left, and then the facts as the network saw them', async () => {
    const page = await openOutlook()
    const pane = await openSignedIn(page)
    await open(pane)
    await pane.getByText('nothing of an appointment has left this device').waitFor()
    await pane.getByText('Attendees, text, attachments').waitFor()
    expect(await violations(pane)).toEqual([])
    await page.getByLabel('Title').fill('Budget 2031')
    await pane.getByRole('button', { name: 'Add Zoom meeting' }).click()
    await pane.getByText(`to ${new URL(world.addin).host}:`).waitFor()
    const { subject, start, minutes, timeZone, recurring, ...rest } = await lastBody()
    expect(rest).toEqual({})
    expect(await shown(pane)).toEqual({
      Title: subject,
      Start: start,
      'Length in minutes': String(minutes),
      'Time zone': timeZone,
      Repeats: recurring ? 'Yes' : 'No',
    })
    expect(subject).toBe('Budget 2031')
    expect(await violations(pane)).toEqual([])
  })

  test('shows what a button above the appointment has sent, and the options that went with it', async () => {
    const page = await openOutlook()
    const pane = await openSignedIn(page)
    await open(pane)
    await addZoomMeeting(page)
    await pane.getByText('Length in minutes').waitFor()
    expect((await shown(pane)).Start).toBe((await lastBody()).start)
    await pane.getByRole('button', { name: 'Remove Zoom meeting' }).click()
    await pane.getByRole('button', { name: 'Yes, remove' }).click()
    await pane.getByText('Zoom meeting removed').waitFor()
    await pane.getByRole('button', { name: 'Meeting options' }).click()
    await pane.getByRole('switch', { name: 'Waiting room' }).press('Space')
    await pane.getByRole('button', { name: 'Add Zoom meeting' }).click()
    await pane.getByText('Up to date', { exact: true }).waitFor()
    expect((await lastBody()).options).toEqual({ waitingRoom: 'off' })
    await expect.poll(async () => (await shown(pane))['Options that you chose']).toBe('waitingRoom: off')
  })

  test('is written nowhere', async () => {
    const page = await openOutlook()
    const pane = await openSignedIn(page)
    await addZoomMeeting(page)
    const stored = await pane.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]))
    expect(stored).not.toContain('Quarterly review')
  })
})

test('the invitation is copied as HTML and as plain text, and the meeting opens in Zoom’s web portal', async () => {
  const page = await openOutlook()
  const pane = await openSignedIn(page)
  await addZoomMeeting(page)
  const [meeting] = await simulator.meetings()
  const copied = await copiedIn(pane)
  await pane.getByRole('button', { name: 'Copy invitation' }).click()
  await pane.getByRole('button', { name: 'Copied' }).waitFor()
  const { html, text } = await copied()
  const joinUrl = String(meeting?.join_url)
  expect(html).toContain(`<a href="${joinUrl}">`)
  expect(text?.startsWith(`Join Zoom Meeting\n${joinUrl}`)).toBe(true)
  for (const one of [html, text]) expect(one).toContain('United Kingdom +44')
  // What was written into the appointment: nothing is missing.
  const written = await page.getByRole('textbox', { name: 'Body' }).evaluate((body) => body.innerHTML)
  expect(written).toContain(html.slice(0, html.indexOf('</div>')))
  expect(await pane.getByRole('link', { name: 'Open in Zoom' }).getAttribute('href')).toBe(
    `${new URL(joinUrl).origin}/meeting/${meeting?.id}`,
  )
})

test('while the service is away the short invitation is copied, and the pane says what it lacks and why', async () => {
  const page = await openOutlook()
  const pane = await openSignedIn(page)
  await addZoomMeeting(page)
  const copied = await copiedIn(pane)
  await page.route('**/meetings/*/invitation', (route) => route.abort())
  await pane.getByRole('button', { name: 'Copy invitation' }).click()
  await pane.getByText('Copied without telephone numbers and your organisation’s own lines.').waitFor()
  const { html, text } = await copied()
  for (const one of [html, text]) {
    expect(one).toContain('Join Zoom Meeting')
    expect(one).not.toContain('+44')
  }
})

test('the invitation to a meeting that is gone is not copied, and no other meeting is made for it', async () => {
  const page = await openOutlook()
  const pane = await openSignedIn(page)
  await addZoomMeeting(page)
  const copied = await copiedIn(pane)
  const [meeting] = await simulator.meetings()
  await ask('DELETE', `/simulator/zoom/meetings/${meeting?.id}`)
  await pane.getByRole('button', { name: 'Copy invitation' }).click()
  await pane.getByText('This Zoom meeting was removed.').waitFor()
  expect(await copied()).toEqual({ html: '', text: '' })
  expect(await pane.getByRole('button', { name: 'Copied' }).count()).toBe(0)
  expect(await simulator.meetings()).toEqual([])
})

test('a pane from before an upgrade of the service goes on with answers that have new fields', async () => {
  const page = await openOutlook()
  await page.addInitScript(() => {
    const { fetch } = window
    window.fetch = async (...asked) => {
      const response = await fetch(...asked)
      const isOurs = new URL(response.url).origin === location.origin && response.status === 200
      // The names of templates are no fields.
      if (!isOurs || response.url.endsWith('/zoom-templates')) return response
      return Response.json({ ...(await response.json()), ofTheNextVersion: { value: 1 } })
    }
  })
  const pane = await openSignedIn(page)
  await pane.getByRole('button', { name: 'Add Zoom meeting' }).click()
  await pane.getByText('Up to date', { exact: true }).waitFor()
  await pane.getByRole('button', { name: 'Meeting options' }).click()
  await pane.getByRole('switch', { name: 'Waiting room' }).waitFor()
  const copied = await copiedIn(pane)
  await pane.getByRole('button', { name: 'Copy invitation' }).click()
  await pane.getByRole('button', { name: 'Copied' }).waitFor()
  expect((await copied()).text).toContain('United Kingdom +44')
  expect(await pane.getByRole('alert').count()).toBe(0)
})

test('the main button stays where it is, from reading the appointment until the meeting is removed', async () => {
  const page = await openOutlook()
  await page.setViewportSize({ width: 320, height: 900 })
  const pane = await openSignedIn(page)
  const top = async (name: string) => {
    const button = pane.getByRole('button', { name, exact: true })
    await button.waitFor()
    return button.evaluate((element) => element.getBoundingClientRect().top + window.scrollY)
  }
  const at = await top('Add Zoom meeting')
  await pane.getByRole('button', { name: 'Add Zoom meeting' }).click()
  expect(await top('Check again')).toBe(at)
  await page.getByLabel('Starts').fill('2031-02-03T10:00')
  await pane.getByText('Not up to date: the appointment has changed').waitFor()
  expect(await top('Update Zoom meeting')).toBe(at)
})

test('the options are there while Zoom does not tell its templates, and the pane says so', async () => {
  const page = await openOutlook()
  const pane = await openSignedIn(page)
  await simulator.fault({ vendor: 'zoom', match: 'meeting_templates', status: 503, times: 'always' })
  await pane.getByRole('button', { name: 'Meeting options' }).click()
  await pane.getByRole('switch', { name: 'Waiting room' }).waitFor()
  await pane.getByText('Your templates could not all be read.').waitFor()
  await simulator.mend()
  await pane.getByRole('button', { name: 'Try again' }).click()
  await expect.poll(() => pane.getByText('Your templates could not all be read.').count()).toBe(0)
})
