import type { Page } from 'playwright-core'
import { beforeEach, describe, expect, test } from 'vitest'
import { office, openOutlook, openPane, picture, simulator } from '../outlook.ts'

beforeEach(simulator.reset)

describe('an add-in in the simulated Outlook', () => {
  test('runs the genuine Office.js and asks no other network for anything', async () => {
    const page = await openOutlook()
    const hosts = new Set<string>()
    page.context().on('request', (request) => hosts.add(new URL(request.url()).hostname))
    const pane = await openPane(page)
    expect(await pane.evaluate(() => Office.onReady())).toMatchObject({
      host: 'Outlook',
      platform: 'OfficeOnline',
    })
    expect([...hosts]).toEqual(['localhost'])
  })

  test('reads what stands in the form', async () => {
    const page = await openOutlook({ start: '2026-12-01T10:00', repeat: 'weekly', until: '2027-02-23' })
    await page.getByLabel('Title').fill('Tea')
    const pane = await openPane(page)
    expect(await office(pane, 'item.subject.getAsync')).toEqual({ value: 'Tea' })
    const series = await pane.evaluate(
      () =>
        new Promise((resolve) =>
          Office.context.mailbox.item?.recurrence.getAsync(({ value: { recurrenceType, seriesTime } }) =>
            resolve([
              recurrenceType,
              seriesTime?.getStartDate(),
              seriesTime?.getEndDate(),
              seriesTime?.getStartTime(),
            ]),
          ),
        ),
    )
    expect(series).toEqual(['weekly', '2026-12-01', '2027-02-23', 'T10:00:00.000'])
  })

  test('writes where the person sees it, and takes nothing of theirs', async () => {
    const page = await openOutlook({ location: 'Room 5', body: '<p>Hello</p>' })
    const pane = await openPane(page)
    await office(pane, 'item.enhancedLocation.addAsync', [{ id: 'https://zoom.example/j/1', type: 'custom' }])
    await office(pane, 'item.body.prependAsync', '<p onclick="0">Join</p><script>0</script>', {
      coercionType: 'html',
    })
    expect(await page.getByLabel('Location').inputValue()).toBe('Room 5; https://zoom.example/j/1')
    expect(await page.getByLabel('Body').innerHTML()).toBe('<p>Join</p><p>Hello</p>')
  })

  test('hears of another time, and that the zone keeps the clock', async () => {
    const page = await openOutlook({ start: '2026-12-01T10:00' })
    const pane = await openPane(page)
    // With the pane's own handler there, Office.js answers at once.
    await pane.getByText('No Zoom meeting yet').waitFor()
    const heard = await pane.evaluateHandle(
      () =>
        new Promise<{ start: Promise<string> }>((registered) => {
          let resolve: (start: string) => void = () => {}
          const start = new Promise<string>((done) => {
            resolve = done
          })
          Office.context.mailbox.item?.addHandlerAsync(
            Office.EventType.AppointmentTimeChanged,
            ({ start }: { start: string }) => resolve(start),
            () => registered({ start }),
          )
        }),
    )
    await page.getByLabel('Time zone').selectOption('Tokyo Standard Time')
    expect(await heard.evaluate(({ start }) => start)).toBe('2026-12-01T01:00:00.000Z')
    expect(await page.getByLabel('Starts').inputValue()).toBe('2026-12-01T10:00')
  })

  test('has five lines above the appointment and no more', async () => {
    const page = await openOutlook()
    const pane = await openPane(page)
    const add = (key: string) =>
      office(pane, 'item.notificationMessages.addAsync', key, {
        type: 'errorMessage',
        message: `Line ${key}`,
      })
    for (const key of ['1', '2', '3', '4', '5']) expect(await add(key)).toEqual({})
    expect(await add('1')).toEqual({ code: 9023 })
    expect(await add('6')).toEqual({ code: 9025 })
    await page
      .getByRole('alert')
      .filter({ hasText: 'Line 3' })
      .getByRole('button', { name: 'Dismiss' })
      .click()
    await expect.poll(() => page.getByRole('alert').count()).toBe(4)
  })

  test('finds its properties again on a saved appointment', async () => {
    const page = await openOutlook({ subject: 'Tea' })
    const pane = await openPane(page)
    expect(await office(pane, 'item.getItemIdAsync')).toEqual({ code: 9046 })
    await pane.evaluate(
      () =>
        new Promise((resolve) =>
          Office.context.mailbox.item?.loadCustomPropertiesAsync(({ value }) => {
            value.set('meeting', 'm1')
            value.saveAsync(resolve)
          }),
        ),
    )
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Saved in your calendar.').waitFor()
    await page.getByRole('button', { name: 'Calendar' }).click()
    await page.getByRole('button', { name: /^Tea/ }).click()
    const again = await openPane(page)
    const kept = again.evaluate(
      () =>
        new Promise((resolve) =>
          Office.context.mailbox.item?.loadCustomPropertiesAsync(({ value }) =>
            resolve(value.get('meeting')),
          ),
        ),
    )
    expect(await kept).toBe('m1')
  })

  test('is refused, held or left without an answer as the faults have it', async () => {
    const page = await openOutlook()
    const pane = await openPane(page)
    await simulator.fault(
      { vendor: 'outlook', match: 'location.getAsync', code: 9020 },
      { vendor: 'outlook', match: 'location.getAsync', hold: true },
      { vendor: 'outlook', match: 'location.getAsync', silence: true },
    )
    expect(await office(pane, 'item.location.getAsync')).toEqual({ code: 9020 })
    const held = office(pane, 'item.location.getAsync')
    await expect.poll(simulator.held).toEqual([{ vendor: 'outlook', call: 'location.getAsync' }])
    await page.getByLabel('Location').fill('Room 5')
    await simulator.release()
    expect(await held).toEqual({ value: 'Room 5' })
    const silent = office(pane, 'item.location.getAsync')
    const next = office(pane, 'item.location.getAsync').then(() => 'the next answer')
    expect(await Promise.race([silent, next])).toBe('the next answer')
  })

  test('is the only one that Outlook listens to', async () => {
    const page = await openOutlook()
    const pane = await openPane(page)
    await page.evaluate(() => {
      const wish = { messageType: 'NestedAppAuthRequest', method: 'GetTokenPopup', requestId: '1' }
      const call = {
        _messageType: 0,
        _actionName: 'ExecuteMethod',
        _conversationId: 'x',
        _data: { MethodData: { DispatchId: 5 } },
      }
      for (const stranger of [wish, call]) postMessage(JSON.stringify(stranger), '*')
    })
    // Outlook hears messages in their order.
    await office(pane, 'item.subject.getAsync')
    expect(await calls()).not.toContain('nestedAppAuth:GetTokenPopup')
    expect(await calls()).not.toContain('mailbox.makeEwsRequestAsync')
  })
})

