import { Problem } from '../../../contract/problems.ts'
import { keyIn, noteNameOf, noteSet } from '../note.ts'
import type { ProviderEvent } from '../provider.ts'
import { all, at, type Element, escaped } from './xml.ts'

/** What is read of an item: nothing of people, place or text. */
const fields = [
  ...['item:Subject', 'item:DateTimeCreated', 'calendar:Start', 'calendar:End', 'calendar:IsAllDayEvent'],
  ...['calendar:IsCancelled', 'calendar:CalendarItemType', 'calendar:MyResponseType'],
]
/** Also of a single item. `StartWallClock` is its time in its own zone, whatever the zone of this machine or the server. */
const more = ['calendar:StartWallClock', 'calendar:EndWallClock', 'calendar:StartTimeZoneId']

/** The property with the add-in's note. */
export const noteUri = (addinId: string) =>
  `<t:ExtendedFieldURI PropertySetId="${noteSet}" PropertyName="${escaped(noteNameOf(addinId))}" PropertyType="String"/>`

/** What an answer has of each item. `note`: the property above. */
export const shapeOf = (note: string, how: 'row' | 'whole') =>
  `<m:ItemShape><t:BaseShape>IdOnly</t:BaseShape><t:AdditionalProperties>${[
    ...fields,
    ...(how === 'whole' ? more : []),
  ]
    .map((field) => `<t:FieldURI FieldURI="${field}"/>`)
    .join('')}${note}</t:AdditionalProperties></m:ItemShape>`

export const idOnly = '<m:ItemShape><t:BaseShape>IdOnly</t:BaseShape></m:ItemShape>'

const kinds: Readonly<Record<string, ProviderEvent['kind']>> = {
  Single: 'single',
  RecurringMaster: 'series',
  Occurrence: 'occurrence',
  Exception: 'exception',
}

/** How the mailbox's owner has answered an invitation of somebody else. Of their own event they have answered none. */
const answers = new Set(['Tentative', 'Accept', 'Decline', 'NoResponseReceived'])

/** Reads an item. Throws `calendar_unreachable` if it has another form than in the schema. */
export function eventFrom(item: Element): ProviderEvent {
  const textOf = (name: string) => at(item, name)?.text
  const kind = kinds[textOf('CalendarItemType') ?? 'Single']
  if (!kind) throw new Problem('calendar_unreachable')
  const key = keyIn(at(all(item, 'ExtendedProperty')[0], 'Value')?.text)
  const timeZone = textOf('StartTimeZoneId')
  return {
    id: idIn(item),
    version: at(item, 'ItemId')?.attributes.ChangeKey ?? '',
    kind,
    cancelled: isTrue(item, 'IsCancelled'),
    organised: !answers.has(textOf('MyResponseType') ?? ''),
    subject: textOf('Subject') ?? '',
    ...timesIn(item),
    created: instantIn(textOf('DateTimeCreated')) ?? '',
    ...(timeZone && { timeZone }),
    ...(key && { key }),
  }
}

export const isTrue = (item: Element, name: string) => ['true', '1'].includes(at(item, name)?.text ?? '')

/** When an item is. Throws `calendar_unreachable` if it does not say. */
export function timesIn(item: Element): Pick<ProviderEvent, 'start' | 'end' | 'allDay'> {
  const textOf = (name: string) => at(item, name)?.text
  const [start, end] = ['Start', 'End'].map((name) => instantIn(textOf(name)))
  if (!start || !end) throw new Problem('calendar_unreachable')
  const allDay = isTrue(item, 'IsAllDayEvent')
  return {
    start: allDay ? dateIn(textOf('StartWallClock'), start) : start,
    end: allDay ? dateIn(textOf('EndWallClock'), end) : end,
    allDay,
  }
}

/** An id or a state of Exchange is Base64. What is stored has the form of Base64url. */
export const asToken = (text: string) => text.replaceAll('+', '-').replaceAll('/', '_')
export const fromToken = (token: string) => token.replaceAll('-', '+').replaceAll('_', '/')

const idOf = (item: Element | undefined) => at(item, 'ItemId')?.attributes.Id ?? ''

/** Whether an item has an id that can be stored. */
export const hasId = (item: Element | undefined) => /^[A-Za-z0-9+/=]{1,512}$/.test(idOf(item))

/** The id of an item, as it is stored. Throws `calendar_unreachable` if there is none that can be. */
export function idIn(item: Element | undefined): string {
  if (!hasId(item)) throw new Problem('calendar_unreachable')
  return asToken(idOf(item))
}

/** In RFC 3339 and UTC, to the second. Undefined: there is none. */
function instantIn(text: string | undefined): string | undefined {
  const form = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,7})?(Z|[+-]\d\d:\d\d)$/
  const at = form.test(text ?? '') ? Date.parse(text ?? '') : Number.NaN
  return Number.isNaN(at) ? undefined : `${new Date(at).toISOString().slice(0, 19)}Z`
}

const day = 86_400_000

/**
 * The date of an event that takes whole days, at midnight as if that were in UTC. A row of a list does not say its time in
 * its own zone: zones are less than half a day from UTC, except a few.
 */
function dateIn(wallClock: string | undefined, instant: string): string {
  const [date] = /^\d{4}-\d\d-\d\d/.exec(wallClock ?? '') ?? []
  if (date) return `${date}T00:00:00Z`
  return `${new Date(Math.round(Date.parse(instant) / day) * day).toISOString().slice(0, 10)}T00:00:00Z`
}
