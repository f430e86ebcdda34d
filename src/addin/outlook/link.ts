import { Appointment } from '../../contract/appointment.ts'
import { type Meeting, meetingFrom } from '../../contract/meeting.ts'
import { keyPattern } from '../../contract/paths.ts'
import { Problem } from '../../contract/problems.ts'
import { ask } from './ask.ts'
import type { Linkable } from './item.ts'

/** The tie between an item and its meeting: which meeting it is, and the facts that it was last scheduled with. */
export interface Link {
  /** Identifies the meeting to the service. Chosen before the first request, so that a retry reaches the same meeting. */
  readonly key: string
  /** Absent: the first request has not succeeded yet. */
  readonly made?: Made | undefined
}

export interface Made {
  readonly meeting: Meeting
  readonly facts: Appointment
  /** The `fingerprint` of the invitation as written. An invitation with another one was edited by the person. */
  readonly text: string | undefined
  /** The parts that are not written into the appointment yet. */
  readonly missing: readonly Part[]
}

/** A place in the appointment where the meeting is written. */
export type Part = 'body' | 'location'

/** The custom property's name. Exchange stores it in `cecp-<add-in id>`, which Graph can read. */
const property = 'zoomMeeting'
/** Outlook's limit, in characters, for an add-in's custom properties on an item. */
const longest = 2500

export interface LinkNote {
  /** Absent: this appointment has no meeting. */
  readonly link: Link | undefined
  /** The meeting that is written here. Without `link`, this appointment is a copy and the meeting is the original's. */
  readonly made: Made | undefined
  /** This is one occurrence, and the meeting belongs to the whole series: changes here do not change it. */
  readonly ofSeries: boolean
  /** The item has no id yet, so the note has none either. */
  readonly unsaved: boolean
  /** Without a key: the meeting that is written here belongs to another appointment. */
  save(link: Pick<Noted, 'key' | 'made'>): Promise<void>
  clear(): Promise<void>
}

/**
 * Reads the note on the item. An invalid note counts as none. A note that was copied together with its appointment
 * gives no link, because the meeting belongs to the original.
 */
export function loadLink(item: Linkable): Promise<LinkNote> {
  return Promise.all([
    ask<Office.CustomProperties>((done) => item.loadCustomPropertiesAsync(done)),
    idOf(item),
  ]).then(([properties, itemId]) => {
    const { key, made, itemId: notedId } = noteFrom(properties.get(property))
    const sameItem = notedId === undefined || [itemId, item.seriesId].includes(notedId)
    // Without item ids a copy cannot be detected, so the note is trusted.
    const own = key !== undefined && (sameItem || !item.getItemIdAsync)
    const save = () => ask<void>((done) => properties.saveAsync(done))
    return {
      link: own ? { key, made } : undefined,
      made,
      ofSeries: Boolean(item.seriesId && made?.facts.recurring),
      unsaved: itemId === undefined,
      save({ key, made }) {
        const note = JSON.stringify({ key, made, itemId })
        // Outlook counts the note as a JSON string. Only the title can make it too long.
        if (JSON.stringify({ [property]: note }).length >= longest)
          return Promise.reject(new Problem('invalid_appointment', { field: 'subject', why: 'is too long' }))
        properties.set(property, note)
        return save()
      },
      clear() {
        properties.remove(property)
        return save()
      },
    }
  })
}

/** Undefined: the item was never saved, or Outlook has no item ids (before Mailbox 1.8). */
function idOf(item: Linkable): Promise<string | undefined> {
  if (!item.getItemIdAsync) return Promise.resolve(undefined)
  return ask<string>((done) => (item as Required<Linkable>).getItemIdAsync(done)).catch(
    (problem: Problem) => {
      // An error means that the item has no id. A timeout means nothing.
      if (!problem.cause) throw problem
      return undefined
    },
  )
}

interface Noted {
  /** Undefined: the meeting belongs to another appointment. */
  key?: string | undefined
  made?: Made | undefined
  /** The id of the item that the note was written for, if it had one. */
  itemId?: string | undefined
}

function noteFrom(note: unknown): Noted {
  try {
    const { key, made, itemId } = JSON.parse(note as string) as {
      key: string
      made?: Record<keyof Made, unknown>
      itemId?: string
    }
    return {
      key: new RegExp(keyPattern).test(key) ? key : undefined,
      made: made && madeFrom(made),
      itemId,
    }
  } catch (_) {
    return {}
  }
}

function madeFrom({ meeting, facts, text, missing }: Record<keyof Made, unknown>): Made {
  return {
    meeting: meetingFrom(meeting),
    facts: Appointment.from(facts),
    text: text as string,
    missing: (missing as Part[]).filter((part) => part === 'body' || part === 'location'),
  }
}
