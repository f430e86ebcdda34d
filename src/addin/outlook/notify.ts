import { ask } from './ask.ts'
import type { Notifiable } from './item.ts'

type Kind = 'working' | 'done' | 'failed'

/** Ours among the lines above the appointment; there is one at a time. */
const key = 'zoom'
/** Outlook's limit. */
const longest = 150
/** The manifest's id of the small icon. */
const icon = 'icon16'

/** Shows one line above the appointment. Where Outlook has no such lines (phones) or does not answer, the work goes on. */
export function notify(
  { notificationMessages: lines }: Notifiable,
  kind: Kind,
  sentence: string,
): Promise<void> {
  if (!lines) return Promise.resolve()
  const line = Object.assign(forms[kind](), { message: sentence.slice(0, longest) })
  const show = (how: 'replaceAsync' | 'addAsync') => ask<void>((done) => lines[how](key, line, done))
  return show('replaceAsync')
    .catch(() => show('addAsync'))
    .catch(() => {})
}

/** Whether there is a line of ours above the appointment. */
export function hasSpoken({ notificationMessages: lines }: Notifiable): Promise<boolean> {
  return ask<Office.NotificationMessageDetails[]>((done) =>
    (lines as Office.NotificationMessages).getAllAsync(done),
  ).then((all) => all.some((line) => line.key === key))
}

/** Office.js has its enumerations only once it is ready. */
const forms: Record<Kind, () => Omit<Office.NotificationMessageDetails, 'message'>> = {
  working: () => ({ type: Office.MailboxEnums.ItemNotificationMessageType.ProgressIndicator }),
  done: () => ({
    type: Office.MailboxEnums.ItemNotificationMessageType.InformationalMessage,
    icon,
    persistent: false,
  }),
  failed: () => ({ type: Office.MailboxEnums.ItemNotificationMessageType.ErrorMessage }),
}
