import type { XmlElement } from 'libxml2-wasm'
import type { Kept } from '../../calendars.ts'
import { offsetAt, wallTime } from '../../outlook/item/time-zones.ts'
import { addInId } from '../app.ts'
import { type Saved, savedIn } from '../graph/events.ts'
import type { Shown } from '../graph/view.ts'
import { type Asked, escaped } from './soap.ts'

/** The folder of everybody's own calendar. */
export const ownFolder = 'calendar'

/** In which folder of its mailbox an appointment is. */
export const folderOf = ({ appointment }: Kept) =>
  typeof appointment.calendar === 'string' ? appointment.calendar : ownFolder

/** How every id begins: that of an item says its mailbox and its folder too, so a moved item has another one. */
const prefix = 'AAMkAGI1'
const idOf = (...parts: string[]) => prefix + Buffer.from(parts.join('\n')).toString('base64')

const itemId = (kept: Kept) => idOf(kept.owner, folderOf(kept), kept.appointment.id)
export const folderId = (owner: string, folder: string) => idOf(owner, folder)

/** The parts that an id was made of. */
export const partsOf = (id: string) =>
  id.startsWith(prefix) ? Buffer.from(id.slice(prefix.length), 'base64').toString().split('\n') : []

const changeKeyOf = ({ version }: Kept) => Buffer.from(`EQAA${version}`).toString('base64')

/** Where Exchange keeps the custom properties of an add-in, as one JSON string. */
const note = { set: '00020329-0000-0000-c000-000000000046', name: `cecp-${addInId}` }

function isNote(uri: XmlElement): boolean {
  const named = (name: string) => uri.attr(name)?.value
  return (
    named('PropertySetId')?.toLowerCase() === note.set &&
    named('PropertyName') === note.name &&
    named('PropertyType') === 'String'
  )
}

/** The custom properties of an add-in in an item that is created. `noteOf`: of each extended property, by its number. */
export function notesIn(uris: readonly XmlElement[], noteOf: (index: number) => string | undefined): object {
  const index = uris.findIndex(isNote)
  return index < 0 ? {} : JSON.parse(noteOf(index) ?? '{}')
}

/** The value of an extended property of an item, as a request names it. Undefined: the item does not have it. */
export function extended({ customProperties }: Saved, uri: XmlElement): string | undefined {
  return isNote(uri) && Object.keys(customProperties).length > 0
    ? JSON.stringify(customProperties)
    : undefined
}

const kindOf = ({ seriesId, recurrence, isOccurrence }: Saved) =>
  isOccurrence ? 'Occurrence' : seriesId ? 'Exception' : recurrence ? 'RecurringMaster' : 'Single'

/** As Exchange writes an instant: in UTC, to the second. */
const instant = (time: string | number) => `${new Date(time).toISOString().slice(0, 19)}Z`

/** A time as the clock in the item's own zone shows it, with that zone's offset. */
function onWall(time: string, zone: string): string {
  const at = Date.parse(time)
  const minutes = offsetAt(at, zone)
  const two = (n: number) => String(Math.floor(n)).padStart(2, '0')
  const size = Math.abs(minutes)
  return `${wallTime(at, zone)}:00${minutes < 0 ? '-' : '+'}${two(size / 60)}:${two(size % 60)}`
}

type BodyType = 'HTML' | 'Text'
/** The text of a property, or its element, which no list has ([MS-OXWSSRCH]). Undefined: the item has none. */
type Written = string | { xml: string } | undefined