test('a meeting that nothing holds back is sent and kept in the calendar', async () => {
  const page = await openOutlook({ subject: 'Tea' })
  await page.getByRole('button', { name: 'Send', exact: true }).click()
  await page.getByText('Sent to one person.').waitFor()
  await page.getByRole('button', { name: /^Tea/ }).waitFor()
})

test('the keyboard leaves the task pane on both sides', async () => {
  const page = await openOutlook()
  const pane = await openPane(page)
  await pane.getByText('Signed in as').waitFor()
  await page.getByRole('button', { name: 'Close task pane' }).focus()
  await page.keyboard.press('Tab')
  await expect.poll(() => focused(page)).toBe('IFRAME')
  // The pane may get another button meanwhile.
  for (let stop = 0; stop < 50 && (await focused(page)) === 'IFRAME'; stop++) await page.keyboard.press('Tab')
  expect(await focused(page)).not.toBe('IFRAME')
  await pane.getByRole('button').first().focus()
  await page.keyboard.press('Shift+Tab')
  await expect.poll(() => page.evaluate(() => document.activeElement?.ariaLabel)).toBe('Close task pane')
})

const calls = async () => (await simulator.ledger()).flatMap((e) => (e.kind === 'outlook' ? [e.call] : []))

const focused = (page: Page) => page.evaluate(() => document.activeElement?.tagName)

test('the bar above Outlook fits one line at 1,280 px', async () => {
  const page = await openOutlook()
  await page.setViewportSize({ width: 1280, height: 800 })
  await picture(page, 'bar')
  const bar = page.getByRole('banner')
  const centres = await bar.locator('h1, select, button, a').evaluateAll((all) =>
    all.map((one) => {
      const { top, height } = one.getBoundingClientRect()
      return Math.round(top + height / 2)
    }),
  )
  expect(centres).toHaveLength(12)
  expect(Math.max(...centres) - Math.min(...centres)).toBeLessThan(8)
})
