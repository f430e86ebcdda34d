import { expect } from 'vitest'
import { followCalendar, pace, type Shown } from '../../../src/app/feed.ts'
import { type Session, sessionOf } from '../../../src/app/session.ts'
import { feedAccessFrom, feedPaths } from '../../../src/contract/feed.ts'
import { relayTo } from '../../app/network.ts'
import { appAt } from '../feed/kit.ts'
import { until } from './kit.ts'

/** The members of Graph's event that are compared ("event resource type"). */
interface GraphEvent {
  subject: string
  start: { dateTime: string }
  end: { dateTime: string }
  isAllDay: boolean
  isCancelled: boolean
  location: { displayName: string }
}

/** The days that the app shows, from now on: all in which a history puts something. */
const days = 75

/**
 * An app that follows Ada's calendar, over a network of its own. Nothing of its own makes it read again: hints do, and
 * `refresh`, as after half an hour.
 */
export async function openApp(service: string) {
  const network = await relayTo(service)
  const from = Math.floor(Date.now() / 86_400_000) * 86_400_000
  const period = { from, to: from + days * 86_400_000 }
  let session: Session
  let following: ReturnType<typeof followCalendar> | undefined
  let shown: Shown

  /** Its person opens it and signs in. Nothing is left of the time before. */
  async function begin(): Promise<void> {
    following?.stop()
    shown = { isLive: false, ended: 'session_ended' }
    const { accessToken, refreshToken } = await appAt(service).signIn()
    session = sessionOf(network.origin, 'upcoming-terminal', {
      ...{ access_token: accessToken, refresh_token: refreshToken, token_type: 'Bearer' },
      ...{ expires_in: 3600, scope: 'feed' },
    })
    shown = { isLive: false }
    following = followCalendar({
      origin: network.origin,
      token: session.token,
      period: () => period,
      show: (now) => {
        shown = now
      },
      pace: { ...pace, firstRetry: 20, longestRetry: 500 },
    })
  }
  await begin()

  /** What Graph says of the calendar, read without the app. */
  async function provided(): Promise<string[]> {
    const answer = await appAt(service).get(feedPaths.accessToken, await session.token({}))
    const access = feedAccessFrom(answer.body)
    if (access.mode !== 'token') throw new Error('The app is to read the calendar itself')
    const query = new URLSearchParams({
      startDateTime: new Date(period.from).toISOString(),
      endDateTime: new Date(period.to).toISOString(),
      $top: '1000',
    })
    const headers = { authorization: `Bearer ${access.accessToken}` }
    const list = await fetch(`${access.api}/me/calendarView?${query}`, { headers })
    expect(list.status).toBe(200)
    const { value } = (await list.json()) as { value: GraphEvent[] }
    return sorted(
      value
        .filter(({ isCancelled }) => !isCancelled)
        .map(({ subject, start, end, isAllDay, location }) => ({
          subject,
          start: `${start.dateTime.slice(0, 19)}Z`,
          minutes: (Date.parse(`${end.dateTime}Z`) - Date.parse(`${start.dateTime}Z`)) / 60_000,
          allDay: isAllDay,
          location: location.displayName,
          rooms: '',
        })),
    )
  }

  return {
    network,
    refresh: () => following?.refresh(),
    /** Its person closes it and opens it again. Who cannot sign in tries later. */
    again: () => begin().catch(() => {}),
    renew: () => session.token({ fresh: true }).catch(() => {}),
    /** Its session ends at the service. */
    end: () => session.end(),

    /** Until it has forgotten everything, because its person may not use the service any more. */
    forgets: () => until(() => shown.ended !== undefined && shown.events === undefined),

    /** Until it shows what the calendar has, and nothing else. Whose session has ended signs in again. */
    async settle(): Promise<void> {
      let wanted: string[] = []
      await until(async () => {
        if (shown.ended) await begin()
        wanted = await provided()
        return shown.events !== undefined && sorted(shown.events).join() === wanted.join()
      }).catch((cause) => {
        throw new Error(`The app shows ${JSON.stringify(shown)} and not ${wanted.join()}`, { cause })
      })
    },

    close(): void {
      following?.stop()
      network.close()
    },
  }
}

const sorted = (events: readonly object[]) =>
  events.map((event) => JSON.stringify(Object.entries(event).toSorted())).toSorted()