/** Each property that can be asked for, in the order of the schema. */
const properties: readonly (readonly [
  uri: string,
  of: (event: Saved, kept: Kept, bodyType: BodyType) => Written,
])[] = [
  ['item:ItemClass', () => 'IPM.Appointment'],
  ['item:Subject', ({ subject }) => subject],
  ['item:Sensitivity', ({ sensitivity }) => sensitivity.charAt(0).toUpperCase() + sensitivity.slice(1)],
  [
    'item:Body',
    ({ body, bodyType }, _, wanted) => {
      const text = wanted === 'Text' && bodyType === 'html' ? plain(body) : body
      return { xml: `<t:Body BodyType="${wanted}">${escaped(text)}</t:Body>` }
    },
  ],
  ['item:DateTimeCreated', (_, { createdAt }) => instant(createdAt)],
  ['extended', () => ''],
  ['item:LastModifiedTime', (_, { changedAt }) => instant(changedAt)],
  ['calendar:UID', (_, { appointment }) => Buffer.from(String(appointment.id)).toString('hex').toUpperCase()],
  ['calendar:Start', ({ start }) => instant(start)],
  ['calendar:End', ({ end }) => instant(end)],
  ['calendar:IsAllDayEvent', ({ allDay }) => String(allDay)],
  [
    'calendar:Location',
    ({ locations }) => locations.map(({ displayName }) => displayName).join('; ') || undefined,
  ],
  ['calendar:IsCancelled', ({ isCancelled }) => String(isCancelled)],
  ['calendar:CalendarItemType', kindOf],
  ['calendar:MyResponseType', ({ isOrganizer }) => (isOrganizer ? 'Organizer' : 'Accept')],
  ['calendar:RequiredAttendees', ({ required }) => people('RequiredAttendees', required)],
  [
    'calendar:Resources',
    ({ locations }) =>
      people(
        'Resources',
        locations.flatMap(({ type, id, displayName }) =>
          type === 'room' && id ? [{ name: displayName, address: id }] : [],
        ),
      ),
  ],
  ['calendar:StartWallClock', ({ start, timeZone }) => onWall(start, timeZone)],
  ['calendar:EndWallClock', ({ end, timeZone }) => onWall(end, timeZone)],
  ['calendar:StartTimeZoneId', ({ timeZone }) => timeZone],
]

function people(name: string, all: readonly { name: string; address: string }[]): Written {
  const one = (person: { name: string; address: string }) =>
    `<t:Attendee><t:Mailbox><t:Name>${escaped(person.name)}</t:Name><t:EmailAddress>${escaped(person.address)}</t:EmailAddress></t:Mailbox></t:Attendee>`
  return all.length > 0 ? { xml: `<t:${name}>${all.map(one).join('')}</t:${name}>` } : undefined
}

/** HTML as Exchange writes it in plain text: the address of a link follows its words. */
const plain = (html: string) =>
  html
    .replace(/<a\b[^>]*\bhref="([^"]*)"[^>]*>(.*?)<\/a>/gis, '$2<$1>')
    .replace(/<(?!https?:)[^>]*>/gi, '')
    .replaceAll('&amp;', '&')

/** What a request wants to have of each item. `isList`: the operation lists items. */
export function shapeIn(asked: Asked, isList = false): (shown: Shown) => string {
  const bodyType = asked.value('m:ItemShape/t:BodyType') === 'Text' ? 'Text' : 'HTML'
  const isWhole = asked.value('m:ItemShape/t:BaseShape') !== 'IdOnly'
  const uris = asked
    .all('m:ItemShape/t:AdditionalProperties/t:FieldURI')
    .map((uri) => uri.attr('FieldURI')?.value)
  const wanted = new Set(uris)
  const notes = asked.all('m:ItemShape/t:AdditionalProperties/t:ExtendedFieldURI')
  return ({ kept, event }) => {
    const parts = properties.map(([uri, of]) => {
      if (uri === 'extended') return notes.map((one) => extendedXml(event, one)).join('')
      if (!isWhole && !wanted.has(uri)) return ''
      const value = of(event, kept, bodyType)
      if (typeof value === 'object') return isList ? '' : value.xml
      const name = uri.split(':')[1]
      return value === undefined ? '' : `<t:${name}>${escaped(value)}</t:${name}>`
    })
    return `<t:CalendarItem>${itemIdXml(kept)}${parts.join('')}</t:CalendarItem>`
  }
}

function extendedXml(event: Saved, uri: XmlElement): string {
  const value = extended(event, uri)
  if (value === undefined) return ''
  return `<t:ExtendedProperty><t:ExtendedFieldURI PropertySetId="${note.set}" PropertyName="${note.name}" PropertyType="String"/><t:Value>${escaped(value)}</t:Value></t:ExtendedProperty>`
}

export const itemIdXml = (kept: Kept, name = 't:ItemId') =>
  `<${name} Id="${itemId(kept)}" ChangeKey="${changeKeyOf(kept)}"/>`

/** The items of a mailbox that a folder has: single events and series. An occurrence with its own time is in its series. */
export function itemsIn(all: readonly Kept[], folder: string): Shown[] {
  return all
    .filter((kept) => folderOf(kept) === folder)
    .flatMap((kept) => {
      const event = savedIn(kept)
      return event && !event.seriesId ? [{ kept, event }] : []
    })
}
