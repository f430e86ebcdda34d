import { setTimeout as pause } from 'node:timers/promises'
import { type Appointment, utc } from '../../contract/appointment.ts'
import type { SyncState } from '../../contract/connections.ts'
import type { Options } from '../../contract/meeting-options.ts'
import { Problem } from '../../contract/problems.ts'
import type { Caller } from '../caller.ts'
import { issueTicket } from '../identity/tickets.ts'
import type { Late } from '../jobs/late.ts'
import type { Storable } from '../jobs/storing.ts'
import { hasEnded } from '../zoom/errors.ts'
import { idEnds } from '../zoom/lifetime.ts'
import { differs, within, type ZoomFacts, type ZoomMeeting, zoomFacts } from '../zoom/meeting.ts'
import { bodyFrom } from '../zoom/options.ts'
import { type ChosenNeeds, chosenFor } from './chosen.ts'
import type { Echoes } from './echoes.ts'
import { exclusively, type Which } from './exclusively.ts'
import { firstCheck } from './expiring.ts'
import { type Hosts, isAbout, madeForThemselves } from './hosts.ts'
import type { KeptEvent } from './records/events.ts'
import type { Leased, LeaseRecords, Whereabouts } from './records/lease.ts'
import { knownIds, meetingOf, reference } from './reference.ts'
import type { Undo } from './undo.ts'
import { allowedZoomFor, type Zooms } from './zooms.ts'

interface Needs extends ChosenNeeds {
  zooms: Zooms
  hosts: Hosts
  records: LeaseRecords
  echoes: Echoes
  undo: Pick<Undo, 'recover'>
  listeners: MeetingListeners
}

/** Who hears of meetings. */
export interface MeetingListeners {
  /**
   * A request changes the meeting of this event, although the appointment may not be saved. Returns the job that makes the
   * meeting as the event is by then: `soon`, if it stays unknown whether Zoom has changed it, and else `later`. Undefined:
   * there is none. It must not throw.
   */
  changing?(event: KeptEvent): Promise<Record<'soon' | 'later', Storable> | undefined>
  /** A request has made the meeting of this event as its appointment is. It must not throw. */
  made?(event: KeptEvent, isChanged: boolean): void
  /** Whether the last change of an event is not in Zoom yet, or will not be. */
  followingOf?(event: KeptEvent): Promise<Late | 'followed' | undefined>
  /** How meetings follow the calendar of this person, who has connected it. */
  syncOf?(caller: Caller): Promise<SyncState>
}

/** Milliseconds until Zoom lists a meeting that it has just created. */
const untilListed = 500

/**
 * Creates or updates the meeting for this key. Idempotent: the same key twice, at once or after a crash, is one meeting.
 * A caller who disconnects meanwhile is refused. A meeting that is created after the connection has ended (`isGone`) is
 * left to the sweep, unless the same key comes again first: the window was closed, and nobody learns the link. `wanted`:
 * options of a meeting that is created; one that exists keeps its own.
 */
export function put(
  needs: Needs,
  caller: Caller,
  which: Which,
  appointment: Appointment,
  wanted: Options,
  isGone: () => boolean,
): Promise<ZoomMeeting & { ticket: string }> {
  const { records } = needs
  return exclusively(needs, caller, which, async (taken, signal) => {
    let record = taken
    const event = taken.zoomMeetingId && taken.eventId ? { ...taken, ...taken.eventId } : undefined
    let job: Record<'soon' | 'later', Storable> | undefined
    /** From now on Zoom may have changed it, also if this process ends. */
    async function changing(): Promise<void> {
      job = event && (await needs.listeners.changing?.(event))
      if (job) await records.store(record, job.soon)
    }
    const updateKnown = () => updateIfKnown(needs, caller, record, appointment, changing, signal)
    const createOne = () => create(needs, caller, which, record, appointment, wanted, signal)
    /** Zoom may have created the meeting before it failed. Then it is found, and no second one is created. */
    const findOrCreate = async (error: unknown) => {
      if (!hasEnded(error)) throw error
      record = { ...record, hostId: hostOf(caller, record), zoomMeetingId: null, uncertain: true }
      await pause(untilListed, undefined, { signal }).catch(() => Promise.reject(error))
      return (await updateKnown()) ?? createOne()
    }
    /** The caller takes back a removal. What an interrupted try has left at Zoom comes before that. */
    const updateRecovered = async () => {
      if (!which.undo) return undefined
      const hostId = hostOf(caller, record)
      const zoom = await allowedZoomFor(needs, caller, record, hostId)
      record = await needs.undo.recover(zoom, caller, record, hostId, which.undo, signal)
      return record === taken ? undefined : updateKnown()
    }
    try {
      const known = (await updateKnown()) ?? (await updateRecovered())
      const meeting = known ?? (await createOne().catch(findOrCreate))
      if (isGone() && !taken.zoomMeetingId) {
        record = { ...record, uncertain: true }
        throw new Problem('being_scheduled')
      }
      const [ticket, row] = issueTicket(caller, idEnds(meeting, Date.now()))
      const made = { ...kept(meeting), calendar: calendarOf(caller, which, record) }
      // Another one is made in place of one that is gone.
      if (meeting.isChanged && !job) await changing()
      await records.keep(record, caller, made, row, job?.later)
      if (event) needs.listeners.made?.(event, meeting.isChanged)
      return { ...meeting, ticket }
    } catch (error) {
      await (certainlyUnmade(record, error) ? records.forget(record) : records.release(record))
      throw error
    }
  })
}

