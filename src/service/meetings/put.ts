import { createHash } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { Appointment } from '../../contract/appointment.ts'
import type { Meeting } from '../../contract/meeting.ts'
import { Problem } from '../../contract/problems.ts'
import type { Caller } from '../identity/caller.ts'
import type { Callers } from '../identity/callers.ts'
import { issueTicket } from '../identity/tickets.ts'
import { serialQueue } from '../serial-queue.ts'
import type { Zoom } from '../zoom/api.ts'
import { differs, meetingOf, type ZoomFacts, type ZoomMeeting, zoomFacts } from '../zoom/meeting.ts'
import type { Hosts } from './hosts.ts'
import { type Leased, leaseSeconds, type Records } from './records.ts'

/** From then on nothing is sent to Zoom any more, well before another process may take the meeting over. */
const actMilliseconds = (leaseSeconds - 10) * 1000

/** How long a request waits for another process that works on the same meeting. */
const patienceMilliseconds = 10_000

interface Needs {
  zoom: Zoom
  hosts: Hosts
  records: Records
  callers: Callers
}

/**
 * Gives the caller's appointment its Zoom meeting, or makes the one it has true again. The key says which: the same
 * key twice, at once or after a crash, is one meeting. Who disconnects meanwhile learns nothing of it.
 */
export function put(needs: Needs, caller: Caller, key: string, appointment: Appointment): Promise<Meeting> {
  return inTurn(`${caller.subject} ${key}`, () => putAlone(needs, caller, key, appointment))
}

/** In this process one at a time for each meeting; between processes the record's lease sees to it. */
const inTurn = serialQueue()

async function putAlone(
  needs: Needs,
  caller: Caller,
  key: string,
  appointment: Appointment,
): Promise<Meeting> {
  const { hosts, records } = needs
  const until = AbortSignal.timeout(actMilliseconds)
  const host = await hosts.hostOf(caller, until)
  const record = await takeWhenFree(records, caller.subject, key)
  try {
    const meeting = await makeTrue(needs.zoom, caller, host, record, zoomFacts(appointment), until)
    const [ticket, row] = issueTicket(caller, appointment, Date.now())
    await records.keep(record, String(meeting.id), row)
    await needs.callers.admit(caller)
    return { ...meetingOf(meeting), ticket }
  } catch (error) {
    await (certainlyUnmade(record, error) ? records.forget(record) : records.release(record))
    throw error
  }
}

async function makeTrue(
  zoom: Zoom,
  caller: Caller,
  host: string,
  record: Leased,
  facts: ZoomFacts,
  until: AbortSignal,
): Promise<ZoomMeeting> {
  const id =
    record.zoomMeetingId ?? (record.uncertain ? await zoom.find(host, reference(record), until) : undefined)
  const meeting = id && (await zoom.get(id, until))
  if (!id || !meeting) {
    if (caller.ticket) throw new Problem('meeting_gone')
    return zoom.create(host, facts, reference(record), until)
  }
  if (!differs(meeting, facts)) return meeting
  await zoom.update(host, id, facts, until)
  return meeting
}

/** What a meeting carries at Zoom so that we know it again. It says nothing to anybody else. */
export function reference({ subject, key }: Pick<Leased, 'subject' | 'key'>): string {
  return createHash('sha256').update(`${subject} ${key}`).digest('base64url').slice(0, 22)
}

/** A refusal made nothing; silence may have. */
function certainlyUnmade(record: Leased, error: unknown): boolean {
  return (
    !record.zoomMeetingId &&
    !record.uncertain &&
    error instanceof Problem &&
    error.code !== 'zoom_unreachable'
  )
}

/** Waits while another process works on the same meeting. */
async function takeWhenFree(records: Records, subject: string, key: string): Promise<Leased> {
  const patience = AbortSignal.timeout(patienceMilliseconds)
  while (!patience.aborted) {
    const record = await records.take(subject, key)
    if (record) return record
    await pause(50 + 100 * Math.random())
  }
  throw new Problem('being_scheduled', { retryAfter: 10 })
}
