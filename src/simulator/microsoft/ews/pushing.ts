import { randomBytes } from 'node:crypto'
import type { Calendars } from '../../calendars.ts'
import { poster } from '../../kit/post.ts'
import type { Post } from '../../vendor.ts'
import type { Asked, Said } from './soap.ts'
import { notificationOf, read } from './soap.ts'
import { eventOf } from './streaming.ts'

interface Subscription {
  owner: string
  folders: readonly string[]
  url: string
  /** Minutes without a change after which the server says that it is there, and for which it tries again at most. */
  status: number
  /** Of the last event that the receiver has accepted. */
  watermark: string
  waiting: { event: string; watermark: string }[]
  isSending: boolean
  timer?: NodeJS.Timeout | undefined
}

/** Milliseconds that the server waits for an answer. */
const deadline = 30_000

/**
 * Push notifications of changes of calendars: the server calls the subscriber. What is not accepted is sent again after half a
 * minute, and then after twice as long each time. A subscription ends when that is longer than its status frequency, or by the
 * subscriber's word. Sources: [MS-OXWSNTIF] `SendNotification`, "PushSubscriptionRequest", "Notification subscriptions … in
 * Exchange".
 */
export function createPushing(calendars: Calendars, now: () => number, post: Post = poster()) {
  const subscriptions = new Map<string, Subscription>()
  let minute = 60_000

  calendars.follow((change) => {
    for (const [id, subscription] of subscriptions) {
      if (subscription.owner !== change.kept.owner) continue
      const watermark = newWatermark()
      const event = eventOf(change, subscription, calendars, now(), watermark)
      if (!event) continue
      subscription.waiting.push({ event, watermark })
      if (!subscription.isSending) void send(id, subscription)
    }
  })

  function end(id: string, subscription: Subscription): void {
    clearTimeout(subscription.timer)
    subscriptions.delete(id)
  }

  function later(minutes: number, id: string, subscription: Subscription, pause?: number): void {
    clearTimeout(subscription.timer)
    if (subscriptions.get(id) !== subscription) return
    subscription.timer = setTimeout(() => void send(id, subscription, pause), minutes * minute).unref()
  }

  /** `pause`: minutes until it is sent again if it is not accepted. */
  async function send(id: string, subscription: Subscription, pause = 0.5): Promise<void> {
    clearTimeout(subscription.timer)
    subscription.isSending = true
    const sent = [...subscription.waiting]
    const { url, status, watermark } = subscription
    const events =
      sent.length > 0
        ? sent.map(({ event }) => event)
        : [`<t:StatusEvent><t:Watermark>${watermark}</t:Watermark></t:StatusEvent>`]
    const body = notificationOf(
      `<t:SubscriptionId>${id}</t:SubscriptionId><t:PreviousWatermark>${watermark}</t:PreviousWatermark><t:MoreEvents>false</t:MoreEvents>${events.join('')}`,
    )
    const headers = { 'content-type': 'text/xml; charset=utf-8' }
    const said = await post(url, { body, headers, deadline }).then(wordIn, () => undefined)
    if (subscriptions.get(id) !== subscription) return
    if (said === 'Unsubscribe' || (said !== 'OK' && pause > status)) return end(id, subscription)
    // Until it is sent again, changes wait with it.
    if (said !== 'OK') return later(pause, id, subscription, 2 * pause)
    subscription.watermark = sent.at(-1)?.watermark ?? watermark
    subscription.waiting.splice(0, sent.length)
    if (subscription.waiting.length > 0) return send(id, subscription)
    subscription.isSending = false
    later(status, id, subscription)
  }

  return {
    subscribe(owner: string, folders: readonly string[], asked: Asked): Said[] {
      const url = asked.value('m:PushSubscriptionRequest/t:URL') ?? ''
      const status = Number(asked.value('m:PushSubscriptionRequest/t:StatusFrequency'))
      if (!/^https?:/.test(url)) return [{ code: 'ErrorInvalidPushSubscriptionUrl' }]
      const [id, watermark] = [randomBytes(45).toString('base64'), newWatermark()]
      const subscription = { owner, folders, url, status, watermark, waiting: [], isSending: false }
      subscriptions.set(id, subscription)
      later(status, id, subscription)
      const inside = `<m:SubscriptionId>${id}</m:SubscriptionId><m:Watermark>${watermark}</m:Watermark>`
      return [{ code: 'NoError', inside }]
    },

    /** How many subscriptions there are. */
    count: () => subscriptions.size,

    /** How many milliseconds a minute has for the server. */
    hurry(milliseconds: number): void {
      minute = milliseconds
    },

    /** Every subscription is forgotten, and so are its events. */
    lose(): void {
      for (const [id, subscription] of subscriptions) end(id, subscription)
    },

    reset(): void {
      minute = 60_000
      this.lose()
    },
  }
}

const newWatermark = () => randomBytes(30).toString('base64')

/** What the receiver says of the subscription. Undefined: nothing that counts. */
const wordIn = ({ status, text }: { status: number; text: string }) =>
  status === 200
    ? read(text, ({ operation, value }) =>
        operation === 'SendNotificationResult' ? value('m:SubscriptionStatus') : undefined,
      )
    : undefined
