import type { CalendarEvent } from '../../contract/calendar-event.ts'
import type { Timed as TimedEvent } from '../day.ts'
import { JoinLink } from '../JoinLink.tsx'
import type { Texts } from '../texts.ts'
import { placeOf, type Words } from '../words.ts'

/** An event with its time. */
export function Timed({ timed, texts, words }: { timed: TimedEvent; texts: Texts; words: Words }) {
  const { event, start, end, overlaps } = timed
  return (
    <li>
      <time dateTime={event.start}>{words.range(start, end)}</time>
      <What event={event} texts={texts} />
      {overlaps && <p className="overlaps">{texts.overlaps}</p>}
      <Join event={event} texts={texts} />
    </li>
  )
}

/** An event that takes the whole day. */
export function AllDay({ event, texts }: { event: CalendarEvent; texts: Texts }) {
  return (
    <li>
      <time dateTime={event.start.slice(0, 10)}>{texts.allDay}</time>
      <What event={event} texts={texts} />
      <Join event={event} texts={texts} />
    </li>
  )
}

function What({ event, texts }: { event: CalendarEvent; texts: Texts }) {
  const place = placeOf(event, texts)
  return (
    <>
      <h3>{event.subject || texts.untitled}</h3>
      {place && <p className="place">{place}</p>}
    </>
  )
}

const Join = ({ event, texts }: { event: CalendarEvent; texts: Texts }) => (
  <JoinLink href={event.joinLink} word={texts.join} title={event.subject || texts.untitled} />
)
