/// <reference types="vite/types/importMeta.d.ts" />

/** What people read on the screen of a room. The other languages are in `languages/room/`. */
export const english = {
  title: 'Room',
  pair: 'Pair this screen',
  pairSays: 'In the console, under Rooms, an administrator types this code:',
  pairAgain: 'An administrator has removed this screen, or its room. What it showed is forgotten.',
  noCode: 'The service does not answer. This screen tries again by itself.',
  free: 'Free',
  busy: 'Busy',
  until: 'until {time}',
  restOfDay: 'for the rest of the day',
  soon: 'Begins at {time}',
  next: 'Next',
  later: 'Later today',
  nothing: 'Nothing more today.',
  join: 'Join',
  start: 'Start',
  allDay: 'All day',
  atOnce: 'At the same time: {title}',
  offline: 'No connection. This is from {time}.',
  notRead: 'The calendar of this room cannot be read at the moment.',
  reading: 'Reading…',
  wall: 'Rooms',
  noRooms: 'There are no rooms here yet. An administrator adds them in the console.',
} as const
export type RoomTexts = Readonly<Record<keyof typeof english, string>>

const files = import.meta.glob<{ room: RoomTexts }>('../../languages/room/*.json', { import: 'default' })
export const roomFile = (language: string) => files[`../../languages/room/${language}.json`]
