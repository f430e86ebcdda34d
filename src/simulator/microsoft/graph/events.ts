import { z } from 'zod'
import type { Kept } from '../../calendars.ts'
import { lastDay, type Recurrence } from '../../outlook/item/recurrence.ts'
import { wallTime } from '../../outlook/item/time-zones.ts'
import type { Person } from '../../people.ts'
import { addInId } from '../app.ts'
import { GraphError } from './errors.ts'
import type { Properties } from './occurrences.ts'
import type { Wanted } from './odata.ts'

const recipient = z.object({ name: z.string(), address: z.string() })

/** What Graph reads of a saved appointment. Tests may save less than the page does. */
const saved = z.object({
  subject: z.string().default(''),
  start: z.iso.datetime(),
  end: z.iso.datetime(),
  timeZone: z.string().default('UTC'),
  seriesId: z.string().nullish(),
  originalStart: z.string().optional(),
  /** Of a series: the occurrences that were deleted. */
  cancelledStarts: z.array(z.string()).default([]),
  /** Computed from the series: it has no time or content of its own. */
  isOccurrence: z.boolean().default(false),
  recurrence: z.custom<Recurrence>().nullish(),
  allDay: z.boolean().default(false),
  isCancelled: z.boolean().default(false),
  isOrganizer: z.boolean().default(true),
  sent: z.boolean().default(false),
  body: z.string().default(''),
  bodyType: z.enum(['html', 'text']).default('html'),
  required: z.array(recipient).default([]),
  optional: z.array(recipient).default([]),
  locations: z
    .array(z.object({ displayName: z.string(), type: z.string().optional(), id: z.string().optional() }))
    .default([]),
  sensitivity: z.string().default('normal'),
  categories: z.array(z.string()).default([]),
  customProperties: z.record(z.string(), z.unknown()).default({}),
})
export type Saved = z.infer<typeof saved>

/** Undefined: what was saved has no time, so it is no event. */
export const savedIn = ({ appointment }: Kept): Saved | undefined => saved.safeParse(appointment).data

/** How every immutable id begins. */
const immutableIds = 'AAkALgAAAAAAHYQDEapmEc2byACqAC-EWg0A'

/** Ids in the form of Graph. An immutable id stays when the item moves to another folder of its mailbox. */
const graphId = (id: string, owner: string, immutable: boolean): string =>
  immutable ? immutableIds + Buffer.from(`${owner} ${id}`).toString('base64url') : id.replace(/[^\w=-]/g, '-')

/** An occurrence keeps its id when it gets a time or content of its own. */
export function idOf({ appointment, owner }: Kept, immutable: boolean): string {
  const { id, seriesId, originalStart } = appointment
  return graphId(seriesId && originalStart ? `${seriesId}#${originalStart}` : id, owner, immutable)
}

/** Whether an id of either form means this event. */
export const isNamed = (kept: Kept, id: string) =>
  [true, false].some((immutable) => idOf(kept, immutable) === id)

/** The start in the id of an occurrence, in ms since 1970. Undefined: it is none. */
export function startIn(id: string): number | undefined {
  const isImmutable = id.startsWith(immutableIds)
  const text = isImmutable ? Buffer.from(id.slice(immutableIds.length), 'base64url').toString() : id
  const [, date, time] = /(\d{4}-\d\d-\d\d)T(\d\d.\d\d.\d\d).000Z$/.exec(text) ?? []
  return (time && Date.parse(`${date}T${time.replace(/\D/g, ':')}Z`)) || undefined
}

export const etagOf = ({ version }: Pick<Kept, 'version'>) => `W/"${changeKeyOf({ version })}"`
const changeKeyOf = ({ version }: Pick<Kept, 'version'>) =>
  Buffer.from(`change ${version}`).toString('base64')

export const typeOf = ({ seriesId, recurrence, isOccurrence }: Saved) =>
  isOccurrence ? 'occurrence' : seriesId ? 'exception' : recurrence ? 'seriesMaster' : 'singleInstance'

/** The event as Graph answers it. Source: Microsoft Graph, "event resource type". */
export function eventOf(kept: Kept, event: Saved, owner: Person, wanted: Wanted): Record<string, unknown> {
  const whole = {
    id: idOf(kept, wanted.immutableIds),
    ...itemOf(kept, event),
    ...contentOf(event, owner),
    ...timesOf(event, wanted.timeZone),
    type: typeOf(event),
    seriesMasterId: event.seriesId ? graphId(event.seriesId, kept.owner, wanted.immutableIds) : null,
    recurrence: typeOf(event) === 'seriesMaster' && event.recurrence ? patterned(event.recurrence) : null,
    ...(event.seriesId && { originalStart: instant(event.originalStart ?? event.start) }),
  }
  const properties = extendedOf(event, wanted.extended)
  return {
    '@odata.etag': etagOf(kept),
    ...selected(whole, wanted.select),
    ...(properties.length > 0 && { singleValueExtendedProperties: properties }),
  }
}

const itemOf = (kept: Kept, { categories }: Saved) => ({
  createdDateTime: new Date(kept.createdAt).toISOString(),
  lastModifiedDateTime: new Date(kept.changedAt).toISOString(),
  changeKey: changeKeyOf(kept),
  categories,
})

