import type { Generated } from 'kysely'

/** The tables of `rooms`. No column can hold event content, and what people call a room is sealed. */
export type RoomsTables = {
  rooms: RoomsTable
  room_screens: RoomScreensTable
  room_pairings: RoomPairingsTable
}

/** Rooms that administrators have added. Their calendars are connections of the kind `microsoft-application`. */
interface RoomsTable {
  id: Generated<string>
  /** Of the mailbox: `entra:<tid>:<oid>`. */
  subject: string
  /** Of Entra. */
  directory: string
  /** SHA-256 of the address in small letters. */
  address: Buffer
  /** Whether its mailbox was connected for the room alone. */
  connects: boolean
  /** A `Place` of the contract. */
  sealed: Buffer
}

/** Screens of one room, or of all rooms of a building or floor. */
interface RoomScreensTable {
  id: Generated<string>
  /** SHA-256 of the cookie. Of a screen that has not claimed it yet: of random bytes that nobody knows. */
  token: Buffer
  directory: string
  /** Null: it shows many. */
  room: string | null
  /** Which rooms it shows, if it shows many: `{ building?, floor? }`. */
  sealed: Buffer | null
  paired_at: Generated<Date>
  /** When it last asked, to a few minutes. */
  seen_at: Generated<Date>
}

/** Codes that screens show. */
interface RoomPairingsTable {
  /** SHA-256 of the code. */
  code: Buffer
  /** SHA-256 of what the screen proves itself with. */
  secret: Buffer
  /** Null: nobody has typed the code yet. */
  screen: string | null
  until: Date
}
