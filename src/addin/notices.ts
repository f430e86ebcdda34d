import type { Part } from './outlook/link.ts'
import type { Scheduled } from './schedule.ts'

/** What the line above the appointment says, in at most 150 characters. */
export const notices = {
  adding: 'Adding a Zoom meeting …',
  checking: 'Asking Zoom …',
  scheduled: ({ outcome, remaining }: Scheduled) => outcomes[outcome] + stillStands('An earlier', remaining),
  removed: (remaining: readonly Part[]) => `The Zoom meeting was removed.${stillStands('Its', remaining)}`,
}

const outcomes: Record<Scheduled['outcome'], string> = {
  added: 'This appointment has a Zoom meeting.',
  updated: 'The Zoom meeting follows your changes.',
  renewed: 'The Zoom meeting was gone; this appointment has a new one. Send its link to everybody.',
  unchanged: 'This appointment has a Zoom meeting already.',
}

/** Says what could not be taken out of the appointment. */
function stillStands(whose: 'Its' | 'An earlier', remaining: readonly Part[]): string {
  if (remaining.length === 2) return ` ${whose} link and invitation still stand here.`
  return remaining.map((part) => ` ${whose} ${places[part]}.`).join('')
}

const places: Record<Part, string> = {
  location: 'link still stands in the location',
  body: 'invitation still stands in the text',
}
