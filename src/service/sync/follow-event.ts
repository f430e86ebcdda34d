import { Problem } from '../../contract/problems.ts'
import { actingFor } from '../connections/connections.ts'
import type { Statements } from '../database/statements.ts'
import { withDeadline } from '../deadline.ts'
import type { Cause, EventJob, Outcome, Queued } from '../jobs/jobs.ts'
import { type Log, reasonOf } from '../log.ts'
import type { Follow, Followed, Repairs } from '../meetings/follow.ts'
import type { EventRecords, KeptEvent, OwnEvent } from '../meetings/records/events.ts'
import type { Known } from '../meetings/records/lease.ts'
import type { Discard } from '../meetings/unseen.ts'
import type { Calendar, ProviderEvent } from '../providers/provider.ts'
import { lacksScope } from '../zoom/errors.ts'
import { day } from '../zoom/lifetime.ts'
import type { ZoomMeeting } from '../zoom/meeting.ts'
import { appointmentFrom } from './appointment.ts'
import type { Before, ReadBefore } from './before.ts'
import type { EventIds } from './event-ids.ts'
import { goneJobOf, jobOf } from './job-of.ts'
import type { Watches, Way } from './watches.ts'
import { busyIn, isWithoutAccess, type Wanted } from './watching.ts'
import { windowAt } from './window.ts'

interface Needs {
  meetings: Follow & Pick<Discard, 'keepUnseen'>
  watches: Pick<Watches, 'recordChange' | 'drop' | 'leaveAlone' | 'lookForMissing'>
  events: Pick<EventRecords, 'part' | 'report'>
  before: ReadBefore
  ids: Pick<EventIds, 'open' | 'of'>
  /** `way`: how it is connected, as has just been read. */
  calendarOf(subject: string, way: Way): Calendar
  /** The ids of the events in this person's calendar that have a meeting. */
  keptIn(subject: string): Promise<readonly string[]>
  /** Stores jobs. */
  send(jobs: readonly Queued[]): Promise<void>
  log: Log
}

/** Seconds until an event is read again: after the next pass. */
const again = 26 * 3600
/** Seconds until Zoom is asked again for what its app may not do yet: an administrator has to add a scope. */
const untilAllowed = 3_600
/** What is done about a change in Zoom where it is only shown. After a change in the calendar the meeting follows that. */
const whereShown: Record<Cause, Repairs> = { calendar: 'unless gone', zoom: 'none', pass: 'unless shown' }
/** Seconds after midnight: by the clock of Zoom, or of the database, it may be a little earlier. */
const forClocks = 300
/** Milliseconds for one event: less than a job has. */
const deadline = 45_000
/** Milliseconds for a question to the provider while the meeting is leased: a person may be waiting for it. */
const whileLeased = 5_000

/** Other events that are asked for where one is missing. */
const mostAsked = 5

/** What is asked about an event. */
interface Asked {
  wanted: Wanted
  calendar: Calendar
  reading: Promise<ProviderEvent | undefined>
}

/** What is known of an event, and what was asked about it already. */
export interface Begun {
  known: Before
  asked: Asked | undefined
}

/**
 * Makes the meeting of an event as the event is now. A notification is a hint only: it may come late, twice or in another
 * order, and the event is read again each time.
 */
