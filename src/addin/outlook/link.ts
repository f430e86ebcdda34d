import { Appointment } from '../../contract/appointment.ts'
import { type Meeting, meetingFrom } from '../../contract/meeting.ts'
import { keyPattern } from '../../contract/paths.ts'
import { Problem } from '../../contract/problems.ts'
import { ask } from './ask.ts'
import type { Linkable } from './item.ts'

/** The tie between an item and its meeting: which meeting, and for which facts it is true. */
export interface Link {
  /** Says to the service which meeting this is. Chosen before the first request, so that a retry is the same one. */
  readonly key: string
  /** Absent: the meeting was asked for and has not come back. */
  readonly made?: Made | undefined
}

export interface Made {
  readonly meeting: Meeting
  readonly facts: Appointment
  /** How the invitation read when it was written (`fingerprint`): one that reads otherwise is the person's. */
  readonly text: string | undefined
  /** What could not be written into the appointment yet. */
  readonly missing: readonly Part[]
}

/** Where the meeting is written. */
export type Part = 'body' | 'location'

/** The custom property's name. Exchange keeps it as part of `cecp-<add-in id>`, where Graph finds it. */
const property = 'zoomMeeting'
/** Outlook's limit, in characters, for all that an add-in keeps on an item. */
const longest = 2500

export interface LinkNote {
  /** Absent: this appointment has no meeting of ours. */
  readonly link: Link | undefined
  /** What we have written here. Without a link it is the meeting of the appointment that this one is a copy of. */
  readonly made: Made | undefined
  /** This is one occurrence, and the meeting its series': nothing that changes here changes it. */
  readonly ofSeries: boolean
  /** The item has no id yet, and so none stands in the note. */
  readonly unsaved: boolean
  /** Without a key: what is written here is of another appointment's meeting. */
  save(link: Pick<Noted, 'key' | 'made'>): Promise<void>
  clear(): Promise<void>
}

/**
 * Reads the note left on the item. One that we could not have written counts as none, and so does one that was copied
 * with its appointment from another: that appointment's meeting is not this one's.
 */
export function loadLink(item: Linkable): Promise<LinkNote> {
  return Promise.all([
    ask<Office.CustomProperties>((done) => item.loadCustomPropertiesAsync(done)),
    idOf(item),
  ]).then(([properties, itemId]) => {
    const { key, made, itemId: notedId } = noteFrom(properties.get(property))
    const known = notedId === undefined || [itemId, item.seriesId].includes(notedId)
    // An Outlook that does not tell ids is believed.
    const own = key !== undefined && (known || !item.getItemIdAsync)
    const saved = () => ask<void>((done) => properties.saveAsync(done))
    return {
      link: own ? { key, made } : undefined,
      made,
      ofSeries: Boolean(item.seriesId && made?.facts.recurring),
      unsaved: itemId === undefined,
      save({ key, made }) {
        const note = JSON.stringify({ key, made, itemId })
        // Counted as Outlook keeps it, as text in JSON: nothing in it can become as long as the title.
        if (JSON.stringify({ [property]: note }).length >= longest)
          return Promise.reject(new Problem('invalid_appointment', { field: 'subject', why: 'is too long' }))
        properties.set(property, note)
        return saved()
      },
      clear() {
        properties.remove(property)
        return saved()
      },
    }
  })
}

/** Undefined: the item has never been saved, or this Outlook does not say (before Mailbox 1.8). */
function idOf(item: Linkable): Promise<string | undefined> {
  if (!item.getItemIdAsync) return Promise.resolve(undefined)
  return ask<string>((done) => (item as Required<Linkable>).getItemIdAsync(done)).catch(
    (problem: Problem) => {
      // A refusal says that there is none; silence says nothing.
      if (!problem.cause) throw problem
      return undefined
    },
  )
}

interface Noted {
  /** Undefined: the meeting is another appointment's. */
  key?: string | undefined
  made?: Made | undefined
  /** Which item it was written for, if that had an id. */
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
