import { createHash } from 'node:crypto'
import { type Appointment, utc } from '../../contract/appointment.ts'
import type { Meeting } from '../../contract/meeting.ts'
import { Problem } from '../../contract/problems.ts'
import type { Proven } from '../caller.ts'
import { issueTicket } from '../identity/tickets.ts'
import type { Zoom } from '../zoom/api.ts'
import { idEnds } from '../zoom/lifetime.ts'
import { differs, meetingOf, within, type ZoomFacts, type ZoomMeeting, zoomFacts } from '../zoom/meeting.ts'
import { alone, type Which } from './exclusively.ts'
import { firstLook } from './expiring.ts'
import { type Hosts, madeForThemselves } from './hosts.ts'
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
export function put(needs: Needs, proven: Proven, which: Which, appointment: Appointment): Promise<Meeting> {
  const { records } = needs
  return alone(needs, proven, which, async (record, until) => {
    try {
      const meeting = await makeTrue(needs, proven, record, appointment, until)
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
  { zoom, records }: Needs,
  proven: Proven,
  record: Leased,
  appointment: Appointment,
  until: AbortSignal,
): Promise<Hosted> {
  const { hostId, zoomUserId } = record
  const [id] = await knownIds(zoom, record, until)
  const meeting = id && (await zoom.get(id, until))
  if (id && meeting) {
    const facts = within(zoomFacts(appointment, meeting.created_at), meeting, Date.now())
    if (differs(meeting, facts)) await zoom.update(hostId, id, facts, until)
    return { ...meeting, ...facts, hostId }
  }
  if (proven.ticket) throw new Problem('meeting_gone')
  if (id) await records.lose(record)
  const host = madeForThemselves(proven, record) ? zoomUserId : hostId
  const facts = living(appointment)
  const made = await zoom.create(zoomUserId, host, facts, reference(record), until)
  return { ...made, ...facts, hostId: host }
}

type Hosted = ZoomMeeting & { hostId: string }

/** The facts of a meeting that is made now. Refuses one whose link would be dead at once. */
function living(appointment: Appointment): ZoomFacts {
  const created_at = utc(new Date())
  const facts = zoomFacts(appointment, created_at)
  if (idEnds({ ...facts, created_at }) > Date.now()) return facts
  throw new Problem('invalid_appointment', { field: 'start', why: 'was more than 30 days ago' })
}

function kept(meeting: Hosted) {
  const ends = idEnds(meeting)
  const { id, hostId } = meeting
  return { zoomMeetingId: String(id), hostId, idEnds: ends, lookAt: firstLook(meeting, ends) }
}

/** The meeting's id, as far as we remember or Zoom does, which may have made it twice. */
export async function knownIds(
  zoom: Pick<Zoom, 'find'>,
  record: Leased,
  until: AbortSignal,
): Promise<string[]> {
  if (record.zoomMeetingId) return [record.zoomMeetingId]
  return record.uncertain ? zoom.find(record.hostId, reference(record), until) : []
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