export function followEvent({
  meetings,
  watches,
  events,
  before,
  ids,
  calendarOf,
  keptIn,
  send,
  log,
}: Needs) {
  async function follow(
    { subject, event: id }: EventJob,
    cause: Cause,
    signal: AbortSignal,
    { own, key: known, record }: Before,
    { wanted, calendar, reading }: Asked,
  ): Promise<Followed | 'stale'> {
    const caller = actingFor(subject)
    // While the provider answers. Not before: until the job is taken, another process may have it.
    const seen = record && meetings.see(caller, record, signal)
    const event = await reading
    if (!event) return removeUnlessMoved(calendar, { subject, event: id }, own, signal, false)
    // One that has lost the add-in's note goes on with its meeting.
    const key = event.key ?? known
    if (!key) return 'none'
    if (!canHaveMeeting(event)) {
      await meetings.keepUnseen(subject, key)
      return event.organised ? 'none' : parted(own)
    }
    if (event.cancelled) await handOver(calendar, { subject, event: id }, own, signal)
    const factsFor = (meeting: ZoomMeeting) => appointmentFrom(event, meeting)
    const repairs = wanted.zoomChanges === 'repair' ? 'all' : whereShown[cause]
    const soon = () => AbortSignal.any([signal, AbortSignal.timeout(whileLeased)])
    const following = {
      key,
      own,
      factsFor: event.cancelled ? undefined : factsFor,
      async isBefore(kept: KeptEvent) {
        if (event.cancelled) return false
        const id = kept.calendar === subject ? await ids.open(kept) : undefined
        const owner = id ? await calendar.event(id, soon()) : undefined
        // One that is gone may be the same event, where ids change.
        const isNext = owner ? owner.key === key && isBefore(event, owner) : id !== undefined
        // This one may have been deleted, and have left the meeting to that one.
        return isNext && (await following.isShown()) !== false
      },
      isShown: () => calendar.isShown(event, windowAt(Date.now()), soon()),
    }
    return meetings.follow(caller, following, repairs, seen, signal)
  }

  /** Asks about an event. Undefined: it is not followed. */
  function ask({ subject, event: id }: EventJob, { wanted }: Before, signal: AbortSignal): Asked | undefined {
    if (!wanted) return undefined
    const calendar = calendarOf(subject, wanted.way)
    const reading = calendar.event(id, signal)
    // Perhaps nobody needs it.
    reading.catch(() => {})
    return { wanted, calendar, reading }
  }

  async function dropped(subject: string): Promise<Followed> {
    await watches.drop(subject)
    return 'none'
  }

  /** Another organiser has the appointment, and its meeting. */
  async function parted(own: OwnEvent): Promise<Followed> {
    await events.part(own)
    return 'none'
  }

  /**
   * No calendar has this event any more. Each of its meetings is removed, unless another event has the key. Where nobody has
   * reported it as deleted, it may be another mailbox: a comparison decides, unless another event with a meeting is there.
   */
  async function removeUnlessMoved(
    calendar: Calendar,
    job: EventJob,
    own: OwnEvent,
    signal: AbortSignal,
    isReported: boolean,
  ): Promise<Followed | 'stale'> {
    const left = await handOver(calendar, job, own, signal, true)
    if (left.length > 0 && !isReported && !(await showsAnother(calendar, job, signal))) {
      await watches.lookForMissing(job.subject)
      return 'none'
    }
    return meetings.removeAll(actingFor(job.subject), left, signal)
  }

  /** Whether the mailbox has another one of the events with a meeting. A few are asked for. */
  async function showsAnother(calendar: Calendar, { subject, event: id }: EventJob, signal: AbortSignal) {
    const others = (await keptIn(subject)).filter((other) => other !== id)
    for (const other of others.slice(0, mostAsked)) if (await calendar.event(other, signal)) return true
    return false
  }

  /**
   * Gives each meeting of an event that has ended to another event with its key: a copy, the rest of a series, or the same
   * event with another id. Returns those that no other event has. `isGone`: the event has no id any more.
   */
  async function handOver(
    calendar: Calendar,
    { subject, event: id }: EventJob,
    from: OwnEvent,
    signal: AbortSignal,
    isGone = false,
  ): Promise<Known[]> {
    const caller = actingFor(subject)
    const left: Known[] = []
    for (const known of await meetings.of(caller, from.hash)) {
      const { key } = known
      const found = await calendar.withKey(key, signal)
      // A list may be behind: it is read again later.
      if (isGone && found.includes(id)) throw new Problem('calendar_unreachable')
      const others: ProviderEvent[] = []
      for (const other of found) {
        const event = other === id ? undefined : await calendar.event(other, signal)
        if (event && canFollow(event, key)) others.push(event)
      }
      const [first] = others.sort((one, other) => (isBefore(one, other) ? -1 : 1))
      if (!first) left.push(known)
      else {
        const follow = () => send([jobOf(subject, first.id)])
        await meetings.handOver(caller, key, { from, to: await ids.of(subject, first.id), follow }, signal)
      }
    }
    return left
  }

  /**
   * The provider says that the event is gone. Where it can still be read by its id, as in a folder for what is deleted,
   * every calendar is looked through before its meeting is removed.
   */
  async function followGone(
    job: EventJob,
    cause: Cause,
    signal: AbortSignal,
    { own }: Before,
    { calendar, reading }: Asked,
  ): Promise<Followed | 'stale'> {
    const { subject, event: id } = job
    const event = await reading
    const isPart = event?.kind === 'occurrence' || event?.kind === 'exception'
    if (isPart) return 'none'
    if (event?.organised === false) return parted(own)
    if (!event || (await isGone(calendar, event, signal)))
      return removeUnlessMoved(calendar, job, own, signal, true)
    await send([{ ...jobOf(subject, id, cause === 'pass' ? 'pass' : ''), cause }])
    return 'none'
  }

  /** One that changes while the calendars are read may have moved from one that was not read yet to one that was. */
  async function isGone(calendar: Calendar, event: ProviderEvent, signal: AbortSignal): Promise<boolean> {
    if ((await calendar.isShown(event, windowAt(Date.now()), signal)) !== false) return false
    const now = await calendar.event(event.id, signal)
    return now === undefined || now.version === event.version
  }

  /** Reads what is known of an event, unless that was read already. `ahead`: and asks about it, until that aborts. */
  async function begin(
    { job, known: read }: Pick<Queued, 'job'> & { known?: Before | undefined },
    execute?: Statements['execute'],
    ahead?: AbortSignal,
  ): Promise<Begun> {
    const known = read ?? (await before(job, execute))
    return { known, asked: ahead && !known.isRead && !known.busyFor ? ask(job, known, ahead) : undefined }
  }

  const failed = (error: unknown) => log.warn('work failed', { work: 'events', ...reasonOf(error) })

  async function act(
    { job, key, cause }: Queued & { cause: Cause },
    storedAt: Date,
    until: AbortSignal,
    begun: Promise<Begun> | undefined,
  ): Promise<Outcome> {
    const began = performance.now()
    const once = isAboutGone(job, key) ? followGone : follow
    /** The job may be given up, and jobs go with a watch: that the event was reported as gone is kept with its meeting. */
    const report = async (own: OwnEvent) => {
      if (isAboutGone(job, key)) await events.report(own)
    }
    const act = async (signal: AbortSignal) => {
      let { known, asked } = (await begun?.catch(() => undefined)) ?? (await begin({ job }))
      for (;;) {
        asked = known.busyFor > 0 ? undefined : (asked ?? ask(job, known, signal))
        if (!asked) {
          await report(known.own)
          return known.busyFor > 0 ? { busyFor: known.busyFor } : dropped(job.subject)
        }
        const followed = await once(job, cause, signal, known, asked)
        if (followed !== 'stale') return followed
        ;({ known, asked } = await begin({ job }))
      }
    }
    try {
      const followed = await withDeadline(deadline, act, until)
      if (typeof followed === 'object') return afterBusy(followed.busyFor)
      const isChanged = ['changed', 'recovered', 'removed'].includes(followed)
      const isPass = cause === 'pass'
      const isRepaired = isPass && isChanged
      log[isRepaired ? 'warn' : 'info'](isRepaired ? 'divergence repaired' : 'event followed', {
        caller: job.subject,
        reason: followed,
        milliseconds: Math.round(performance.now() - began),
        ...(isChanged && !isPass && { lag: Math.max(0, Date.now() - storedAt.getTime()) }),
      })
      const isWatched = await watches.recordChange(job.subject)
      // A pass does not see an event that came and went since the one before.
      if (isWatched && cause === 'calendar' && (followed === 'changed' || followed === 'same'))
        await send([{ ...jobOf(job.subject, job.event, 'again'), cause: 'pass', startAfter: again }])
      return 'done'
    } catch (error) {
      failed(error)
      // The job is settled although that cannot be stored.
      if (isAboutGone(job, key)) await ids.of(job.subject, job.event).then(events.report).catch(failed)
      if (!(error instanceof Problem)) return { failed: 'unexpected' }
      if (isWithoutAccess(error)) {
        await watches.drop(job.subject)
        return 'done'
      }
      if (error.code === 'zoom_daily_limit') return { later: secondsUntilTomorrow(), isOld: false }
      if (lacksScope(error)) return { later: untilAllowed, isOld: true }
      const busy = busyIn(error)
      if (busy > 0) {
        await watches.leaveAlone(job.subject, busy)
        return afterBusy(busy)
      }
      return { failed: error.code }
    }
  }

  return { act, begin }
}

/** A random part keeps the events of a mailbox apart. */
const afterBusy = (seconds: number) => ({ later: seconds * (1 + Math.random() / 4), isOld: true })

/** The provider has said that the event is gone. */
const isAboutGone = (job: EventJob, key: string) => key === goneJobOf(job.subject, job.event).key

/** An invitation is somebody else's. A series is one meeting, whose link works for each of its dates. */
const canHaveMeeting = ({ kind, organised }: ProviderEvent) =>
  organised && (kind === 'single' || kind === 'series')

/** The meeting with this key may belong to this event. */
export const canFollow = (event: ProviderEvent, key: string) =>
  event.key === key && canHaveMeeting(event) && !event.cancelled

const isBefore = (one: ProviderEvent, other: ProviderEvent) =>
  Date.parse(one.created) < Date.parse(other.created)

/**
 * Zoom counts the changes to the meetings of one host from midnight to midnight, UTC. The event is read again then, so its
 * newest state wins. A random part keeps hosts apart.
 */
function secondsUntilTomorrow(): number {
  const now = Date.now()
  return (day - (now % day)) / 1000 + forClocks + 600 * Math.random()
}
