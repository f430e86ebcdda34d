import { randomBytes } from 'node:crypto'
import type { Calendars, Change } from '../../calendars.ts'
import { folderId, folderOf, itemIdXml } from './items.ts'
import type { Asked, Said } from './soap.ts'
import { responseOf } from './soap.ts'

/** Where a request has arrived. */
export interface Arrived {
  /** Who has proved an account, as whom: each has limits of its own. */
  by: string
  /** The server of the pool: it knows its own subscriptions only. */
  server: number
}

interface Subscription {
  owner: string
  server: number
  folders: readonly string[]
  /** Events that were not sent yet. */
  waiting: string[]
  /** Sends them. Undefined: nobody listens. */
  wake?: (() => void) | undefined
}

/** Subscriptions of one answer that hangs, and answers that hang at once for each account or mailbox that it acts as. */
const [mostIds, mostHanging] = [200, 10]
/** Milliseconds between two words of a server that has nothing to say. */
const heartbeat = 30_000

/** Streaming notifications of changes of calendars. Sources: [MS-OXWSNTIF], "Notification subscriptions … in Exchange". */
export function createStreaming(calendars: Calendars, now: () => number) {
  const subscriptions = new Map<string, Subscription>()
  /** Ends every answer that hangs. */
  const open = new Map<(said: Said | undefined) => void, string>()
  let most = Number.POSITIVE_INFINITY

  calendars.follow((change) => {
    for (const subscription of subscriptions.values()) {
      if (subscription.owner !== change.kept.owner) continue
      const event = eventOf(change, subscription, calendars, now())
      if (!event) continue
      subscription.waiting.push(event)
      subscription.wake?.()
    }
  })

  return {
    subscribe(owner: string, folders: readonly string[], { server }: Arrived): Said[] {
      if (subscriptions.size >= most) return [{ code: 'ErrorExceededSubscriptionCount' }]
      const id = randomBytes(45).toString('base64')
      subscriptions.set(id, { owner, server, folders, waiting: [] })
      return [{ code: 'NoError', inside: `<m:SubscriptionId>${id}</m:SubscriptionId>` }]
    },

    unsubscribe: (id: string): Said[] => [
      { code: subscriptions.delete(id) ? 'NoError' : 'ErrorSubscriptionNotFound' },
    ],

    /** The parts of an answer that hangs, or what is wrong with the request. `mayOpen`: whose subscriptions it may name. */
    stream(
      mayOpen: (owner: string) => boolean,
      asked: Asked,
      { by, server }: Arrived,
    ): Said[] | ReadableStream<Uint8Array> {
      const ids = asked.all('m:SubscriptionIds/t:SubscriptionId').map(({ content }) => content)
      const minutes = Number(asked.value('m:ConnectionTimeout') ?? 1)
      const those = ids.map((id) => [id, subscriptions.get(id)] as const)
      if (ids.length > mostIds) return [{ code: 'ErrorInvalidSubscriptionRequest' }]
      if ([...open.values()].filter((one) => one === by).length >= mostHanging)
        return [{ code: 'ErrorExceededConnectionCount' }]
      const isHere = (found: Subscription | undefined) => found?.server === server && mayOpen(found.owner)
      const lost = those.filter(([, found]) => !isHere(found)).map(([id]) => id)
      if (lost.length > 0) {
        const inside = `<m:ErrorSubscriptionIds>${lost.map((id) => `<t:SubscriptionId>${id}</t:SubscriptionId>`).join('')}</m:ErrorSubscriptionIds>`
        return [{ code: 'ErrorSubscriptionNotFound', inside }]
      }
      let close = () => {}
      return new ReadableStream<Uint8Array>({
        start(to) {
          const say = (said: Said) => {
            for (const part of inOddParts(responseOf('GetStreamingEvents', [said]))) to.enqueue(part)
          }
          const ok = () => say(status('OK'))
          const tell = (id: string, subscription: Subscription) => {
            const events = subscription.waiting.splice(0)
            if (events.length === 0) return
            const notification = `<t:Notification><t:SubscriptionId>${id}</t:SubscriptionId>${events.join('')}</t:Notification>`
            say({ code: 'NoError', inside: `<m:Notifications>${notification}</m:Notifications>` })
          }
          const beating = setInterval(ok, heartbeat).unref()
          const wakes = new Map<Subscription, () => void>()
          const silence = () => {
            for (const [subscription, wake] of wakes)
              if (subscription.wake === wake) subscription.wake = undefined
          }
          const end = (said: Said | undefined = status('Closed')) => {
            silence()
            say(said)
            // After an error the answer stays, and says every now and then that all is well.
            if (said.code !== 'NoError') return
            close()
            to.close()
          }
          const ending = setTimeout(end, minutes * 60_000).unref()
          close = () => {
            clearInterval(beating)
            clearTimeout(ending)
            open.delete(end)
            silence()
          }
          open.set(end, by)
          ok()
          for (const [id, subscription] of those)
            if (subscription) {
              subscription.wake = () => tell(id, subscription)
              wakes.set(subscription, subscription.wake)
              tell(id, subscription)
            }
        },
        cancel: () => close(),
      })
    },

    /** How many answers hang at the moment. */
    hanging: () => open.size,
    /** Of how many subscriptions they tell. */
    told: () => [...subscriptions.values()].filter(({ wake }) => wake).length,

    /** Every answer that hangs ends, or says this error and then nothing of any change. Events stay. */
    end(code?: string): void {
      for (const end of [...open.keys()])
        end(code ? { code, inside: '<m:ConnectionStatus>OK</m:ConnectionStatus>' } : undefined)
    },

    /** Every subscription is forgotten, and so are its events. */
    lose(): void {
      this.end('ErrorReadEventsFailed')
      subscriptions.clear()
    },

    /** The subscriptions of one mailbox are forgotten. */
    forget(owner: string): void {
      for (const [id, subscription] of subscriptions)
        if (subscription.owner === owner) subscriptions.delete(id)
    },

    limit(subscriptions: number): void {
      most = subscriptions
    },

    reset(): void {
      most = Number.POSITIVE_INFINITY
      this.end()
      subscriptions.clear()
    },
  }
}

