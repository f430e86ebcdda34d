import { createHash } from 'node:crypto'
import { type Appointment, utc } from '../../contract/appointment.ts'
import type { Meeting } from '../../contract/meeting.ts'
import { Problem } from '../../contract/problems.ts'
import type { Proven } from '../identity/caller.ts'
import { issueTicket } from '../identity/tickets.ts'
import type { Zoom } from '../zoom/api.ts'
import { idEnds } from '../zoom/lifetime.ts'
import { differs, meetingOf, type ZoomFacts, type ZoomMeeting, zoomFacts } from '../zoom/meeting.ts'
import { alone } from './alone.ts'
import { firstLook } from './expiring.ts'
import type { Hosts } from './hosts.ts'
import type { Leased, Records } from './records.ts'

interface Needs {
  zoom: Zoom
  hosts: Hosts
  records: Records
}

/**
 * Gives the caller's appointment its Zoom meeting, or makes the one it has true again. The key says which: the same
 * key twice, at once or after a crash, is one meeting. Who disconnects meanwhile learns nothing of it.
 */
export function put(needs: Needs, proven: Proven, key: string, appointment: Appointment): Promise<Meeting> {
  const { hosts, records, zoom } = needs
  return alone(records, proven, key, async (record, until) => {
    try {
      const host = await hosts.hostOf(proven, record, until)
      const meeting = await makeTrue(zoom, proven, host, record, appointment, until)
      const [ticket, row] = issueTicket(proven, idEnds(meeting, Date.now()))
      await records.keep(record, proven, kept(meeting), row)
      return { ...meetingOf(meeting), ticket }
    } catch (error) {
      await (certainlyUnmade(record, error) ? records.forget(record) : records.release(record))
      throw error
    }
  })
}

async function makeTrue(
  zoom: Zoom,
  { ticket }: Proven,
  host: string,
  record: Leased,
  appointment: Appointment,
  until: AbortSignal,
): Promise<ZoomMeeting> {
  const id = await knownId(zoom, host, record, until)
  const meeting = id && (await zoom.get(id, until))
  if (!id || !meeting) {
    if (ticket) throw new Problem('meeting_gone')
    return zoom.create(host, living(appointment), reference(record), until)
  }
  const facts = zoomFacts(appointment, meeting.created_at)
  if (differs(meeting, facts)) await zoom.update(host, id, facts, until)
  return { ...meeting, ...facts }
}

/** The facts of a meeting that is made now. Refuses one whose link would be dead at once. */
function living(appointment: Appointment): ZoomFacts {
  const created_at = utc(new Date())
  const facts = zoomFacts(appointment, created_at)
  if (idEnds({ ...facts, created_at }) > Date.now()) return facts
  throw new Problem('invalid_appointment', { field: 'start', why: 'was more than 30 days ago' })
}

function kept(meeting: ZoomMeeting) {
  const ends = idEnds(meeting)
  return { zoomMeetingId: String(meeting.id), idEnds: ends, lookAt: firstLook(meeting, ends) }
}

/** The meeting's id, as far as we remember or Zoom does. */
export async function knownId(
  zoom: Pick<Zoom, 'find'>,
  host: string,
  record: Leased,
  until: AbortSignal,
): Promise<string | undefined> {
  if (record.zoomMeetingId) return record.zoomMeetingId
  return record.uncertain ? zoom.find(host, reference(record), until) : undefined
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
