import { calendarEventSchema } from './calendar-event.ts'
import { Problem } from './problems.ts'
import { check, type FromSchema, type ObjectSchema } from './schema.ts'

// What the screen of a room and the service say to each other. The screen is known by a cookie that no script can read.

export const roomPaths = {
  /** `POST`: a code for an administrator to type. */
  pairings: '/rooms/pairings',
  /** `POST`: whether that has happened. Then the answer sets the cookie. */
  claim: '/rooms/pairings/claim',
  /** What the screen shows. `DELETE`: it is a screen no more. */
  screen: '/rooms/screen',
  /** Server-sent events, as those for apps: `contract/feed.ts`. */
  hints: '/rooms/screen/hints',
} as const

/** What a screen is: of one room, at its door or in it; or of every room of a floor or building. */
export const screenKinds = ['room', 'wall'] as const
export type ScreenKind = (typeof screenKinds)[number]

/** The letters of a code: none of them looks like another one. */
export const codeLetters = 'BCDFGHJKLMNPQRSTVWXZ'
export const codeLength = 8
/** A code as an administrator types it, in small letters, or with spaces or a hyphen. Undefined: it is none. */
export function codeIn(typed: string): string | undefined {
  const code = typed.toUpperCase().replace(/[\s-]/g, '')
  return code.length === codeLength && [...code].every((letter) => codeLetters.includes(letter))
    ? code
    : undefined
}
/** `BCDF-GHJK` */
export const shownCode = (code: string) => `${code.slice(0, codeLength / 2)}-${code.slice(codeLength / 2)}`

export const pairingSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['code', 'secret', 'seconds'],
  properties: {
    code: { type: 'string', description: 'For people, as `BCDF-GHJK`.' },
    secret: { type: 'string', description: 'For the screen alone: it claims the pairing.' },
    seconds: { type: 'integer', minimum: 1, description: 'After that there is another code.' },
  },
} as const satisfies ObjectSchema
export type Pairing = FromSchema<typeof pairingSchema>
export const pairingFrom = (input: unknown): Pairing => check(pairingSchema, input, 'unexpected')

/** Seconds between two questions whether a code was typed. */
export const claimSeconds = 3

const { subject, start, minutes, allDay, joinLink } = calendarEventSchema.properties

export const roomEventSchema = {
  type: 'object',
  description: 'What a room shows of an event. Without a subject it is shown as busy.',
  additionalProperties: false,
  required: ['start', 'minutes', 'allDay'],
  properties: { subject, start, minutes, allDay, joinLink },
} as const satisfies ObjectSchema
export type RoomEvent = FromSchema<typeof roomEventSchema>

/** A room on a screen. */
export interface ShownRoom {
  name: string
  /** Undefined: its calendar cannot be read at the moment, and `problem` says why. */
  events?: readonly RoomEvent[]
  problem?: string
}

/** What a screen shows. */
export interface Shown {
  kind: ScreenKind
  /** The name of the room, or of the floor or building. */
  name: string
  rooms: readonly ShownRoom[]
}

/** Throws `unexpected`. */
export function shownFrom(input: unknown): Shown {
  const { kind, name, rooms } = Object(input) as Partial<Record<keyof Shown, unknown>>
  if (typeof name !== 'string' || !Array.isArray(rooms)) throw new Problem('unexpected')
  return { kind: kind === 'wall' ? 'wall' : 'room', name, rooms: rooms.map(shownRoomFrom) }
}

function shownRoomFrom(input: unknown): ShownRoom {
  const { name, events, problem } = Object(input) as Partial<Record<keyof ShownRoom, unknown>>
  if (typeof name !== 'string') throw new Problem('unexpected')
  return {
    name,
    ...(Array.isArray(events) && {
      events: events.map((event) => check(roomEventSchema, event, 'unexpected')),
    }),
    ...(typeof problem === 'string' && { problem }),
  }
}
