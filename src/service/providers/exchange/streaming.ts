import { setTimeout as pause } from 'node:timers/promises'
import { Problem } from '../../../contract/problems.ts'
import { type Log, reasonOf } from '../../log.ts'
import type { Changes } from '../provider.ts'
import { idIn } from './items.ts'
import { type EwsRequests, type ExchangeCalendar, type Message, messagesOf, succeeded } from './requests.ts'
import { calendarFolder } from './soap.ts'
import { at, type Element, escaped } from './xml.ts'

/** Who hears of changes. */
export interface Hearer {
  /** Each id is a hint. */
  changed(subject: string, changes: Changes): Promise<void>
  /** Changes before now may be unknown: this process's lease of the mailbox has to catch up. */
  missed(lease: string, subject: string): Promise<void>
}

interface Needs {
  requests: Pick<EwsRequests, 'ask' | 'stream'>
  hearer: Hearer
  log: Log
}

/** Minutes after which the server ends an answer: the most that it allows. */
const minutes = 30
/** Milliseconds for which a stream may be silent: the server says every minute at least that it is there. */
const silence = 150_000
/** Milliseconds until a stream begins again, at first and at most. Meanwhile the server is asked for changes. */
const [soon, longest] = [1_000, 300_000]
/** Milliseconds for which the end of a subscription is waited for. */
const unsubscribing = 5_000

/** Why a process that ends follows no longer: the server forgets its subscriptions by itself. */
export const isOver = 'the process ends'

const eventTypes = ['CreatedEvent', 'ModifiedEvent', 'DeletedEvent', 'MovedEvent']

/**
 * Hears of changes of the account's own calendar by a hanging answer (`GetStreamingEvents`), for as long as the signal
 * lets it. `first`: the subscription that has just been made; undefined: it could not be made. `isHeard` is told whether
 * changes are heard at the moment.
 */
export async function follow(
  { requests, hearer, log }: Needs,
  { lease, calendar, isHeard }: { lease: string; calendar: ExchangeCalendar; isHeard(now: boolean): void },
  first: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  let subscription = first
  let isNew = first !== undefined
  for (let failures = 0; !signal.aborted; ) {
    try {
      subscription ??= await subscribe(requests, calendar, signal)
      for await (const heard of events(requests, calendar, subscription, signal)) {
        failures = 0
        isHeard(true)
        if (heard.isFirst && !isNew) await hearer.missed(lease, calendar.subject)
        if (heard.ids.length + heard.gone.length > 0) await hearer.changed(calendar.subject, heard)
        if (heard.moved) await hearer.missed(lease, calendar.subject)
      }
      isNew = false
    } catch (error) {
      isHeard(false)
      if (signal.aborted) break
      isNew = false
      subscription = undefined
      if (!(error instanceof Problem) || error.code !== 'calendar_not_connected')
        log.warn('work failed', { work: 'streams', ...reasonOf(error) })
      const { retryAfter = 0 } = error instanceof Problem ? error.details : {}
      const wait = Math.max(retryAfter * 1000, Math.min(soon * 2 ** failures++, longest))
      await pause(wait * (1 + Math.random() / 4), undefined, { signal, ref: false }).catch(() => {})
    }
  }
  isHeard(false)
  if (subscription && signal.reason !== isOver)
    await unsubscribe(requests, calendar, subscription).catch(() => {})
}

/** The id of a new subscription. Events are kept for it until they are heard. */
export async function subscribe(
  { ask }: Needs['requests'],
  calendar: ExchangeCalendar,
  signal: AbortSignal,
): Promise<string> {
  const types = eventTypes.map((type) => `<t:EventType>${type}</t:EventType>`).join('')
  const body = `<m:Subscribe><m:StreamingSubscriptionRequest>${calendarFolder('t:FolderIds')}<t:EventTypes>${types}</t:EventTypes></m:StreamingSubscriptionRequest></m:Subscribe>`
  const [message] = await ask(calendar, 'Subscribe', body, signal)
  const id = at(succeeded(message as Message), 'SubscriptionId')?.text
  if (!id) throw new Problem('calendar_unreachable')
  return id
}

const unsubscribe = ({ ask }: Needs['requests'], calendar: ExchangeCalendar, id: string) =>
  ask(
    calendar,
    'Unsubscribe',
    `<m:Unsubscribe><m:SubscriptionId>${escaped(id)}</m:SubscriptionId></m:Unsubscribe>`,
    AbortSignal.timeout(unsubscribing),
  )

interface Heard extends Changes {
  /** The server has only now begun to answer. */
  isFirst: boolean
  /** Something was moved into the calendar, or out of it. */
  moved: boolean
}

/** What one answer says, until the server ends it. Throws if a message says an error, whatever else it says. */
async function* events(
  { stream }: Needs['requests'],
  calendar: ExchangeCalendar,
  subscription: string,
  signal: AbortSignal,
): AsyncIterable<Heard> {
  const body = `<m:GetStreamingEvents><m:SubscriptionIds><t:SubscriptionId>${escaped(subscription)}</t:SubscriptionId></m:SubscriptionIds><m:ConnectionTimeout>${minutes}</m:ConnectionTimeout></m:GetStreamingEvents>`
  let isFirst = true
  for await (const part of stream(calendar, 'GetStreamingEvents', body, silence, signal)) {
    for (const message of messagesOf(part)) {
      const said = succeeded(message)
      yield { isFirst, ...changesIn(said) }
      isFirst = false
      if (at(said, 'ConnectionStatus')?.text.trim() === 'Closed') return
    }
  }
  throw new Problem('calendar_unreachable')
}

/** A moved item has another id: the list of changes says whether it is in the calendar now. */
function changesIn(said: Element): Omit<Heard, 'isFirst'> {
  const [ids, gone] = [new Set<string>(), new Set<string>()]
  let moved = false
  for (const notification of at(said, 'Notifications')?.children ?? [])
    for (const event of notification.children)
      if (event.name === 'MovedEvent') {
        moved = true
        const old = at(event, 'OldItemId')
        if (old) gone.add(idOf(old))
      } else if (at(event, 'ItemId')) (event.name === 'DeletedEvent' ? gone : ids).add(idIn(event))
  return { ids: [...ids], gone: [...gone], moved }
}

const idOf = (id: Element) => idIn({ ...id, children: [{ ...id, name: 'ItemId' }] })
