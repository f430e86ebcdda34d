import { Problem } from '../../contract/problems.ts'
import { openItem } from '../outlook/item.ts'
import { loadLink } from '../outlook/link.ts'
import { hasSpoken, notify } from '../outlook/notify.ts'
import { readAppointment } from '../outlook/read.ts'
import { follow, type Needs } from './follow.ts'

type Event = Office.MailboxEvent

/** What a runtime brings to the handlers: how it asks the service, and whether it can give a meeting to a new appointment. */
export interface Runtime {
  needs(): Needs
  addToNew?(): Promise<void>
}

/** Milliseconds. Outlook speaks up after five seconds; we are done before. */
const deadline = 4_000

/** The manifest's id of the button that opens the pane. */
const pane = 'zoomSettings'

/** Outlook wakes us by these names, which the manifest gives. */
export function associate(runtime: Runtime): void {
  Office.actions.associate('onAppointmentSend', (event: Event) => onSend(event, runtime))
  Office.actions.associate('onAppointmentChanged', onChanged)
  Office.actions.associate('onNewAppointment', (event: Event) => onNew(event, runtime))
}

/** The invitation goes out, now or after the person was told what the meeting lacks; whatever happens, Outlook gets one answer. */
function onSend(event: Event, runtime: Runtime): void {
  let answered = false
  const answer = (options: Office.SmartAlertsEventCompletedOptions) => {
    if (answered) return
    answered = true
    clearTimeout(timer)
    event.completed(options)
  }
  let follows = false
  const timer = setTimeout(
    () => answer(follows ? asking(new Problem('service_unreachable')) : { allowEvent: true }),
    deadline,
  )
  follow(runtime.needs(), () => {
    follows = true
  }).then(
    () => answer({ allowEvent: true }),
    (error) => answer(follows ? asking(error) : { allowEvent: true }),
  )
}

/** One sentence, and the way on. With `PromptUser` Outlook adds "Send anyway". */
function asking(error: unknown): Office.SmartAlertsEventCompletedOptions {
  const says = error instanceof Problem ? error.says : new Problem('unexpected').says
  return {
    allowEvent: false,
    errorMessage: `The Zoom meeting does not have your latest changes. ${says}`,
    cancelLabel: 'Open Zoom settings',
    commandId: pane,
  }
}

/** The times or the recurrence were changed: the meeting follows when the invitation is sent. */
function onChanged(event: Event): void {
  const item = openItem()
  const done = () => event.completed()
  Promise.all([readAppointment(item, Office.context.mailbox.userProfile.timeZone), loadLink(item)])
    .then(([appointment, { link, ofSeries }]) => {
      const behind = link?.made && !ofSeries && !link.made.facts.equals(appointment)
      return behind ? notify(item, 'done', 'The Zoom meeting will follow when you send.') : undefined
    })
    .then(done, done)
}

/** A new appointment, perhaps a copy; in some organisations every one has a Zoom meeting. */
function onNew(event: Event, { addToNew }: Runtime): void {
  const done = () => event.completed()
  disownCopied().then(addToNew).then(done, done)
}

/**
 * A new appointment that has a meeting before we said a word above it is a copy. While neither it nor what it was
 * copied from has an id, this moment alone tells.
 */
function disownCopied(): Promise<unknown> {
  const item = openItem()
  return loadLink(item).then((note) => {
    if (!note.link || !note.unsaved) return undefined
    return hasSpoken(item).then((spoken) => {
      if (!spoken) return note.save({ made: note.made })
    })
  })
}
