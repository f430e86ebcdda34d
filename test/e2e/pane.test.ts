import type { Frame } from 'playwright-core'
import { beforeEach, describe, expect, test } from 'vitest'
import { addZoomMeeting, openOutlook, openSignedIn, simulator, violations, world } from './outlook.ts'

beforeEach(simulator.reset)

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
  const copied = await pane.evaluateHandle(() => {
    const written: Record<string, Promise<string>> = {}
    navigator.clipboard.write = async ([item]) => {
      for (const type of item?.types ?? [])
        written[type] = (item as ClipboardItem).getType(type).then((blob) => blob.text())
    }
    return written
  })
  await pane.getByRole('button', { name: 'Copy invitation' }).click()
  await pane.getByRole('button', { name: 'Copied' }).waitFor()
  const [html, text] = await copied.evaluate((all) => Promise.all([all['text/html'], all['text/plain']]))
  const joinUrl = String(meeting?.join_url)
  for (const one of [html, text]) expect(one).toContain(joinUrl)
  expect(html).toContain(`<a href="${joinUrl}">`)
  expect(text?.startsWith(`Join Zoom Meeting\n${joinUrl}`)).toBe(true)
  expect(await pane.getByRole('link', { name: 'Open in Zoom' }).getAttribute('href')).toBe(
    `${new URL(joinUrl).origin}/meeting/${meeting?.id}`,
  )
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
