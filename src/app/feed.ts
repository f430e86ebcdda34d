import { createClient, problemOf } from '../browser/client.ts'
import type { CalendarEvent } from '../contract/calendar-event.ts'
import {
  type Ending,
  endingFrom,
  endings,
  type FeedAccess,
  feedAccessFrom,
  feedPaths,
  heartbeatSeconds,
  refreshSeconds,
} from '../contract/feed.ts'
import { Problem } from '../contract/problems.ts'
import { type Calendar, type Period, TokenRefused } from './calendar.ts'
import { googleCalendar } from './google.ts'
import { graphCalendar } from './graph.ts'
import { hintsIn } from './hints.ts'
import { proxyCalendar } from './proxy.ts'

/** What an app shows. It is in memory only. */
export interface Shown {
  /** The events of the period, the earliest first. Undefined: not read yet, or forgotten. */
  events?: readonly CalendarEvent[]
  /** Milliseconds since 1970: when the events were read. */
  readAt?: number
  /** Changes are heard of. */
  isLive: boolean
  /** Why the events cannot be read at the moment. Those that were read before are still shown if the calendar is open. */
  problem?: Problem
  /** Everything is forgotten, and why. The person has to sign in again. */
  ended?: Ending
}

/** Milliseconds. */
export const pace = {
  /** Without a hint the calendar is read again after that. */
  refresh: refreshSeconds * 1000,
  /** A stream that is silent for that long has ended. */
  silence: 2 * heartbeatSeconds * 1000,
  /** Before another try, at first and at most. */
  firstRetry: 1_000,
  longestRetry: 60_000,
  /** Before another try at most, if the provider or the service says how long to wait. */
  longestAsked: 3_600_000,
}

interface Needs {
  /** The service's origin. */
  origin: string
  /** An access token of the person's session. Throws `sign_in_required` once the session has ended. */
  token(options: { fresh?: boolean }): Promise<string>
  /** What is shown now. */
  period(): Period
  /** Called with every change of what is shown. */
  show(shown: Shown): void
  language?: () => string
  pace?: typeof pace
}

/**
 * Follows the calendar of the person who has signed in: reads all of it at once, again with each hint, and every 30 minutes
 * without one. Nothing is stored. If access ends, everything is forgotten at once, and `show` says why.
 */
