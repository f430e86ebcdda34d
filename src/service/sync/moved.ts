import { Problem } from '../../contract/problems.ts'
import { lastUsed } from '../last-used.ts'
import { type Log, reasonOf } from '../log.ts'
import type { EventRecords, HasMoved } from '../meetings/records/events.ts'
import { mayPass } from '../providers/exchange/requests.ts'
import type { Calendar } from '../providers/provider.ts'
import { canFollow } from './follow-event.ts'
import type { Place } from './places.ts'
import type { DuePass, Watches } from './watches.ts'
import { isWithoutAccess } from './watching.ts'

interface Needs {
  watches: Pick<Watches, 'atOther' | 'unconnectedOf' | 'leftBehind'>
  events: Pick<EventRecords, 'keysOf'>
  /** Whether Exchange Online has the mailbox of this person in Entra. False: it says that it has not. */
  isOnline(subject: string, signal: AbortSignal): Promise<boolean>
  /** Where a mailbox that has moved may be the one of this person, as far as nobody has to do anything to open it. */
  placesOf(subject: string, signal: AbortSignal): AsyncIterable<Place>
  /** Ends the watch. Its meetings belong to the next calendar of their host that has them. */
  end(subject: string, hasMoved: HasMoved): Promise<void>
  calendarOf(subject: string): Calendar
  /** Asks a server whether it has the mailbox: if it says that it has not, the connection ends. */
  check(subject: string): Promise<void>
  /** Ends the connections of this person with Microsoft 365, or with their server. */
  left(subject: string): Promise<void>
  log: Log
}

/** Failures in a row, of a subscription or of a comparison, after which about a day has passed. */
const aDay = { watch: 30, pass: 12 } as const

/** People that a round looks at, and of whom this process remembers when it looks for their mailbox again. */
const [batch, mostRemembered] = [5_000, 10_000]
/** Milliseconds for one look, and between two of one person: twice as long each time. */
const [longestLook, firstPause, longestPause] = [30_000, 15_000, 6 * 3_600_000]
/** Milliseconds for which a person waits who opens the pane. */
const whileWaiting = 8_000

/**
 * Mailboxes that have moved between Exchange Online and a server of the organisation. Their meetings keep their links. Who has
 * the mailbox now is found by the Zoom user, which is proved on both sides. That alone proves no mailbox: one that is opened by
 * the organisation is connected only if it shows the key of a meeting that followed the calendar before.
 */
