import { hash, randomBytes } from 'node:crypto'
import { lastUsed } from '../last-used.ts'
import type { ZoomFacts } from '../zoom/meeting.ts'
import type { Leased } from './records/lease.ts'

/** Meetings of which this process knows what it wrote. */
const most = 10_000
/** Fields that name a meeting, and those in which no meeting differs from its appointment. */
const names = new Set(['id', 'uuid', 'host_id'])
const beside = new Set(['settings', 'agenda', 'password'])

/** The fields of a meeting that an event of Zoom names, with their new values. */
export type Said = Readonly<Record<string, unknown>>

export type Echoes = ReturnType<typeof echoes>

/**
 * Recognises events of Zoom that tell this process what it has just written itself. It remembers digests, in memory
 * only, and which act wrote them: they count as long as no other act, in any process, has worked on the meeting since.
 */
export function echoes() {
  const secret = randomBytes(32).toString('base64url')
  const written = lastUsed<{ leasedUntil: number; digests: ReadonlySet<string> }>(most)
  const digest = (meeting: string, name: string, value: unknown) =>
    hash(
      'sha256',
      `${secret} ${meeting} ${name} ${name === 'start_time' ? Date.parse(String(value)) : value}`,
    )

  return {
    /** The act that has this lease is about to write these facts to Zoom, or has found them there. */
    expect({ leasedUntil }: Leased, meeting: string, facts: ZoomFacts): void {
      const digests = new Set(Object.entries(facts).map(([name, value]) => digest(meeting, name, value)))
      written.set(meeting, { leasedUntil: leasedUntil.getTime(), digests })
    },

    /**
     * Whether the event says nothing but what this process wrote last, or nothing of the facts. Then nothing is to be done,
     * in whatever order events come: a change to anything else has an event of its own. `leasedUntil`: as the row has it.
     */
    isEcho(meeting: string, leasedUntil: Date | null, said: Said): boolean {
      const known = written.get(meeting)
      const isCurrent = leasedUntil !== null && known?.leasedUntil === leasedUntil.getTime()
      const fields = Object.entries(said).filter(([name]) => !names.has(name))
      return (
        fields.length > 0 &&
        fields.every(
          ([name, value]) =>
            beside.has(name) || (isCurrent && known.digests.has(digest(meeting, name, value))),
        )
      )
    },
  }
}
