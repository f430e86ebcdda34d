import { ask } from './ask.ts'
import type { Notifiable } from './item.ts'

type Kind = 'working' | 'done' | 'failed'

/** The key of our notification message; we show one at a time. */
const key = 'zoom'
/** Outlook's limit, in characters. */
const longest = 150
/** The manifest's id of the small icon. */
const icon = 'icon16'

/** Shows a notification message above the appointment. Never fails: where that is impossible (phones) it shows nothing. */
export function notify(
  { notificationMessages: messages }: Notifiable,
  kind: Kind,
  sentence: string,
): Promise<void> {
  if (!messages) return Promise.resolve()
  const message = Object.assign(forms[kind](), { message: sentence.slice(0, longest) })
  const show = (how: 'replaceAsync' | 'addAsync') => ask<void>((done) => messages[how](key, message, done))
  return show('replaceAsync')
    .catch(() => show('addAsync'))
    .catch(() => show('replaceAsync'))
    .catch(() => {})
}

/** Whether our notification message is above the appointment. */
export function hasNotified({ notificationMessages: messages }: Notifiable): Promise<boolean> {
  return ask<Office.NotificationMessageDetails[]>((done) =>
    (messages as Office.NotificationMessages).getAllAsync(done),
  ).then((all) => all.some((message) => message.key === key))
}

/** Functions, because Office.js defines its enumerations only when it is ready. */
const forms: Record<Kind, () => Omit<Office.NotificationMessageDetails, 'message'>> = {
  working: () => ({ type: Office.MailboxEnums.ItemNotificationMessageType.ProgressIndicator }),
  done: () => ({
    type: Office.MailboxEnums.ItemNotificationMessageType.InformationalMessage,
    icon,
    persistent: false,
  }),
  failed: () => ({ type: Office.MailboxEnums.ItemNotificationMessageType.ErrorMessage }),
}
