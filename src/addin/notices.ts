import type { Part } from './outlook/link.ts'
import type { Scheduled } from './schedule.ts'

/** The notification messages above the appointment. Outlook shows at most 150 characters. */
export const notices = {
  adding: 'Adding a Zoom meeting …',
  checking: 'Asking Zoom …',
  scheduled: ({ outcome, remaining, withoutLocation }: Scheduled) =>
    outcomes[outcome] +
    (withoutLocation
      ? ' The location has no link: Outlook did not accept it.'
      : stillThere('An earlier', remaining)),
  removed: (remaining: readonly Part[]) => `The Zoom meeting was removed.${stillThere('Its', remaining)}`,
}

const outcomes: Record<Scheduled['outcome'], string> = {
  added: 'This appointment has a Zoom meeting.',
  updated: 'The Zoom meeting is up to date.',
  renewed: 'The old Zoom meeting no longer exists. Send everybody the new link.',
  unchanged: 'This appointment already has a Zoom meeting.',
}

/** Says what could not be taken out of the appointment. */
function stillThere(whose: 'Its' | 'An earlier', remaining: readonly Part[]): string {
  if (remaining.length === 2) return ` ${whose} link and invitation are still in this appointment.`
  return remaining.map((part) => ` ${whose} ${places[part]}.`).join('')
}

const places: Record<Part, string> = {
  location: 'link is still in the location',
  body: 'invitation is still in the text',
}
