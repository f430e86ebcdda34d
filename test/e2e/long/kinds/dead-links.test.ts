import { beforeEach, expect, test } from 'vitest'
import { ask, simulator } from '../../outlook.ts'
import { asked, type Functions, openFunctions, said } from './functions.ts'

beforeEach(simulator.reset)

type End = (id: string) => Promise<unknown>
const answer =
  (match: string, code: number): End =>
  () =>
    simulator.fault({ vendor: 'zoom', match, status: 404, body: { code, message: 'Not found' } })

/** How a meeting ends at Zoom. */
const ends: Record<string, End> = {
  'is deleted in Zoom’s web portal': (id) => ask('DELETE', `/simulator/zoom/meetings/${id}`),
  'has expired (3001)': answer('GET /v2/meetings', 3001),
  'is deleted between reading and changing it': answer('PATCH /v2/meetings', 3001),
}
/** What the person changes before sending. */
const changes: Record<string, (it: Functions, day: number) => Promise<unknown>> = {
  'the title': (it) => it.rename('Coffee'),
  'the start': (it, day) => it.page.getByLabel('Starts').fill(`2030-12-${10 + day}T11:00`),
  'the end': (it, day) => it.page.getByLabel('Ends').fill(`2030-12-${10 + day}T15:${10 + day}`),
}

test('an invitation does not leave with a dead link before the person has heard of it, and then has the new one', async () => {
  const it = await openFunctions({ start: '2030-12-03T10:00' })
  const wrong: string[] = []
  const cells = Object.entries(ends).flatMap((end) =>
    Object.entries(changes).map((change) => [end, change] as const),
  )
  for (const [day, [[how, end], [what, change]]] of cells.entries()) {
    const name = `the meeting ${how}, and ${what} changes`
    await it.begin()
    await it.call('addZoomMeeting')
    const before = await it.note()
    await end(before?.made?.meeting.id as string)
    await change(it, day)
    const heard = await it.call('onAppointmentSend')
    const { made, key } = (await it.note()) ?? {}
    const from = (await asked()).length
    const chosen = await it.call('onAppointmentSend')
    const text = await it.page.getByLabel('Body').innerText()
    const alive = (await simulator.meetings()).some(({ join_url }) => join_url === made?.meeting.joinUrl)
    wrong.push(
      ...[
        heard?.allowEvent === false && /no longer exists/.test(heard.errorMessage ?? '')
          ? ''
          : 'it is not heard of',
        key === before?.key && made?.meeting.joinUrl !== before?.made?.meeting.joinUrl && alive
          ? ''
          : 'no new meeting',
        text.includes(made?.meeting.joinUrl ?? '?') ? '' : 'no new link',
        (await it.page.getByLabel('Location').inputValue()) === made?.meeting.joinUrl
          ? ''
          : 'another location',
        chosen?.allowEvent && (await asked()).length === from
          ? ''
          : 'the next send is not the person’s choice',
      ]
        .filter(Boolean)
        .map((w) => `${name}: ${w}`),
    )
  }
  expect(wrong).toEqual([])
})

test('a press says that the old meeting is gone', async () => {
  const it = await openFunctions({ start: '2030-12-03T10:00' })
  for (const [how, end] of Object.entries(ends)) {
    await it.begin()
    await it.call('addZoomMeeting')
    await end((await it.note())?.made?.meeting.id as string)
    await it.rename('Coffee')
    await it.call('addZoomMeeting')
    expect(await said(), how).toMatch(
      /^The old Zoom meeting no longer exists\. Send everybody the new link\./,
    )
  }
})