/**
 * Updates the meeting that is stored, or that an interrupted creation left at Zoom. Undefined: there is none. It may be
 * deleted between reading and changing it.
 */
async function updateIfKnown(
  needs: Needs,
  caller: Caller,
  record: Leased,
  appointment: Appointment,
  changing: () => Promise<void>,
  signal: AbortSignal,
): Promise<Hosted | undefined> {
  const zoom = await allowedZoomFor(needs, caller, record, record.hostId)
  const [id] = await knownIds(zoom, record, signal)
  if (!id) return undefined
  const known = meetingOf(id, caller, record)
  const meeting = await zoom.get(known, signal)
  if (!meeting) return undefined
  const facts = within(zoom.accepted(zoomFacts(appointment, meeting.created_at)), meeting, Date.now())
  needs.echoes.expect(record, id, facts)
  const isChanged = differs(meeting, facts)
  if (isChanged) await changing()
  if (isChanged && !(await zoom.update(known, facts, signal))) return undefined
  return { ...meeting, ...facts, hostId: record.hostId, isChanged }
}

async function create(
  needs: Needs,
  caller: Caller,
  { owner }: Which,
  record: Leased,
  appointment: Appointment,
  wanted: Options,
  signal: AbortSignal,
): Promise<Hosted> {
  const { records } = needs
  if (caller.ticket) throw new Problem('meeting_gone')
  const hostId = hostOf(caller, record)
  if (record.zoomMeetingId || hostId !== record.hostId) await records.lose(record, hostId)
  const zoom = await allowedZoomFor(needs, caller, record, hostId)
  const facts = zoom.accepted(living(appointment))
  const { all, decided, alwaysSo } = await chosenFor(needs, caller, wanted, owner ?? caller.signInName)
  const make = (options: Options) =>
    zoom.create(record.zoomUserId, hostId, facts, bodyFrom(options), reference(record), signal)
  // Zoom does not always say which field it refuses. A meeting without what a person or a default chose is better than none.
  const without = (fewer: Options, options: Options) => (error: unknown) => {
    if (!isAbout('zoom_refused', error) || isSame(options, fewer)) throw error
    return make(fewer)
  }
  const made = await make(all).catch(without(decided, all)).catch(without(alwaysSo, decided))
  return { ...made, ...facts, hostId, isChanged: true }
}

const isSame = (one: Options, other: Options) => JSON.stringify(one) === JSON.stringify(other)

/** Who hosts a meeting that is created now. A caller's own is hosted by the Zoom user that they have now. */
function hostOf(caller: Caller, record: Leased): string {
  return madeForThemselves(caller, record) ? record.zoomUserId : record.hostId
}

type Hosted = ZoomMeeting & { hostId: string; isChanged: boolean }

/** The facts of a meeting that is created now. Refuses one whose link would have expired already. */
function living(appointment: Appointment): ZoomFacts {
  const created_at = utc(new Date())
  const facts = zoomFacts(appointment, created_at)
  if (idEnds({ ...facts, created_at }) > Date.now()) return facts
  throw new Problem('invalid_appointment', { field: 'start', why: 'was more than 30 days ago' })
}

export function kept(meeting: Hosted) {
  const ends = idEnds(meeting)
  const { id, hostId, isChanged } = meeting
  return { zoomMeetingId: String(id), hostId, isChanged, idEnds: ends, lookAt: firstCheck(meeting, ends) }
}

/** A ticket is about an appointment that was in the same calendar before. */
function calendarOf(caller: Caller, which: Which, record: Leased): Whereabouts {
  if (caller.ticket) return 'as before'
  return which.isOwn && madeForThemselves(caller, record) ? 'own' : 'elsewhere'
}

/** A refusal created nothing. Silence may have. */
function certainlyUnmade(record: Leased, error: unknown): boolean {
  return (
    !record.zoomMeetingId &&
    !record.uncertain &&
    error instanceof Problem &&
    error.code !== 'zoom_unreachable'
  )
}
