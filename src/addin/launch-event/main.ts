import { problemFrom } from '../../browser/problem-from.ts'
import type { Appointment } from '../../contract/appointment.ts'
import { launchProblems, type Rows } from '../../contract/page-problems.ts'
import { meetingPath } from '../../contract/paths.ts'
import { Problem } from '../../contract/problems.ts'
import { type Item, openItem } from '../outlook/item.ts'
import { type LinkNote, loadLink, type Made } from '../outlook/link.ts'
import { readAppointment } from '../outlook/read.ts'
import { associateHandlers } from './handlers.ts'
import { launchTexts } from './texts.ts'

/** This runtime has no `location`, so the service replaces this address by its own when it serves the file. */
const origin = 'https://localhost:3001'

associateHandlers(Office.actions.associate, {
  needs() {
    const item = openItem()
    return {
      read: (known) => readAppointment(item, Office.context.mailbox.userProfile.timeZone, known),
      loadLink: () => settled(item, 7),
      update,
    }
  },
  texts: launchTexts,
  says,
})

/**
 * The note, after a click has added the meeting and its invitation. This runtime cannot know whether a click is under way
 * or has failed long ago. So it looks again a few times, for two seconds in all.
 */
function settled(item: Item, left: number): Promise<LinkNote> {
  return loadLink(item).then((note) => {
    const { link } = note
    if (!left || !link || (link.made && link.made.missing.indexOf('body') < 0)) return note
    return new Promise<void>((look) => setTimeout(() => look(), 300)).then(() => settled(item, left - 1))
  })
}

/** The sentence people read: the service's own, or one of the few that this script has. */
function says(error: unknown): string {
  const { code, details } = error instanceof Problem ? error : new Problem('unexpected')
  return details.title || ((launchProblems as Rows)[code] || launchProblems.unexpected).says
}

/**
 * Updates the meeting with the ticket on the item, because nobody can sign in here. A ticket cannot create a meeting,
 * so the join link stays. Missing parts of the invitation are left to the pane, which may be writing them now.
 */
function update(note: LinkNote, key: string, made: Made, facts: Appointment): Promise<void> {
  if (made.facts.equals(facts)) return Promise.resolve()
  return put(key, made.meeting.ticket, facts).then(() =>
    note.save({ key, made: Object.assign({}, made, { facts }) }),
  )
}

function put(key: string, ticket: string | undefined, appointment: Appointment): Promise<void> {
  if (!ticket) return Promise.reject(new Problem('sign_in_required'))
  const send = () =>
    fetch(origin + meetingPath(key), {
      method: 'PUT',
      headers: {
        authorization: `Bearer ${ticket}`,
        'content-type': 'application/json',
        'accept-language': Office.context.displayLanguage,
      },
      body: JSON.stringify(appointment),
    }).then((response) => response.json().then((answer) => ({ ok: response.ok, answer })))
  // A broken connection and a gateway's failure may pass.
  return send()
    .catch(send)
    .catch((error) => {
      throw new Problem('service_unreachable', {}, error)
    })
    .then(({ ok, answer }) => {
      if (!ok) throw problemFrom(answer)
    })
}
