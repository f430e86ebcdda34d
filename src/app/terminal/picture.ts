import type { CalendarEvent } from '../../contract/calendar-event.ts'
import { type Day, daysOf } from '../day.ts'
import type { Shown } from '../feed.ts'
import { filled, type Texts } from '../texts.ts'
import { placeOf, stateOf, type Words } from '../words.ts'

export interface Picture {
  /** Lines without colours or control characters. */
  lines: string[]
  /** The join links, in the order of their numbers in the lines. */
  links: string[]
}

/** What the terminal shows, in lines. */
export function pictureOf(shown: Shown, now: number, texts: Texts, words: Words): Picture {
  const links: string[] = []
  const days = daysOf(shown.events ?? [], now)
  const what = (event: CalendarEvent) => {
    const title = clean(event.subject) || texts.untitled
    const place = clean(placeOf(event, texts))
    const number = event.joinLink && `[${links.push(event.joinLink)}] ${texts.join}`
    return [title, place, number].filter(Boolean).join(' · ')
  }
  const section = (day: Day, later: number) => [
    '',
    `${words.day(later)}, ${words.date(day.start)}`,
    ...day.allDay.map((event) => `  ${texts.allDay}  ${what(event)}`),
    ...day.timed.map(
      ({ event, start, end, isOn, overlaps }) =>
        `${isOn ? '>' : ' '} ${words.range(start, end)}  ${what(event)}${overlaps ? ` (${texts.overlaps})` : ''}`,
    ),
    ...(day.allDay.length + day.timed.length === 0 ? [`  ${texts.nothing}`] : []),
  ]
  const lines = [
    `${texts.title} · ${stateOf(shown, true, texts, words)}`,
    ...(shown.events ? [...days.flatMap(section), '', filled(texts.timesIn, { zone: words.zone(now) })] : []),
  ]
  return { lines, links }
}

/** A title can have characters that steer a terminal, or that turn the direction of what follows. */
const clean = (text: string) =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out.
  text.replace(/[\s\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]+/g, ' ').trim()
