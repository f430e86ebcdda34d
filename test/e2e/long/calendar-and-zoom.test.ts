import type { Page } from 'playwright-core'
import { beforeEach, describe, expect, test } from 'vitest'
import { fresh, occurrence } from '../../../src/simulator/outlook/item/appointment.ts'
import { looks, sideways } from '../looks.ts'
import { addZoomMeeting, ask, openOutlook, picture, simulator, violations } from '../outlook.ts'

beforeEach(simulator.reset)

const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click()

const tea = (address = '') => ({
  ...fresh(
    'W. Europe Standard Time',
    Date.now(),
    new URLSearchParams(`subject=Tea&start=2030-03-05T10:00&${address}`),
  ),
  id: 'tea',
})
const save = (appointment: object & { id: string | null }, calendar = 'ada@contoso.example') =>
  ask(
    'PUT',
    `/simulator/appointments/${encodeURIComponent(appointment.id ?? '')}?calendar=${calendar}`,
    appointment,
  )
const starts = async () => (await simulator.appointments()).map(({ start }) => start).sort()

test.each(['web', 'ios'])(
  'an appointment is dragged to a day in the calendar of %s, without the add-in',
  async (client) => {
    await save(tea())
    const page = await openOutlook({ client })
    await press(page, 'Calendar')
    const day = page.getByRole('list', { name: 'Days' }).getByText('8', { exact: true })
    await page.getByRole('button', { name: /^Tea/ }).dragTo(day)
    await expect.poll(starts).toEqual(['2030-03-08T09:00:00.000Z'])
    await page.getByText('Friday, March 8, 2030').waitFor()
    await press(page, 'Drag Tea to the next day')
    await expect.poll(starts).toEqual(['2030-03-09T09:00:00.000Z'])
  },
)

test('one occurrence is dragged, the series stays, and both go when the series is deleted', async () => {
  await save(tea('repeat=weekly'))
  const page = await openOutlook()
  await press(page, 'Calendar')
  await press(page, 'Drag one occurrence of Tea to the next day')
  await expect.poll(starts).toEqual(['2030-03-05T09:00:00.000Z', '2030-03-13T09:00:00.000Z'])
  await page.getByRole('button', { name: 'Delete Tea', exact: true }).first().click()
  await page.getByText('Your calendar is empty.').waitFor()
  expect(await starts()).toEqual([])
})

test('each mailbox has its own calendar, which a colleague opens as a shared one', async () => {
  await save(tea(), 'alan@contoso.example')
  const page = await openOutlook()
  await press(page, 'Calendar')
  await page.getByText('Your calendar is empty.').waitFor()
  const shared = await openOutlook({ sharedFrom: 'alan' })
  await press(shared, 'Calendar')
  await shared.getByRole('button', { name: /^Tea/ }).waitFor()
})

test('the Zoom drawer shows what Zoom has, as it changes, and changes and deletes it in Zoom', async () => {
  const page = await openOutlook({ subject: 'Tea', start: '2030-03-05T10:00' })
  await addZoomMeeting(page)
  await press(page, 'Zoom')
  const drawer = page.getByRole('region', { name: 'Zoom' })
  await drawer.getByText('Zoom has 1 meeting.').waitFor()
  await drawer.getByText(/March 5, 2030 at 10:00.* Europe\/Berlin/).waitFor()
  const [meeting] = await simulator.meetings()
  await ask('PATCH', `/simulator/zoom/meetings/${meeting?.id}`, { topic: 'Coffee' })
  await drawer.getByText('Coffee', { exact: true }).waitFor()
  await drawer.getByRole('button', { name: 'Change in Zoom: Coffee' }).click()
  await drawer.getByText('Coffee (changed in Zoom)').waitFor()
  await drawer.getByText(/March 5, 2030 at 11:00/).waitFor()
  await drawer.getByRole('button', { name: /^Delete in Zoom/ }).click()
  await drawer.getByText('Zoom has no meetings.').waitFor()
  expect(await simulator.meetings()).toEqual([])
})

test('in a narrow window what has the focus is above the drawer', async () => {
  await save(tea())
  const page = await openOutlook({ client: 'ios' })
  await page.setViewportSize(looks.narrow.size)
  await press(page, 'Calendar')
  await press(page, 'Zoom')
  const drag = page.getByRole('button', { name: 'Drag Tea to the next day' })
  await drag.focus()
  const bottom = async () => {
    const { y, height } = (await drag.boundingBox()) ?? { y: 0, height: 0 }
    return y + height
  }
  const drawer = await page.getByRole('region', { name: 'Zoom' }).boundingBox()
  await expect.poll(bottom).toBeLessThanOrEqual(drawer?.y ?? 0)
})

describe('the calendar and the Zoom drawer can be used', () => {
  test.each(Object.values(looks))('$name', async ({ name, media, ...look }) => {
    const page = await openOutlook({ subject: 'Tea', start: '2030-03-05T10:00', repeat: 'weekly' })
    await page.emulateMedia(media)
    if ('size' in look) await page.setViewportSize(look.size)
    await save(tea('repeat=weekly'))
    await save(occurrence(tea('repeat=weekly')))
    await addZoomMeeting(page)
    await press(page, 'Calendar')
    await press(page, 'Zoom')
    await page.getByText('Zoom has 1 meeting.').waitFor()
    await picture(page, `calendar and zoom ${name}`)
    expect(await sideways(page)).toBe(0)
    expect(await violations(page)).toEqual([])
  })
})