export function movedMailboxes(needs: Needs) {
  const { watches, events, isOnline, placesOf, calendarOf, end, check, left, log } = needs
  const looked = lastUsed<{ failures: number; again: number }>(mostRemembered)
  let begunTo: string | undefined

  /** A server has said that it has not. */
  const isStillOnline = async (subject: string, signal: AbortSignal) =>
    subject.startsWith('entra:') && (await isOnline(subject, signal))

  async function endIfMoved(
    subject: string,
    signal: AbortSignal,
    how: HasMoved = 'certainly',
  ): Promise<void> {
    if (await isStillOnline(subject, signal)) return
    // First: if this process ends in between, the connection is found again.
    await end(subject, how)
    await left(subject)
  }

  /**
   * Connects the mailbox of this person if it is the one in which the calendar of `from` was. `isOpen`: that is still
   * connected, and ends. False: it is not proved.
   */
  async function arrive(from: string, here: string, isOpen: boolean, signal: AbortSignal): Promise<boolean> {
    const keys = await events.keysOf(from)
    if (keys.length === 0) return false
    for await (const { calendar, connect } of placesOf(here, signal))
      for (const key of keys) {
        const found = await calendar.withKey(key, signal).catch(unlessProblem)
        if (!found) break
        if (found.length === 0) continue
        // First: if this process ends in between, the next round connects.
        if (isOpen) await endIfMoved(from, signal)
        return connect()
      }
    return false
  }

  /** The same, of a calendar that is still connected, and that the other provider has no more. */
  async function arriveFrom(from: string, signal: AbortSignal): Promise<boolean> {
    const others = await watches.unconnectedOf(from)
    if (others.length === 0 || (await isStillOnline(from, signal))) return false
    for (const here of others) if (await arrive(from, here, true, signal)) return true
    return false
  }

  /**
   * Whether this mailbox has the calendar of `from`, whose server refuses the password and so does not say that it has it no
   * more: most of the last meetings have an event here. A copy of one appointment may be anywhere.
   */
  async function shows(subject: string, from: string, signal: AbortSignal): Promise<boolean> {
    const keys = await events.keysOf(from)
    let found = 0
    for (const key of keys) if (await hasEvent(calendarOf(subject), key, signal)) found++
    return found > keys.length / 2
  }

  /** Whether the meeting with this key may belong to an event of this calendar. */
  async function hasEvent(calendar: Calendar, key: string, signal: AbortSignal): Promise<boolean> {
    for (const id of await calendar.withKey(key, signal)) {
      const event = await calendar.event(id, signal)
      if (event && canFollow(event, key)) return true
    }
    return false
  }

  return {
    /**
     * The calendar of this person is about to be compared as a whole: it may be the one that was at the other provider. Throws
     * if that is not known, so that nothing counts as a copy of what is not there any more. One that was compared before was
     * there beside the other one, unless its provider says that this one has moved.
     */
    async before(
      { subject, checkedAt }: Pick<DuePass, 'subject' | 'checkedAt'>,
      signal: AbortSignal,
    ): Promise<void> {
      const isOnServer = subject.startsWith('exch:')
      const isNew = checkedAt === null
      for (const { subject: other, isOpen, isRefused } of await watches.atOther(subject))
        if (isOnServer ? isOpen : isRefused && isNew && (await shows(subject, other, signal)))
          await endIfMoved(other, signal, isOnServer ? 'certainly' : 'perhaps').catch((error) => {
            if (!isWithoutAccess(error)) throw error
          })
    },

    /**
     * A calendar could not be watched or compared. Exchange Online may have lost its mailbox for a moment, as with a
     * licence, and a pool of servers or a proxy may be set up wrongly for a while, so it ends only after about a day, unless the mailbox
     * is found at the other provider. A server that refuses the mailbox is asked once more.
     */
    async failed(
      what: keyof typeof aDay,
      { subject, failures }: { subject: string; failures: number },
      error: unknown,
    ): Promise<void> {
      if (subject.startsWith('exch:') && !mayPass(error)) {
        if (isRefused(error)) await check(subject).catch(unlessProblem)
        return
      }
      const signal = AbortSignal.timeout(longestLook)
      const act = failures < aDay[what] ? arriveFrom : endIfMoved
      await act(subject, signal).catch(unlessProblem)
    },

    /** A person with no calendar connected is here. It must not keep them waiting. */
    async looked(subject: string): Promise<'moved' | 'arrived' | undefined> {
      const isOnServer = subject.startsWith('exch:')
      const others = await watches.atOther(subject)
      const gone = others.filter(({ isGone }) => isOnServer || isGone)
      const signal = AbortSignal.timeout(whileWaiting)
      for (const { subject: other, isOpen } of gone) {
        const isHere = !isOpen || !(await isOnline(other, signal).catch(() => true))
        if (isHere && (await arrive(other, subject, isOpen, signal).catch(unlessProblem))) return 'arrived'
      }
      return gone.length > 0 ? 'moved' : undefined
    },

    /** Looks for mailboxes that were found nowhere yet. */
    async round(signal: AbortSignal): Promise<void> {
      const { last, left: all } = await watches.leftBehind(begunTo ?? '0', batch)
      begunTo = last
      for (const one of all) {
        const name = `${one.left} ${one.here}`
        const { failures, again } = looked.get(name) ?? { failures: 0, again: 0 }
        if (again > Date.now() || signal.aborted) continue
        const soon = AbortSignal.any([signal, AbortSignal.timeout(longestLook)])
        const hasArrived = await arrive(one.left, one.here, false, soon).catch((error) => {
          if (!(error instanceof Problem)) throw error
          if (!isWithoutAccess(error)) log.warn('work failed', { work: 'moves', ...reasonOf(error) })
        })
        const wait = Math.min(firstPause * 2 ** failures, longestPause) * (0.75 + Math.random() / 2)
        looked.set(name, { failures: hasArrived ? 0 : failures + 1, again: Date.now() + wait })
      }
    },
  }
}

export type Moved = ReturnType<typeof movedMailboxes>

/** The provider says that it does not open this calendar. */
export const isRefused = (error: unknown) => error instanceof Problem && error.code === 'calendar_refuses'

function unlessProblem(error: unknown): undefined {
  if (!(error instanceof Problem)) throw error
}
