import type { Appointment } from '../../contract/appointment.ts'
import { Problem } from '../../contract/problems.ts'
import type { Caller } from '../caller.ts'
import { extendTicket } from '../identity/tickets.ts'
import { idEnds } from '../zoom/lifetime.ts'
import { differs, within, type ZoomMeeting, zoomFacts } from '../zoom/meeting.ts'
import type { Echoes } from './echoes.ts'
import { exclusively } from './exclusively.ts'
import { type Hosts, isTheirs } from './hosts.ts'
import { kept } from './put.ts'
import type { KeptEvent, OwnEvent } from './records/events.ts'
import type { Free, Known, Leased, LeaseRecords } from './records/lease.ts'
import { meetingOf } from './reference.ts'
import { removeLeased, setAside, settleRemoved } from './remove.ts'
import { type Zooms, zoomFor } from './zooms.ts'

interface Needs {
  zooms: Zooms
  hosts: Hosts
  records: LeaseRecords
  echoes: Echoes
  /** Changes to one host's meetings after which sync makes no more on that day. */
  mostChanges: number
}

/**
 * What following an event came to. `recovered`: the meeting was deleted in Zoom, and is there again. `shown`: it is not as
 * the event is, and stays so. `copy`: it belongs to another event.
 */
export type Followed = 'changed' | 'recovered' | 'same' | 'shown' | 'removed' | 'copy' | 'none'

/**
 * What may be done about a meeting that is not as its event is. `all`: it is made so, and recovered if it was deleted in
 * Zoom. `unless gone`: not recovered. `unless shown`: nothing, if it is known that it was changed in Zoom.
 */
export type Repairs = 'all' | 'unless gone' | 'unless shown' | 'none'

/** The event that a meeting is to follow, as it has just been read. */
export interface Following {
  /** On the item, or that of the meeting which the event has. */
  key: string
  own: OwnEvent
  /** Whether it was there before the event that the meeting belongs to, which is then a copy of it. */
  isBefore(owner: KeptEvent): Promise<boolean>
  /** Whether a calendar shows it, as far as that can be proved: what was deleted may still be read. */
  isShown(): Promise<boolean | undefined>
  /** What its meeting should be, given what Zoom has. Undefined: the event is cancelled. */
  factsFor: ((meeting: ZoomMeeting) => Appointment) | undefined
}

/** A meeting that is being read, and the record as it was before. */
export interface Seen {
  readonly record: Free
  readonly meeting: Promise<ZoomMeeting | undefined>
}

/** What sync may do with meetings: change or remove those that exist, and never make one. */
export interface Follow {
  /**
   * Makes the meeting of an event as that is now. Of the events with one key the one that was created first has the
   * meeting: any other one is a copy. `seen`: what `see` has begun to read. `until` ends it early. `stale`: somebody has
   * worked on the meeting since, perhaps with a newer state of the event, which has to be read again.
   */
  follow(
    caller: Caller,
    event: Following,
    repairs: Repairs,
    seen: Seen | undefined,
    until: AbortSignal,
  ): Promise<Followed | 'stale'>
  /** Begins to read the meeting of this record from Zoom, while the event is read too. */
  see(caller: Caller, record: Free, until: AbortSignal): Seen
  /** The meetings of an event. `event`: the keyed hash of its id. */
  of(caller: Caller, event: Buffer): Promise<readonly Known[]>
  /**
   * The meeting belongs to another event from now on, if it still belongs to this one. `follow`: has that one followed,
   * which waits for this.
   */
  handOver(
    caller: Caller,
    key: string,
    events: { from: OwnEvent; to: OwnEvent; follow(): Promise<void> },
    until: AbortSignal,
  ): Promise<void>
  /**
   * Removes these meetings of an event that is gone. If it comes back within a week, so do they. `known`: from before the
   * last proof that it is gone. `stale`: somebody has worked on one since, perhaps because it is back.
   */
  removeAll(caller: Caller, known: readonly Known[], until: AbortSignal): Promise<Followed | 'stale'>
}

