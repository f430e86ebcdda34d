import { Problem } from '../../contract/problems.ts'
import { openItem } from '../outlook/item.ts'
import { factsOf, loadLink } from '../outlook/link.ts'
import { hasNotified, notify } from '../outlook/notify.ts'
import { readAppointment } from '../outlook/read.ts'
import { follow, type Needs } from './follow.ts'
import type { launchTexts } from './texts.ts'

type Event = Office.MailboxEvent

/** What the handlers need from a runtime. `addToNew` is absent where the runtime cannot sign in. */
export interface Runtime {
  needs(): Needs
  addToNew?(): Promise<void>
  /** The sentence people read. */
  says(error: unknown): string
  /** What else people read, in the language of Outlook. */
  texts: typeof launchTexts
}

/** Milliseconds. Outlook shows a dialog of its own after five seconds, so we answer before. */
const deadline = 4_000

/** The manifest's id of the button that opens the pane. */
const pane = 'zoomSettings'

type Associate = (
  name: 'onAppointmentSend' | 'onAppointmentChanged' | 'onNewAppointment',
  handler: (event: Event) => void,
) => void

/** Registers the handlers by their names in the manifest. */
export function associateHandlers(associate: Associate, runtime: Runtime): void {
  associate('onAppointmentSend', (event) => onSend(event, runtime))
  associate('onAppointmentChanged', (event) => onChanged(event, runtime))
  associate('onNewAppointment', (event) => onNew(event, runtime))
}

/** Lets the invitation go out, or first tells the person that the meeting is not up to date. Answers Outlook exactly once. */
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
    () => answer(follows ? notUpdated(new Problem('service_unreachable'), runtime) : { allowEvent: true }),
    deadline,
  )
  follow(runtime.needs(), () => {
    follows = true
  }).then(
    () => answer({ allowEvent: true }),
    (error) => answer(follows ? notUpdated(error, runtime) : { allowEvent: true }),
  )
}

/**
 * The dialog before sending. With `PromptUser`, Outlook adds a button "Send anyway". A meeting that was replaced is up to
 * date; the old invitation in the text is not.
 */
function notUpdated(error: unknown, { says, texts }: Runtime): Office.SmartAlertsEventCompletedOptions {
  const replaced = error instanceof Problem && error.code === 'meeting_replaced'
  return {
    allowEvent: false,
    errorMessage: (replaced ? '' : `${texts.behind} `) + says(error),
    cancelLabel: texts.openSettings,
    commandId: pane,
  }
}

/** The time or the recurrence has changed. The meeting is updated when the invitation is sent, and the person is told so. */
function onChanged(event: Event, { texts }: Runtime): void {
  const item = openItem()
  const done = () => event.completed()
  const note = loadLink(item)
  Promise.all([readAppointment(item, Office.context.mailbox.userProfile.timeZone, factsOf(note)), note])
    .then(([appointment, { link, ofSeries }]) => {
      const behind = link?.made && !ofSeries && !link.made.facts.equals(appointment)
      return behind ? notify(item, 'done', texts.willFollow) : undefined
    })
    .then(done, done)
}

/** A new appointment. It may be a copy, and some organisations want a Zoom meeting in every appointment. */
function onNew(event: Event, { addToNew }: Runtime): void {
  const done = () => event.completed()
  disownCopied().then(addToNew).then(done, done)
}

/**
 * Detects a copy that has no item id: a new appointment with a meeting, above which we have not notified anything yet.
 * If the original had no id either, a copy can be detected only now.
 */
function disownCopied(): Promise<unknown> {
  const item = openItem()
  return loadLink(item).then((note) => {
    if (!note.link || !note.unsaved) return undefined
    return hasNotified(item).then((notified) => {
      if (!notified) return note.save({ made: note.made })
    })
  })
}
