import { attributes, type CalendarEvent, type KnownZoom, sanitise } from '../../../contract/calendar-event.ts'
import { Problem } from '../../../contract/problems.ts'
import type { Window } from '../provider.ts'
import { fromToken, isTrue, timesIn } from './items.ts'
import { type EwsRequests, type ExchangeCalendar, isTooLarge, type Message, succeeded } from './requests.ts'
import { at, type Element, escaped } from './xml.ts'

/** Items that are asked for at once, and into how many parts they are divided if the answer would be too large. */
const together = 50
const parts = 8

const { kept, read } = attributes.exchange
/** The id of an item comes with every answer. */
const whole = [...kept, ...read].filter((field) => field !== 'item:ItemId')
const withoutText = whole.filter((field) => field !== 'item:Body')

/** In plain text a link is its address, and there are no pictures. */
const shapeOf = (fields: readonly string[]) =>
  `<m:ItemShape><t:BaseShape>IdOnly</t:BaseShape><t:BodyType>Text</t:BodyType><t:AdditionalProperties>${fields
    .map((field) => `<t:FieldURI FieldURI="${field}"/>`)
    .join('')}</t:AdditionalProperties></m:ItemShape>`

/**
 * The events of a mailbox's own calendar in these days as an app may show them. A list of Exchange has neither text nor rooms,
 * so the items are read too. All else is dropped answer by answer, before anything is kept. Of an item whose text is longer
 * than is read, the join link is found in its location only. Throws what `EwsRequests.ask` throws.
 */
export function shownEvents(
  { ask }: Pick<EwsRequests, 'ask'>,
  inWindow: (calendar: ExchangeCalendar, window: Window, signal: AbortSignal) => Promise<string[]>,
) {
  async function contents(
    calendar: ExchangeCalendar,
    ids: readonly string[],
    signal: AbortSignal,
    zoom: KnownZoom,
    fields = whole,
  ): Promise<CalendarEvent[]> {
    const named = ids.map((id) => `<t:ItemId Id="${escaped(fromToken(id))}"/>`).join('')
    const body = `<m:GetItem>${shapeOf(fields)}<m:ItemIds>${named}</m:ItemIds></m:GetItem>`
    const messages = await ask(calendar, 'GetItem', body, signal).catch(unlessTooLarge)
    if (messages) return messages.flatMap((message) => eventIn(message, zoom))
    if (ids.length === 1 && fields === withoutText) throw new Problem('calendar_unreachable')
    if (ids.length === 1) return contents(calendar, ids, signal, zoom, withoutText)
    return inParts(ids, Math.ceil(ids.length / parts), (part) => contents(calendar, part, signal, zoom))
  }

  return async (
    calendar: ExchangeCalendar,
    window: Window,
    signal: AbortSignal,
    zoom: KnownZoom,
  ): Promise<CalendarEvent[]> => {
    const ids = await inWindow(calendar, window, signal)
    return inParts(ids, together, (part) => contents(calendar, part, signal, zoom))
  }
}

async function inParts(
  ids: readonly string[],
  size: number,
  read: (part: readonly string[]) => Promise<CalendarEvent[]>,
): Promise<CalendarEvent[]> {
  const events: CalendarEvent[] = []
  for (let from = 0; from < ids.length; from += size)
    events.push(...(await read(ids.slice(from, from + size))))
  return events
}

function unlessTooLarge(error: unknown): undefined {
  if (!isTooLarge(error)) throw error
}

/** What was deleted since it was listed, and what is cancelled, is not shown. */
function eventIn(message: Message, zoom: KnownZoom): CalendarEvent | [] {
  if (message.code === 'ErrorItemNotFound') return []
  const item = at(succeeded(message), 'Items')?.children[0]
  if (!item) throw new Problem('calendar_unreachable')
  return isTrue(item, 'IsCancelled') ? [] : sanitise(readIn(item), zoom)
}

const readIn = (item: Element) => ({
  subject: at(item, 'Subject')?.text,
  ...timesIn(item),
  location: at(item, 'Location')?.text,
  rooms: (at(item, 'Resources')?.children ?? []).map((resource) => ({
    name: at(resource, 'Mailbox', 'Name')?.text ?? '',
    address: at(resource, 'Mailbox', 'EmailAddress')?.text,
  })),
  text: [at(item, 'Body')?.text],
})