export function following(needs: Needs): Follow {
  const { zooms, records, echoes, mostChanges } = needs
  return {
    follow: (caller, { key, own, isBefore, isShown, factsFor }, repairs, seen, until) =>
      ifExisting(
        exclusively(needs, caller, { key, existing: true, until }, async (record, signal) => {
          let [isKept, isRecovered] = [false, false]
          try {
            const { zoomMeetingId: id, hostId, eventId } = record
            // It follows the calendar of its host only.
            if (!isTheirs(caller, record)) return 'none'
            if (seen && isSince(seen, record)) return 'stale'
            const isBack = record.differs === 'removed'
            // Of one that sync has removed the event is gone: any event with its key may have it.
            if (record.event && !isBack && !isSame(record.event, own.hash))
              if (!eventId || !(await isBefore({ ...record, ...eventId }))) return 'copy'
            if (isBack && !(factsFor && (await isShown()))) return 'none'
            if (!record.event?.equals(own.hash) || !eventId || record.unseenSince)
              await records.belongTo(record, own)
            if (!id) return 'none'
            // From now on Zoom may have it again. If its event goes before that is known, so does it.
            if (isBack) await records.condemn(record, true)
            const zoom = zoomFor(zooms, record, hostId)
            const known = meetingOf(id, caller, record)
            if (!factsFor) {
              await records.condemn(record)
              await zoom.remove(known, signal)
              isKept = true
              await settleRemoved(records, record)
              return 'removed'
            }
            const found = await (seen && isOf(seen, record) ? seen.meeting : zoom.get(known, signal))
            const meeting = found ?? (await recovered())
            if (!meeting) return await show('gone')
            const facts = within(
              zoom.accepted(zoomFacts(factsFor(meeting), meeting.created_at)),
              meeting,
              Date.now(),
            )
            const isDifferent = differs(meeting, facts)
            if (isDifferent && (repairs === 'none' || (repairs === 'unless shown' && record.differs)))
              return await show('changed')
            if (isDifferent && record.changesToday >= mostChanges) throw new Problem('zoom_daily_limit')
            echoes.expect(record, id, facts)
            const update = () => zoom.update(known, facts, signal)
            // It may have been deleted since it was read.
            if (isDifferent && !(await update()) && !((await recovered()) && (await update())))
              return await show('gone')
            const now = { ...meeting, ...facts, hostId, isChanged: isDifferent }
            await records.keep(record, caller, kept(now), extendTicket(idEnds(now, Date.now())))
            isKept = true
            if (isRecovered) return 'recovered'
            return isDifferent ? 'changed' : 'same'

            /**
             * What somebody wanted to remove is not recovered, also if it is not certain that it was removed. What sync has
             * removed comes back with its event.
             */
            async function recovered(): Promise<ZoomMeeting | undefined> {
              if (!isBack && (repairs !== 'all' || record.condemned)) return undefined
              if (!isBack) await records.showDifference(record, 'gone')
              await zoom.recover(known, signal)
              isRecovered = true
              return zoom.get(known, signal)
            }

            async function show(how: 'changed' | 'gone'): Promise<Followed> {
              await records.showDifference(record, how)
              return 'shown'
            }
          } finally {
            if (!isKept) await records.release(record)
          }
        }),
      ),

    see(caller, record, until) {
      const zoom = zoomFor(zooms, record, record.hostId)
      const meeting = zoom.get(meetingOf(record.zoomMeetingId, caller, record), until)
      // Perhaps nobody needs it.
      meeting.catch(() => {})
      return { record, meeting }
    },

    of: (caller, event) => records.ofEvent(caller, event),

    async handOver(caller, key, { from, to, follow }, until) {
      await ifExisting(
        exclusively(needs, caller, { key, existing: true, until }, async (record) => {
          try {
            if (!record.event?.equals(from.hash)) return
            // First, so that nothing is lost if this process ends in between.
            await follow()
            await records.belongTo(record, to)
          } finally {
            await records.release(record)
          }
        }),
      )
    },

    async removeAll(caller, known, until) {
      for (const { key, attempts } of known) {
        const which = { key, existing: true, until }
        const removed = await ifExisting(
          exclusively(needs, caller, which, async (record, signal) => {
            if (record.attempts === attempts + 1) {
              await removeLeased(needs, caller, record, signal, setAside)
              return 'removed'
            }
            await records.release(record)
            return 'stale'
          }),
        )
        if (removed === 'stale') return removed
      }
      return known.length > 0 ? 'removed' : 'none'
    },
  }
}

const isOf = ({ record }: Seen, { subject, key }: Leased) => record.subject === subject && record.key === key

/** Somebody has taken this record since it was seen. */
const isSince = (seen: Seen, now: Leased) =>
  isOf(seen, now) &&
  (seen.record.zoomMeetingId !== now.zoomMeetingId || seen.record.attempts + 1 !== now.attempts)

/** The first bytes name the key of the hash: a hash with another key says nothing. */
const isSame = (one: Buffer, other: Buffer) =>
  one.equals(other) || !one.subarray(0, 4).equals(other.subarray(0, 4))

/** A person may have removed the meeting, or have no Zoom account any more. */
const ifExisting = <Came>(act: Promise<Came>): Promise<Came | 'none'> =>
  act.catch((error) => {
    if (error instanceof Problem && absent.has(error.code)) return 'none'
    throw error
  })

const absent = new Set(['meeting_gone', 'link_required', 'no_zoom_account', 'sign_in_required'])
