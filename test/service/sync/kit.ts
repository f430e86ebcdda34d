import { request } from 'node:http'
import { expect, vi } from 'vitest'
import { isOwnCalendar, ownCalendarHeader } from '../../../src/contract/owner.ts'
import { connectionPath, meetingPath } from '../../../src/contract/paths.ts'
import type { Person } from '../../../src/simulator/people.ts'
import { newKey, putMeeting, quarterlyReview } from '../../kit.ts'
import { asker } from '../identity/kit.ts'
import { ada, entraClientSecret, type World } from '../kit.ts'

export const settings = {
  ENTRA_CLIENT_SECRET: entraClientSecret,
  CALENDAR_PERMISSION: 'read',
  SWEEP_SECONDS: 0.5,
} as const

/** Every Tuesday, as Office.js has it. */
export const weekly = {
  recurrenceType: 'weekly',
  recurrenceProperties: { interval: 1, days: ['tue'], firstDayOfWeek: 'mon' },
  recurrenceTimeZone: { name: 'W. Europe Standard Time' },
  seriesTimeJson: {
    ...{ startYear: 2030, startMonth: 12, startDay: 3, noEndDate: true },
    ...{ startTimeMin: 600, durationMin: 30 },
  },
}

/** Also in a hook. A failure names the line that waited. `timeout`: milliseconds. */
export async function until(isTrue: () => boolean | Promise<boolean>, timeout = 60_000): Promise<void> {
  const waited = new Error('what was waited for did not come true')
  await vi
    .waitFor(async () => expect(await isTrue()).toBe(true), { timeout, interval: 50 })
    .catch((cause: unknown) => {
      waited.cause = cause
      throw waited
    })
}

/** What a request is answered that says it has a body of so many bytes, and has sent none of it. */
export const answerBeforeBody = (url: string, bytes: number) =>
  new Promise<number | undefined>((resolve, reject) => {
    const sending = request(url, { method: 'POST', headers: { 'content-length': bytes } }, (response) => {
      resolve(response.statusCode)
      sending.destroy()
    })
    sending.on('error', reject).flushHeaders()
  })

/** A meeting that has followed its appointment: nothing about it is on its way any more. */
export async function scheduledBy(who: ReturnType<typeof person>) {
  const one = await who.schedule()
  await until(() => Date.parse(one.zoom()?.start_time ?? '') === Date.parse(one.saved.start))
  return one
}

/** Half an hour, so many days from now, which is in the window. */
export function at(days: number) {
  const start = Math.floor(Date.now() / 3_600_000) * 3_600_000 + days * 86_400_000
  const written = (instant: number) => new Date(instant).toISOString().replace('.000', '')
  return { start: written(start), end: written(start + 1_800_000) }
}

/** Who a person is for the service, and how they connect their calendar. */
interface Known {
  emailAddress: string
  bearer(): Promise<string>
  connection: { provider: 'microsoft' | 'exchange'; body?: object }
}

const inMicrosoft365 = (world: World, who: Person): Known => ({
  emailAddress: who.emailAddress,
  bearer: () => world.token(who),
  connection: { provider: 'microsoft' },
})

/** What a person does in the calendar, without the add-in, and what Zoom has then. */
export function person(world: World, origin: string, who: Person | Known = ada) {
  const { emailAddress, bearer, connection } = 'bearer' in who ? who : inMicrosoft365(world, who)
  const path = connectionPath(connection.provider)
  const ask = asker(origin)
  const calls = (call: string) => world.faults.calls().filter((one) => one.call.includes(call)).length
  let count = 0

  return {
    emailAddress,
    bearer,
    ask,
    calls,
    /** Changes may be heard of all the time. */
    async connectAgain(): Promise<void> {
      const answer = await ask('PUT', path, { bearer: await bearer(), body: connection.body })
      expect(answer.status).toBe(200)
    },

    /** Until changes are heard of. */
    async connect(): Promise<void> {
      const watched = () => world.logged.filter((line) => line.includes('calendar watched')).length
      const before = watched()
      await this.connectAgain()
      await until(() => watched() > before)
    },

    /** What the add-in asks, whatever the answer is. */
    put: async (key: string, facts: object) =>
      putMeeting(origin, await bearer(), key, { ...quarterlyReview, ...facts }),

    /** A meeting whose appointment is not saved: as the add-in makes it in the person's own calendar. */
    async draft(
      facts: object = {},
      headers: Record<string, string> = { [ownCalendarHeader]: isOwnCalendar },
    ) {
      const key = newKey()
      const time = at(10 + count++)
      const put = async (other: object = {}) =>
        putMeeting(
          origin,
          await bearer(),
          key,
          { ...quarterlyReview, subject: `Draft ${key}`, start: time.start, ...facts, ...other },
          headers,
        )
      const { status, body } = await put()
      expect(status).toBe(200)
      return {
        key,
        put,
        time,
        id: String(body.id),
        note: { zoomMeeting: JSON.stringify({ key }) },
        zoom: () => world.zoom.meetings().find(({ id }) => String(id) === body.id),
      }
    },

    async removeMeeting(key: string): Promise<void> {
      const answer = await ask('DELETE', meetingPath(key), { bearer: await bearer() })
      expect(answer.status).toBe(204)
    },

    disconnect: async () => ask('DELETE', path, { bearer: await bearer() }),

    /** Schedules a meeting with the add-in, and saves the appointment. */
    async schedule(changes: Record<string, unknown> = {}) {
      const key = newKey()
      const { status, body } = await putMeeting(origin, await bearer(), key, {
        ...quarterlyReview,
        recurring: Boolean(changes.recurrence),
      })
      expect(status, JSON.stringify(body)).toBe(200)
      const saved = {
        id: `appointment ${Date.now()} ${key}`,
        subject: quarterlyReview.subject,
        ...at(3),
        timeZone: quarterlyReview.timeZone,
        customProperties: { zoomMeeting: JSON.stringify({ key }) },
        locations: [{ displayName: body.joinUrl }],
        ...changes,
      }
      const followed = () =>
        world.logged.filter((line) => /event followed|divergence repaired/.test(line)).length
      const before = followed()
      world.graph.calendars.put(saved, emailAddress)
      // Graph sends `created`. The log may also have a late line about another event.
      const taken = `select from meetings where key = '${key}' and event is not null and lease is null`
      const isTaken = async () => !world.settings.DATABASE_URL || (await world.sql(taken)).length === 1
      await until(async () => followed() > before && (await isTaken()))
      return {
        key,
        saved,
        /** What Zoom has. */
        zoom: () => world.zoom.meetings().find(({ id }) => String(id) === body.id),
        change: (other: Record<string, unknown>) =>
          world.graph.calendars.put({ ...saved, ...other }, emailAddress),
        remove: () => world.graph.calendars.delete(saved.id),
      }
    },
  }
}
