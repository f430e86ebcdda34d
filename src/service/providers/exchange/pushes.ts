import { Problem } from '../../../contract/problems.ts'
import type { Changes } from '../provider.ts'
import type { EwsRequests, ExchangeCalendar, Message } from './requests.ts'
import { messagesOf, succeeded } from './requests.ts'
import { changesIn, subscriptionFor } from './streaming.ts'
import { at, type Element, escaped, NotXml, parseXml } from './xml.ts'

/**
 * Minutes without a change after which the server calls all the same, 1 to 1440. What is not accepted it sends again after half
 * a minute, and then after twice as long each time, until that is longer.
 */
const statusMinutes = 2
/** Seconds without a call after which nothing follows from the silence: more than until the server tries again once. */
export const longestSilence = (statusMinutes + 1) * 60

/** A subscription, as the server names it, and the last event before it. */
export interface Pushing {
  readonly subscription: string
  readonly watermark: string
}

/** Asks the server to call this address with changes of these calendars of the mailbox besides its own. Throws as `ask` does. */
export async function subscribePush(
  { ask }: Pick<EwsRequests, 'ask'>,
  calendar: ExchangeCalendar,
  others: readonly string[],
  url: string,
  signal: AbortSignal,
): Promise<Pushing> {
  const how = `<t:StatusFrequency>${statusMinutes}</t:StatusFrequency><t:URL>${escaped(url)}</t:URL>`
  const [message] = await ask(calendar, 'Subscribe', subscriptionFor('Push', others, how), signal)
  const element = succeeded(message as Message)
  const [subscription, watermark] = ['SubscriptionId', 'Watermark'].map((name) => at(element, name)?.text)
  if (!subscription || !watermark) throw new Problem('calendar_unreachable')
  return { subscription, watermark }
}

/** What a call says. Each id is a hint. */
export interface Notification extends Changes {
  readonly subscription: string
  /** The event after which these came, and the last of them. Undefined: the server did not say. */
  readonly previous: string | undefined
  readonly last: string | undefined
  /** Something was moved into a calendar, or out of it. */
  readonly moved: boolean
}

/** Reads a `SendNotification`. `lost`: the server says that it could not keep the events. Throws `NotXml` if it is none. */
export function notificationsIn(text: string): Notification[] | 'lost' {
  const body = at(parseXml(text), 'Body')
  if (!at(body, 'SendNotification')) throw new NotXml()
  try {
    const messages = messagesOf(body)
    if (messages.some(({ code }) => code !== 'NoError')) return 'lost'
    return messages.map(({ element }) => notificationIn(at(element, 'Notification')))
  } catch (error) {
    throw error instanceof Problem ? new NotXml() : error
  }
}

function notificationIn(notification: Element | undefined): Notification {
  const subscription = at(notification, 'SubscriptionId')?.text
  if (!notification || !subscription) throw new NotXml()
  const marks = notification.children.flatMap((event) => at(event, 'Watermark')?.text ?? [])
  return {
    ...changesIn(notification),
    subscription,
    previous: at(notification, 'PreviousWatermark')?.text,
    last: marks.at(-1),
  }
}

/** The answer to a call. `Unsubscribe` ends the subscription. */
export const notificationResult = (status: 'OK' | 'Unsubscribe') =>
  `<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body><SendNotificationResult xmlns="http://schemas.microsoft.com/exchange/services/2006/messages"><SubscriptionStatus>${status}</SubscriptionStatus></SendNotificationResult></soap:Body></soap:Envelope>`
