import { Appointment } from '../../contract/appointment.ts'
import { type Meeting, meetingFrom } from '../../contract/meeting.ts'
import { keyPattern } from '../../contract/paths.ts'
import { base64url } from '../base64url.ts'
import { ask } from './ask.ts'
import type { Linkable } from './item.ts'

/** The tie between an item and its meeting: which meeting, and for which facts it is true. */
export interface Link {
  /** Says to the service which meeting this is. Chosen before the first request, so that a retry is the same one. */
  readonly key: string
  /** Absent: the meeting was asked for and has not come back. */
  readonly made?: Made
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
}

/** Reads the note left on the item. One that we could not have written counts as none. */
export async function loadLink(item: Linkable): Promise<LinkNote> {
  const properties = await ask<Office.CustomProperties>((done) => item.loadCustomPropertiesAsync(done))
  return {
    link: linkFrom(properties.get(property)),
    save(link) {
      properties.set(property, JSON.stringify(link))
      return ask<void>((done) => properties.saveAsync(done))
    },
  }
}

/** A key that nobody has used: 128 random bits. */
export function newKey(): string {
  return base64url(crypto.getRandomValues(new Uint8Array(16)))
}

function linkFrom(note: unknown): Link | undefined {
  try {
    const { key, made } = JSON.parse(note as string) as { key: string; made?: Record<keyof Made, unknown> }
    if (!new RegExp(keyPattern).test(key)) return undefined
    return made ? { key, made: madeFrom(made) } : { key }
  } catch {
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