function contentOf(event: Saved, { displayName, emailAddress }: Person) {
  const { required, optional, locations } = event
  const places = locations.map(({ displayName, type, id }) => ({
    displayName,
    locationType: type === 'room' ? 'conferenceRoom' : 'default',
    ...(type === 'room' && { locationEmailAddress: id }),
  }))
  const organizer = { emailAddress: { name: displayName, address: emailAddress } }
  const attendee = (type: string) => (person: z.infer<typeof recipient>) => ({
    type,
    status: { response: 'none', time: '0001-01-01T00:00:00Z' },
    emailAddress: person,
  })
  return {
    subject: event.subject,
    bodyPreview: event.body.replace(/<[^>]*>/g, '').slice(0, 255),
    body: { contentType: event.bodyType, content: event.body },
    importance: 'normal',
    sensitivity: event.sensitivity,
    isCancelled: event.isCancelled,
    isOrganizer: event.isOrganizer,
    isDraft: !event.sent && required.length + optional.length > 0,
    isOnlineMeeting: false,
    onlineMeetingProvider: 'unknown',
    onlineMeeting: null,
    onlineMeetingUrl: null,
    responseRequested: true,
    showAs: 'busy',
    location: { displayName: places.map((place) => place.displayName).join('; '), locationType: 'default' },
    locations: places,
    attendees: [...required.map(attendee('required')), ...optional.map(attendee('optional'))],
    organizer: event.isOrganizer ? organizer : { emailAddress: { name: 'Somebody else', address: '' } },
  }
}

/** An all-day event is at midnight in whichever zone the request wants. Source: "event resource type", `isAllDay`. */
function timesOf({ start, end, timeZone, allDay }: Saved, asked: string) {
  const at = (time: string) => {
    const wall = wallTime(Date.parse(time), allDay ? timeZone : asked)
    return { dateTime: `${allDay ? `${wall.slice(0, 10)}T00:00` : wall}:00.0000000`, timeZone: asked }
  }
  return {
    isAllDay: allDay,
    originalStartTimeZone: timeZone,
    originalEndTimeZone: timeZone,
    start: at(start),
    end: at(end),
  }
}

const dayNames = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday']
const monthNames = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const long = (day: unknown) => dayNames.find((name) => name.startsWith(String(day))) ?? 'sunday'
const workdays = dayNames.slice(1, 6)

/** The recurrence of Office.js in Graph's form, which has every member. Source: "recurrencePattern resource type". */
function patterned(recurrence: Recurrence) {
  const { recurrenceType: type, recurrenceTimeZone, seriesTimeJson: series } = recurrence
  const properties: Properties = recurrence.recurrenceProperties ?? {}
  const { interval = 1, days, dayOfMonth = 0, dayOfWeek, weekNumber = 'first', month } = properties
  const kind = {
    daily: 'daily',
    weekday: 'weekly',
    weekly: 'weekly',
    monthly: dayOfWeek ? 'relativeMonthly' : 'absoluteMonthly',
    yearly: dayOfWeek ? 'relativeYearly' : 'absoluteYearly',
  }[type]
  const daysOfWeek = type === 'weekday' ? workdays : (days ?? (dayOfWeek ? [dayOfWeek] : [])).map(long)
  const last = lastDay(recurrence)
  return {
    pattern: {
      type: kind,
      interval,
      month: monthNames.indexOf(month ?? '') + 1,
      dayOfMonth,
      ...(daysOfWeek.length > 0 && { daysOfWeek }),
      firstDayOfWeek: long(properties.firstDayOfWeek),
      index: weekNumber,
    },
    range: {
      type: last ? 'endDate' : 'noEnd',
      startDate: [series.startYear, series.startMonth, series.startDay]
        .map((part) => String(part).padStart(2, '0'))
        .join('-'),
      endDate: last || '0001-01-01',
      recurrenceTimeZone: recurrenceTimeZone.name,
      numberOfOccurrences: 0,
    },
  }
}

/** Where Exchange keeps the custom properties of an add-in, as one JSON string. */
const kept = `String {00020329-0000-0000-c000-000000000046} Name cecp-${addInId}`

/** Graph writes the GUID of the set in lower case, however it was asked. The name is case-sensitive. */
/** The extended properties with these ids that the event has. */
export function extendedOf({ customProperties }: Saved, extended: readonly string[]) {
  const has = Object.keys(customProperties).length > 0
  const matches = (id: string) => id.replace(/\{[^}]*\}/, (guid) => guid.toLowerCase()) === kept
  return has && extended.some(matches) ? [{ id: kept, value: JSON.stringify(customProperties) }] : []
}

/** Only these members; the id is always there. */
function selected(event: Record<string, unknown>, select: Wanted['select']): Record<string, unknown> {
  if (!select) return event
  const unknown = select.find((name) => !properties.has(name))
  if (unknown !== undefined)
    throw new GraphError(
      'BadRequest',
      `Could not find a property named '${unknown}' on type 'microsoft.graph.event'.`,
    )
  const wanted = new Set(['id', ...select])
  return Object.fromEntries(Object.entries(event).filter(([name]) => wanted.has(name)))
}

/** The properties of an event that can be selected. Source: Microsoft Graph v1.0, its metadata. */
const properties = new Set(
  (
    'allowNewTimeProposals attendees body bodyPreview cancelledOccurrences categories changeKey createdDateTime end ' +
    'hasAttachments hideAttendees iCalUId id importance isAllDay isCancelled isDraft isOnlineMeeting isOrganizer ' +
    'isReminderOn lastModifiedDateTime location locations onlineMeeting onlineMeetingProvider onlineMeetingUrl ' +
    'organizer originalEndTimeZone originalStart originalStartTimeZone recurrence reminderMinutesBeforeStart ' +
    'responseRequested responseStatus sensitivity seriesMasterId showAs start subject transactionId type webLink'
  ).split(' '),
)

/** An instant as Graph writes a DateTimeOffset. */
const instant = (time: string) => new Date(time).toISOString()