const status = (text: 'OK' | 'Closed'): Said => ({
  code: 'NoError',
  inside: `<m:ConnectionStatus>${text}</m:ConnectionStatus>`,
})

/** Where a network cuts an answer: also inside a character. */
function inOddParts(text: string): Uint8Array[] {
  const bytes = Buffer.from(text)
  const cuts = [0, 1, Math.floor(bytes.length / 3), bytes.length - 7, bytes.length]
  return cuts.slice(1).map((end, index) => new Uint8Array(bytes.subarray(cuts[index], end)))
}

/** What a subscription hears of a change. Undefined: nothing. `watermark`: of the event, where it has one. */
export function eventOf(
  { what, kept, before }: Change,
  { owner, folders }: Pick<Subscription, 'owner' | 'folders'>,
  calendars: Calendars,
  now: number,
  watermark?: string,
): string | undefined {
  const [was, is] = [before ?? kept, kept].map((one) => folders.includes(folderOf(one)))
  const at = `${watermark === undefined ? '' : `<t:Watermark>${watermark}</t:Watermark>`}<t:TimeStamp>${new Date(now).toISOString()}</t:TimeStamp>`
  const parent = (name: string, of: string) => `<t:${name} Id="${folderId(owner, of)}" ChangeKey="AQAA"/>`
  const event = (name: string, inside: string) => `<t:${name}>${at}${inside}</t:${name}>`
  const { seriesId } = kept.appointment
  if (seriesId) {
    const series = calendars.get(String(seriesId))
    return series && is
      ? event('ModifiedEvent', itemIdXml(series) + parent('ParentFolderId', folderOf(series)))
      : undefined
  }
  const here = itemIdXml(kept) + parent('ParentFolderId', folderOf(kept))
  if (what === 'created') return is ? event('CreatedEvent', here) : undefined
  const isMoved = folderOf(before ?? kept) !== folderOf(kept)
  if (what === 'updated' && is && !isMoved) return event('ModifiedEvent', here)
  const moved = (to: string) =>
    event(
      'MovedEvent',
      `${itemIdXml({ ...kept, appointment: { ...kept.appointment, calendar: to } })}${parent('ParentFolderId', to)}${itemIdXml(before ?? kept, 't:OldItemId')}${parent('OldParentFolderId', folderOf(before ?? kept))}`,
    )
  // What a person deletes moves to Deleted Items.
  if (what === 'deleted') return is ? moved('deleteditems') : undefined
  return was || is ? moved(folderOf(kept)) : undefined
}
