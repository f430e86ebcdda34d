import { Appointment } from '../../contract/appointment.ts'
import { type Meeting, meetingFrom } from '../../contract/meeting.ts'
import { keyPattern } from '../../contract/paths.ts'
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
  /** What could not be written into the appointment yet. */
  readonly missing: readonly Part[]
}

/** Where the meeting is written. */
export type Part = 'body' | 'location'

/** The custom property's name. Exchange keeps it as part of `cecp-<add-in id>`, where Graph finds it. */
const property = 'zoomMeeting'

export interface LinkNote {
  readonly link: Link | undefined
  save(link: Link): Promise<void>
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
    const note = noteFrom(properties.get(property))
    const copied = note !== undefined && note.itemId !== undefined && note.itemId !== itemId
    const saved = () => ask<void>((done) => properties.saveAsync(done))
    return {
      link: copied ? undefined : note,
      save({ key, made }) {
        properties.set(property, JSON.stringify({ key, made, itemId }))
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
  // An Outlook without it throws, which is an answer too.
  return ask<string>((done) => (item as Required<Linkable>).getItemIdAsync(done)).catch(() => undefined)
}

function noteFrom(note: unknown): (Link & { itemId: string | undefined }) | undefined {
  try {
    const { key, made, itemId } = JSON.parse(note as string) as {
      key: string
      made?: Record<keyof Made, unknown>
      itemId?: unknown
    }
    if (!new RegExp(keyPattern).test(key)) return undefined
    return { key, made: made && madeFrom(made), itemId: typeof itemId === 'string' ? itemId : undefined }
  } catch (_) {
    return undefined
  }
}

function madeFrom({ meeting, facts, missing }: Record<keyof Made, unknown>): Made {
  return {
    meeting: meetingFrom(meeting),
    facts: Appointment.from(facts),
    missing: (missing as Part[]).filter((part) => part === 'body' || part === 'location'),
  }
}