export function followCalendar({ origin, token, period, show, language, pace: timing = pace }: Needs) {
  const service = createClient(origin, token, language)
  const get = (path: string) => service.sendProven('GET', path)
  const over = new AbortController()
  let shown: Shown = { isLive: false }
  /** The last lists. A framework can keep what it has shown before, so they are emptied when everything is forgotten. */
  const lists: CalendarEvent[][] = []
  let access: { is: FeedAccess; until: number } | undefined
  /** How often the service has said that the calendar is read in another way. */
  let accessChanges = 0
  let nextRead: ReturnType<typeof setTimeout> | undefined
  let reading = false
  let readAgain = false
  let failures = 0
  /** Milliseconds since 1970: until then the provider, or the service, has asked not to be asked. */
  let notBefore = 0

  function change(now: Partial<Shown>): void {
    if (over.signal.aborted) return
    shown = { ...shown, ...now }
    show(shown)
  }

  /** What was read of a calendar that is not open any more. */
  function drop(): void {
    for (const list of lists) list.length = 0
    const { events: _, readAt: __, ...rest } = shown
    shown = rest
  }

  function forget(why: Ending): void {
    if (over.signal.aborted) return
    stop()
    drop()
    shown = { isLive: false, ended: why }
    show(shown)
  }

  function stop(): void {
    clearTimeout(nextRead)
    access = undefined
    over.abort()
  }

  /** Reads the calendar now, or once more after the read that runs. */
  function refresh(): void {
    if (over.signal.aborted) return
    readAgain = true
    if (!reading && Date.now() >= notBefore) void readUntilCurrent()
  }

  async function readUntilCurrent(): Promise<void> {
    reading = true
    clearTimeout(nextRead)
    let wait = timing.refresh
    while (readAgain && !over.signal.aborted) {
      readAgain = false
      wait = timing.refresh
      try {
        const events = inOrder(await readOnce(period()))
        if (lists.push(events) > 3) lists.shift()
        failures = 0
        const { problem: _, ...rest } = shown
        shown = rest
        change({ events, readAt: Date.now() })
      } catch (error) {
        const why = endingIn(error)
        if (why) return forget(why)
        const problem = problemIn(error)
        const asked = askedIn(problem)
        notBefore = Date.now() + asked
        wait = Math.max(asked, backOff(failures++))
        if (closed.has(problem.code)) drop()
        change({ problem })
        if (asked > 0) break
      }
    }
    reading = false
    if (!over.signal.aborted) nextRead = setTimeout(refresh, wait + 1)
  }

  /** If the provider refuses the token, the service is asked once for another one. */
  async function readOnce(wanted: Period): Promise<CalendarEvent[]> {
    const current = await accessNow()
    try {
      return await calendarOf(current).read(wanted, over.signal)
    } catch (error) {
      if (!(error instanceof TokenRefused) || current.mode === 'proxy') throw error
      return await calendarOf(await accessNow(current.id)).read(wanted, over.signal)
    }
  }

  async function accessNow(refused?: string): Promise<FeedAccess> {
    if (access && !refused && access.until > Date.now()) return access.is
    access = undefined
    const changes = accessChanges
    const query = refused === undefined ? '' : `?refused=${encodeURIComponent(refused)}`
    const is = feedAccessFrom(await get(`${feedPaths.accessToken}${query}`))
    over.signal.throwIfAborted()
    // A token that ends while an answer comes would be refused.
    const seconds = is.mode === 'token' ? Math.max(0, is.expiresIn - 60) : Number.POSITIVE_INFINITY
    if (changes === accessChanges) access = { is, until: Date.now() + seconds * 1000 }
    return is
  }

  function calendarOf(is: FeedAccess): Calendar {
    const origin = is.zoomOrigin
    if (is.mode === 'proxy') return proxyCalendar(get, { origin })
    const open = is.provider === 'google' ? googleCalendar : graphCalendar
    const rooms = is.zoomRooms === undefined ? undefined : new Set(is.zoomRooms.split(' '))
    return open(is.api, is.accessToken, { origin, rooms })
  }

  /** Milliseconds that the answer says to wait. */
  const askedIn = ({ details }: Problem) => Math.min(timing.longestAsked, (details.retryAfter ?? 0) * 1000)

  const backOff = (tries: number) =>
    Math.min(timing.longestRetry, timing.firstRetry * 2 ** Math.min(tries, 20)) * (0.5 + Math.random() / 2)

  /** Connects to the hints again and again. */
  async function listen(): Promise<void> {
    let lastId: string | undefined
    let tries = 0
    let fresh = false
    let wait: number | undefined
    while (!over.signal.aborted) {
      const silence = new AbortController()
      let asked = 0
      let watchdog = setTimeout(() => silence.abort(), timing.silence)
      const heard = () => {
        clearTimeout(watchdog)
        watchdog = setTimeout(() => silence.abort(), timing.silence)
      }
      try {
        const response: Response = await fetch(`${origin}${feedPaths.hints}`, {
          headers: {
            accept: 'text/event-stream',
            authorization: `Bearer ${await token({ fresh })}`,
            ...(language && { 'accept-language': language() }),
            ...(lastId !== undefined && { 'last-event-id': lastId }),
          },
          cache: 'no-store',
          signal: AbortSignal.any([over.signal, silence.signal]),
        })
        if (response.status === 401 && fresh) return forget('session_ended')
        fresh = response.status === 401
        if (fresh) continue
        if (!response.ok || !response.body) throw await problemOf(response)
        change({ isLive: true })
        const hints = hintsIn(response.body, heard, (milliseconds) => {
          wait = milliseconds
        })
        for await (const { event, data, id } of hints) {
          tries = 0
          if (event === 'access') {
            access = undefined
            accessChanges++
            lastId = undefined
            continue
          }
          // A hint that comes twice says nothing new.
          if (event === 'changed' && (id === undefined || id !== lastId)) refresh()
          lastId = id ?? lastId
          if (event !== 'ended') continue
          const why = endingFrom(data)
          if (endings[why].forget) return forget(why)
          break
        }
      } catch (error) {
        const why = endingIn(error)
        if (why) return forget(why)
        asked = askedIn(problemIn(error))
      } finally {
        clearTimeout(watchdog)
        silence.abort()
      }
      change({ isLive: false })
      await pause(Math.max(asked, wait ?? 0, backOff(tries++)), over.signal)
    }
  }

  refresh()
  void listen()
  return {
    /** Reads the calendar now: the period has changed, or the device is online again. */
    refresh,
    /** Ends without forgetting what is shown: the app closes. */
    stop,
    /** The person signs out. */
    forget: () => forget('session_ended'),
  }
}

/** What the service says of a calendar to which there is no access any more. Silence does not say so. */
const closed = new Set<string>(['calendar_not_connected', 'calendar_not_allowed'])

/** Whether an error says that the session or the person's access has ended. Silence of the service does not say so. */
function endingIn(error: unknown): Ending | undefined {
  if (!(error instanceof Problem)) return undefined
  if (error.code === 'access_revoked') return 'revoked'
  const isOver = error.code === 'sign_in_required' || error.code === 'sign_in_refused'
  return isOver ? 'session_ended' : undefined
}

function problemIn(error: unknown): Problem {
  if (error instanceof Problem) return error
  return new Problem(error instanceof TokenRefused ? 'calendar_refuses' : 'unexpected', {}, error)
}

const inOrder = (events: readonly CalendarEvent[]) =>
  events.toSorted((one, other) => one.start.localeCompare(other.start) || other.minutes - one.minutes)

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const timer = setTimeout(done, milliseconds)
    signal.addEventListener('abort', done, { once: true })
    function done() {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
  })
}
