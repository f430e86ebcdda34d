import { Appointment } from '../../contract/appointment.ts'
import { type Meeting, meetingFrom } from '../../contract/meeting.ts'
import { keyPattern } from '../../contract/paths.ts'
import { Problem } from '../../contract/problems.ts'
import { ask, askAgain, codeOf } from './ask.ts'
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
  /** Whether the calendar's owner hosts the meeting. Absent: a note of an earlier version. */
  readonly forOwner?: boolean | undefined
  /** Zoom's own id of the meeting, where people join it by the host's personal meeting id. */
  readonly portalId?: string | undefined
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
  /** The item may also be a copy: Outlook does not tell its id, or tells another form of it than before. */
  readonly doubtful: boolean
  /** Without a key: the meeting that is written here belongs to another appointment. */
  save(link: Pick<Noted, 'key' | 'made'>): Promise<void>
  clear(): Promise<void>
  /** Whether the item has this key when its note is read again: some Outlooks do not keep what they say they saved. */
  keeps(key: string): Promise<boolean>
}

/** The facts that the meeting was last scheduled with. */
export const factsOf = (note: Promise<LinkNote>) => note.then(({ made }) => made?.facts)

/**
 * Reads the note on the item. An invalid note counts as none. A note that was copied together with its appointment
 * gives no link, because the meeting belongs to the original.
 */
export function loadLink(item: Linkable): Promise<LinkNote> {
  const load = () => askAgain<Office.CustomProperties>((done) => item.loadCustomPropertiesAsync(done))
  return Promise.all([load(), idOf(item)]).then(([properties, itemId]) => {
    const { key, made, itemId: notedId } = noteFrom(properties.get(property))
    const tie = tieOf(notedId, itemId, item.seriesId, made?.facts.recurring)
    const own = key !== undefined && tie !== 'copy'
    const save = () => askAgain<void>((done) => properties.saveAsync(done))
    return {
      link: own ? { key, made } : undefined,
      made,
      ofSeries: tie === 'occurrence',
      unsaved: itemId === '',
      doubtful: tie === 'same' && notedId !== undefined && !isSame(notedId, itemId),
      save({ key, made }) {
        const note = JSON.stringify({ key, made, itemId: itemId || (own ? notedId : undefined) })
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
      keeps: (key) => load().then((again) => noteFrom(again.get(property)).key === key),
    }
  })
}

/**
 * Whether the note belongs to the open item. None of its marks is certain: ids come late, change their form or are
 * missing (office-js issues 4657, 2188, 5875). In doubt it is the same item, because a second meeting for one
 * appointment is worse than a shared one.
 *
 * | noted, now | unsaved | not told | draft | stored |
 * |---|---|---|---|---|
 * | none    | same | same | same | same |
 * | draft   | copy | same | same if equal, else copy | same: it was saved since |
 * | stored  | copy | same | copy | same if equal, else copy |
 *
 * An item never loses an id, so one with less than the note has is a copy. Another item with a note of its series is an
 * occurrence. Where Outlook tells no series at all, another stored id may be an occurrence: then nothing is changed.
 */
function tieOf(
  noted: string | undefined,
  now: string | undefined,
  seriesId: string | null | undefined,
  recurring: boolean | undefined,
): 'same' | 'copy' | 'occurrence' {
  const another = noted && now !== undefined && rank(now) <= rank(noted) && !isSame(noted, now)
  if (!another) return recurring && seriesId ? 'occurrence' : 'same'
  if (isSame(noted, seriesId)) return 'occurrence'
  return recurring && seriesId === undefined && rank(now) === 2 ? 'occurrence' : 'copy'
}

/** How far an item has come: unsaved, a draft that only this window knows, stored. */
const rank = (id: string) => (!id ? 0 : /^clientId:/.test(id) ? 1 : 2)

/** Whether two ids are the same, also in the forms of EWS and REST. */
const isSame = (one: string, other: string | null | undefined) =>
  !!other && comparable(one) === comparable(other)
const comparable = (id: string) => id.replace(/\//g, '-').replace(/\+/g, '_')

/** `Office.Error`'s code for an item that was never saved. */
const itemNotSaved = 9046
/** Milliseconds. A send does not wait long and may ask twice; in doubt it is the same item. */
const idDeadline = 1_000

/** Empty: the item was never saved. Undefined: Outlook did not tell, or has no item ids (before Mailbox 1.8). */
function idOf(item: Linkable): Promise<string | undefined> {
  return ask<string>((done) => (item as Required<Linkable>).getItemIdAsync(done), idDeadline).then(
    (id) => id || undefined,
    (problem) => (codeOf(problem) === itemNotSaved ? '' : undefined),
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

function madeFrom(made: Record<keyof Made, unknown>): Made {
  const { meeting, facts, text, missing, forOwner, portalId } = made
  return {
    meeting: meetingFrom(meeting),
    facts: Appointment.from(facts),
    text: text as string,
    missing: (missing as Part[]).filter((part) => part === 'body' || part === 'location'),
    forOwner: forOwner as boolean | undefined,
    portalId: portalId as string | undefined,
  }
}
