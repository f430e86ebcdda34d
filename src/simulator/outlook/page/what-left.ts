import type { Recorded } from '../../kit/ledger.ts'

/** Call → the part of the appointment that it gives to the add-in. */
const reads: Record<string, string> = {
  'subject.getAsync': 'title',
  'start.getAsync': 'start',
  'end.getAsync': 'end',
  'recurrence.getAsync': 'repetition',
  'isAllDayEvent.getAsync': 'all-day mark',
  'requiredAttendees.getAsync': 'attendees',
  'optionalAttendees.getAsync': 'attendees',
  'organizer.getAsync': 'organizer',
  'location.getAsync': 'location',
  'enhancedLocation.getAsync': 'location',
  'body.getAsync': 'body',
  'item.getSelectedDataAsync': 'selected text',
  'item.getAttachmentsAsync': 'attachments',
  'item.getAttachmentContentAsync': 'attachments',
  'item.getSharedPropertiesAsync': 'owner of the calendar',
  'sensitivity.getAsync': 'sensitivity',
  'categories.getAsync': 'categories',
  'mailbox.makeEwsRequestAsync': 'mailbox',
}

/** The parts that people care about most. */
const private_ = ['attendees', 'body', 'location']

/** A sentence: what the add-in read, what it sent, and what stayed. */
export function whatLeft(entries: Recorded[]): string {
  const read = unique(entries.flatMap((e) => (e.kind === 'outlook' ? (reads[e.call] ?? []) : [])))
  const sent = unique(
    entries.flatMap((e) => (e.kind === 'service' ? [...names(e.body), ...own(e.headers)] : [])),
  )
  const stayed = private_.filter((part) => !read.includes(part))
  if (!read.length && !sent.length) return 'Nothing has left the mailbox.'
  return [
    read.length ? `The add-in read the ${list(read)}` : 'The add-in read nothing of the appointment',
    sent.length ? ` and sent the service ${list(sent)}.` : ' and sent the service nothing.',
    stayed.length ? ` ${capital(list(stayed))} stayed in the mailbox.` : '',
  ].join('')
}

/** The names of the values in a request's body. */
function names(body: unknown): string[] {
  if (typeof body !== 'object' || body === null) return []
  return Object.entries(body).flatMap(([name, value]) => {
    const within = names(value)
    return within.length && !Array.isArray(value) ? within : [name]
  })
}

/** Headers that no browser adds by itself. */
function own(headers: Record<string, string>): string[] {
  return Object.keys(headers).filter((name) => !customary.test(name))
}

/** Headers that a browser or our proxy adds to every request, and credentials. */
const customary =
  /^(accept|access-control|authorization|cache-control|connection|content|cookie|dnt|host|origin|pragma|priority|referer|sec|user-agent|x-forwarded)\b/

const unique = (words: string[]) => [...new Set(words)]

const list = (words: string[]) =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)
