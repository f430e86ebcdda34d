import { escaped } from './html.ts'
import { moved, type Recurrence, repeat, second, until } from './recurrence.ts'
import { instantOf, wallTime } from './time-zones.ts'

/** An appointment as the mailbox stores it. Times are instants in UTC; the zone is the form's. */
export interface Appointment {
  /** The mailbox's id for it; null until it is saved. */
  id: string | null
  /** The id of the series, if this is one occurrence. */
  seriesId: string | null
  /** The id of the series that this one continues. When this one is saved, that one ends the day before. */
  follows: string | null
  subject: string
  required: Recipient[]
  optional: Recipient[]
  start: string
  end: string
  timeZone: string
  recurrence: Recurrence | null
  /** Of one occurrence: where the series has it. */
  originalStart?: string
  locations: Location[]
  /** HTML; escaped text if `bodyType` is `text`. */
  body: string
  bodyType: 'html' | 'text'
  /** HTML that Outlook appends to the body when it is sent. */
  appendOnSend: string
  allDay: boolean
  sensitivity: string
  categories: string[]
  /** The add-in's custom properties. A real mailbox stores them under the add-in's id. */
  customProperties: Record<string, unknown>
  /** What the plug-in keeps: the key of the meeting, and the join link whose invitation is in the text. */
  plugIn?: { key: string; written?: string }
  sent: boolean
}

export interface Recipient {
  name: string
  address: string
}

/** `id`: the typed text, or a room's address. */
export interface Location {
  id: string
  type: 'custom' | 'room'
  displayName: string
}

/** The longest location, in characters. Source: "Limits for activation and JavaScript API for Outlook add-ins". */
export const longestLocation = 255

/** A new appointment: tomorrow at ten in the person's time zone, or as the page's address says. */
export function fresh(clock: string, now: number, asked: URLSearchParams): Appointment {
  const timeZone = asked.get('timeZone') ?? clock
  const tomorrow = wallTime(now + day, timeZone).slice(0, 10)
  const start = instantOf(asked.get('start') ?? `${tomorrow}T10:00`, timeZone)
  const plain = asked.get('bodyType') === 'text'
  const end = asked.has('end') ? instantOf(asked.get('end') ?? '', timeZone) : start + 30 * 60_000
  return {
    id: null,
    seriesId: asked.get('seriesId'),
    follows: null,
    subject: asked.get('subject') ?? 'Quarterly review',
    required: recipients(asked.get('required') ?? 'Grace Hopper <grace@fabrikam.example>'),
    optional: [],
    start: new Date(start).toISOString(),
    end: new Date(end).toISOString(),
    timeZone,
    recurrence: repeat(asked.get('repeat') ?? '', { start, end, timeZone }, asked.get('until') ?? ''),
    locations: locations(asked.get('location') ?? '', []),
    body: plain ? escaped(asked.get('body') ?? greeting.text) : (asked.get('body') ?? greeting.html),
    bodyType: plain ? 'text' : 'html',
    appendOnSend: '',
    allDay: false,
    sensitivity: 'normal',
    categories: [],
    customProperties: {},
    sent: false,
  }
}

const greeting = {
  html: '<p>Hello all,</p><p>let us go through the numbers of the quarter.</p><p><br></p>',
  text: 'Hello all,\n\nlet us go through the numbers of the quarter.\n',
}

/** The change to another time or zone. Moving the first occurrence moves the series; moving one occurrence does not. */
export function reschedule(
  appointment: Appointment,
  start: number,
  end: number,
  timeZone = appointment.timeZone,
): Partial<Appointment> {
  const { recurrence, seriesId } = appointment
  return {
    start: new Date(start).toISOString(),
    end: new Date(end).toISOString(),
    timeZone,
    recurrence:
      recurrence && !seriesId ? moved(recurrence, first(appointment), { start, end, timeZone }) : recurrence,
  }
}

/** A copy as Outlook makes it: everything in it, custom properties included. It is not saved yet. */
export function copy(appointment: Appointment): Appointment {
  return { ...appointment, id: null, sent: false }
}

/**
 * What a forward is in the calendar of who accepts it: an item of its own, with everything in it, which somebody else
 * organises.
 */
export function forwarded(appointment: Appointment): Appointment & { isOrganizer: false } {
  return { ...appointment, id: `AAMkADsim${crypto.randomUUID().replaceAll('-', '')}=`, isOrganizer: false }
}

/** The second occurrence of a series. It has its own id and time, and everything else from the series. */
export function occurrence(series: Appointment): Appointment {
  const { start, end, timeZone } = first(series)
  const from = series.recurrence ? second(series.recurrence, { start, end, timeZone }) : start
  return {
    ...copy(series),
    id: series.id && `${series.id}#2`,
    seriesId: series.id,
    start: new Date(from).toISOString(),
    end: new Date(from + end - start).toISOString(),
    originalStart: new Date(from).toISOString(),
  }
}

/** The rest of a series from its second occurrence: a new series, with everything else from the old one. */
export function following(series: Appointment): Appointment {
  const { start, end } = first(occurrence(series))
  return { ...copy(series), ...reschedule(series, start, end), follows: series.id }
}

/** A series that ends the day before another one continues it. */
export function endedBefore(series: Appointment, next: Appointment): Appointment {
  const lastDay = wallTime(Date.parse(next.start) - day, series.timeZone).slice(0, 10)
  const { recurrence } = series
  return { ...series, recurrence: recurrence && until(recurrence, first(series), lastDay) }
}

/** The appointment after it was dragged to another day: at the same local time. Without a day: to the next one. */
export function dragged(appointment: Appointment, to = dayOf(appointment, 1)): Appointment {
  const { start, end, timeZone } = first(appointment)
  const at = instantOf(`${to}${wallTime(start, timeZone).slice(10)}`, timeZone)
  return { ...appointment, ...reschedule(appointment, at, at + end - start) }
}

/** The local day of an appointment, `2030-03-05`, or a day some days later. */
export function dayOf({ start, timeZone }: Appointment, later = 0): string {
  return wallTime(Date.parse(start) + later * day, timeZone).slice(0, 10)
}

const day = 24 * 60 * 60_000

/** The times in ms since 1970. */
export function first({ start, end, timeZone }: Appointment) {
  return { start: Date.parse(start), end: Date.parse(end), timeZone }
}

/** Parses `Ada <ada@contoso.example>; bob@contoso.example`. */
export function recipients(text: string): Recipient[] {
  return parts(text).map((part) => {
    const [, name, address] = /^(.*?)\s*<([^>]+)>$/.exec(part) ?? [undefined, part, part]
    return { name: name || (address ?? part), address: address ?? part }
  })
}

export function recipientsText(people: Recipient[]): string {
  return people.map(({ name, address }) => (name === address ? address : `${name} <${address}>`)).join('; ')
}

/** Parses the Location field. A known location keeps its type; any other is `custom`. */
export function locations(text: string, known: Location[]): Location[] {
  return parts(text).map(
    (part) => known.find((l) => l.displayName === part) ?? { id: part, type: 'custom', displayName: part },
  )
}

export function locationsText(places: Location[]): string {
  return places.map(({ displayName }) => displayName).join('; ')
}

function parts(text: string): string[] {
  return text
    .split(';')
    .map((part) => part.trim())
    .filter(Boolean)
}
