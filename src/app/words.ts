import type { CalendarEvent } from '../contract/calendar-event.ts'
import { midnight } from './day.ts'
import type { Shown } from './feed.ts'
import { filled, type Texts } from './texts.ts'

/** How times and days are written in a language (`Intl`), in the zone of the device. */
export function wordsFor(locale: string) {
  const times = new Intl.DateTimeFormat(locale, { timeStyle: 'short' })
  // With a short time alone, a range over midnight would name the year twice.
  const [numeric, two] = ['numeric', '2-digit'] as const
  const over = new Intl.DateTimeFormat(locale, { day: numeric, month: 'short', hour: numeric, minute: two })
  const dates = new Intl.DateTimeFormat(locale, { weekday: 'long', day: 'numeric', month: 'long' })
  const days = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' })
  const zones = new Intl.DateTimeFormat(locale, { timeZoneName: 'longGeneric' })
  return {
    time: (at: number) => times.format(at),
    range: (start: number, end: number) =>
      (midnight(start) === midnight(end) ? times : over).formatRange(start, end),
    date: (at: number) => dates.format(at),
    /** `today`, `tomorrow`. */
    day: (later: number) => capital(days.format(later, 'day'), locale),
    zone: (at: number) => zones.formatToParts(at).find(({ type }) => type === 'timeZoneName')?.value ?? '',
  }
}
export type Words = ReturnType<typeof wordsFor>

const capital = (text: string, locale: string) => text.charAt(0).toLocaleUpperCase(locale) + text.slice(1)

/** Where an event is, for people: its location without addresses, which the link has. */
export function placeOf({ location, rooms, zoomRoom }: CalendarEvent, texts: Texts): string {
  const plain = location.replace(/\bhttps?:\S+/gi, '').replace(/^[\s;,]+|[\s;,]+$/g, '')
  const others = rooms.split('; ').filter((room) => room && !plain.includes(room))
  const places = [plain, ...others].filter(Boolean).join('; ')
  return zoomRoom ? [places, texts.zoomRoom].filter(Boolean).join(' · ') : places
}

/** What the line above the events says of them. */
export function stateOf(shown: Shown, isOnline: boolean, texts: Texts, words: Words): string {
  const { events, readAt, isLive, problem } = shown
  const time = words.time(readAt ?? 0)
  if (events && !isOnline) return filled(texts.offline, { time })
  if (!problem) return events ? (isLive ? texts.live : texts.notLive) : texts.reading
  // The service says some reasons itself, and what to do, such as that the calendar is not connected.
  const says = problem.details.title ?? texts.notRead
  // Chinese and Japanese have no space between sentences.
  return events ? `${says} ${filled(texts.asOf, { time })}`.replace('。 ', '。') : says
}
