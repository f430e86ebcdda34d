import { afterEach, expect, test } from 'vitest'
import { openOutlook, simulator } from './outlook.ts'

afterEach(simulator.reset)

test('one press gives the appointment a Zoom meeting', async () => {
  const page = await openOutlook()
  await page.getByRole('button', { name: 'Add Zoom meeting' }).click()
  await expect.poll(simulator.meetings, { timeout: 20_000 }).toMatchObject([{ topic: 'Quarterly review' }])
  const [meeting] = await simulator.meetings()
  await expect.poll(() => page.getByLabel('Location').inputValue()).toContain(meeting?.join_url)
})
