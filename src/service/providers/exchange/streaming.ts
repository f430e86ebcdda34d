import { setTimeout as pause } from 'node:timers/promises'
import { Problem } from '../../../contract/problems.ts'
import { type Log, reasonOf } from '../../log.ts'
import { serialQueue } from '../../serial-queue.ts'
import type { Changes } from '../provider.ts'
import { idIn } from './items.ts'
import {
  type Affinity,
  accountOf,
  type EwsRequests,
  type ExchangeCalendar,
  type Message,
  messagesOf,
  succeeded,
} from './requests.ts'
import { calendarFolders } from './soap.ts'
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
  /** The ids of the calendars of a mailbox besides the account's own one. */
  others(calendar: ExchangeCalendar, signal: AbortSignal): Promise<readonly string[]>
}

/** Minutes after which the server ends an answer: the most that it allows. */
const minutes = 30
/** Milliseconds for which a stream may be silent: the server says every minute at least that it is there. */
const silence = 150_000
/** Milliseconds until a stream begins again, at first and at most. Meanwhile the server is asked for changes. */
const [soon, longest] = [1_000, 300_000]
/** Subscriptions of one answer: as many as a server allows. */
const most = 200
/** Milliseconds for which others may join a group before its answer begins anew, at least and for each of its mailboxes. */
const [gathering, each] = [1_000, 50]
/** How many mailboxes of a group are asked at a time for a subscription, or of all groups for what was not heard. */
const together = 4
/** Milliseconds for which the end of a subscription is waited for. */
const unsubscribing = 5_000

const eventTypes = ['CreatedEvent', 'ModifiedEvent', 'DeletedEvent', 'MovedEvent']

/** Most mailboxes have one calendar. */
export const none: ReadonlySet<string> = new Set()

/** A mailbox of a group. */
interface Member {
  lease: string
  calendar: ExchangeCalendar
  /** Told whether changes are heard at the moment. */
  isHeard(now: boolean): void
  /** The address of the mailbox, where its account acts as others. */
  actsAs: string | undefined
  /** Empty: the server has forgotten it. */
  subscription: string
  /** The other calendars that a subscription was made for, or should have been. */
  others: ReadonlySet<string>
  /** Changes before the first word of the next answer may be unknown. */
  isBehind: boolean
  /** Failures in a row of its own subscription, and when the next one may be asked for, in ms. */
  failures: number
  againAt: number
}

/** Mailboxes that one answer tells of. */
interface Group {
  account: string
  members: Map<string, Member>
  /** Mailboxes that have a place, and no subscription yet. */
  joining: number
  affinity: Affinity | undefined
  /** Somebody asks for answers. */
  isHearing: boolean
  /** Ends the answer, so that another one begins, of those who are members then. */
  answer: AbortController
  /** When that happens by itself, in ms. */
  timer: NodeJS.Timeout | undefined
  beginsAt: number
  /** The server has failed, and is left alone for a while. */
  isPaused: boolean
}

/** What an answer that hangs has said. */
interface Course {
  /** When its first word came, in ms. Infinity: none has. */
  began: number
  /** It told of a change. */
  told: boolean
}

/**
 * Hears of changes of mailboxes by answers that hang (`GetStreamingEvents`): one for each account, or, where an account acts
 * as others, for up to 200 mailboxes. Such a group acts as one of its mailboxes, whose share of the server it uses ("Maintain
 * affinity between a group of subscriptions and the Mailbox server in Exchange").
 */
export function streams(needs: Needs) {
  const { requests, hearer, log } = needs
  /** By their accounts, and by the leases of their members. */
  const [groups, homes] = [new Map<string, Set<Group>>(), new Map<string, Group>()]
  const inTurn = serialQueue()
  let turn = 0

  function warn(error: unknown): void {
    const isKnown =
      error instanceof Problem &&
      (error.code === 'calendar_not_connected' || (error.code === 'calendar_busy' && !error.cause))
    if (!isKnown) log.warn('work failed', { work: 'streams', ...reasonOf(error) })
  }

  function groupFor(account: string, actsAs: string | undefined): Group {
    const all = groups.get(account) ?? new Set()
    groups.set(account, all)
    const hasPlace = ({ members, joining }: Group) => members.size + joining < most
    const found = actsAs === undefined ? undefined : [...all].find(hasPlace)
    const group = found ?? {
      account,
      members: new Map(),
      joining: 0,
      affinity: affinityOf(actsAs),
      isHearing: false,
      answer: new AbortController(),
      timer: undefined,
      beginsAt: 0,
      isPaused: false,
    }
    all.add(group)
    return group
  }

  function removeIfEmpty(group: Group): void {
    const { account } = group
    if (group.members.size + group.joining > 0) return
    clearTimeout(group.timer)
    const all = groups.get(account)
    all?.delete(group)
    if (all?.size === 0) groups.delete(account)
  }

  function beginAnew(group: Group, at: number): void {
    if (group.timer && group.beginsAt <= at) return
    clearTimeout(group.timer)
    group.beginsAt = at
    const begin = () => {
      group.timer = undefined
      if (!group.isPaused) group.answer.abort()
    }
    group.timer = setTimeout(begin, Math.max(0, at - Date.now())).unref()
  }

  /**
   * Makes the subscriptions that are missing. A failure that is not about one mailbox leaves the rest for another time.
   * Returns when that is, in ms since 1970.
   */
  async function subscribeAll({ members, affinity }: Group, signal: AbortSignal): Promise<number> {
    const due = [...members.values()].filter((one) => !one.subscription && one.againAt <= Date.now())
    let earliest = 0
    const worker = async () => {
      for (let member = due.shift(); member && earliest === 0 && !signal.aborted; member = due.shift())
        try {
          member.subscription = await subscribe(needs, member, signal, affinity)
        } catch (error) {
          if (signal.aborted) return
          warn(error)
          putOff(member, error)
          if (isOfMailbox(error)) continue
          makeLast(member, members)
          earliest = Math.max(earliest, member.againAt)
        }
    }
    await Promise.all(Array.from({ length: together }, worker))
    return earliest
  }

  /**
   * Leaves the server alone after an answer that has failed, or has ended too soon. Returns how many have done so in a row,
   * without a change that was heard.
   */
  async function wait(group: Group, failures: number, answer: Course, error?: unknown): Promise<number> {
    const isSoon = Date.now() - answer.began < soon
    if (!isSoon && !error) return 0
    if (!error) for (const member of group.members.values()) member.isHeard(false)
    const before = isSoon && !answer.told ? failures : 0
    group.isPaused = true
    await rest(pauseAfter(before, error), group.answer.signal)
    group.isPaused = false
    return before + 1
  }

  /** Hears for as long as the group has members. */
  async function hear(group: Group): Promise<void> {
    const { members } = group
    for (let failures = 0; members.size > 0; ) {
      group.answer = new AbortController()
      const { signal } = group.answer
      const earliest = await subscribeAll(group, signal)
      // Everybody who has come by now is a part of it.
      clearTimeout(group.timer)
      group.timer = undefined
      const all = [...members.values()]
      const heardOf = all.filter(({ subscription }) => subscription)
      const others = all.filter(({ subscription }) => !subscription)
      const next = Math.max(earliest, Math.min(...others.map(({ againAt }) => againAt)))
      const [first] = heardOf
      if (!first) {
        group.affinity = affinityOf(all[0]?.actsAs)
        await rest(next - Date.now(), signal)
        continue
      }
      if (others.length > 0) beginAnew(group, next)
      const answer: Course = { began: Number.POSITIVE_INFINITY, told: false }
      try {
        for await (const heard of events(requests, first.calendar, heardOf, group.affinity, signal)) {
          answer.began = Math.min(answer.began, Date.now())
          answer.told ||= heard.ids.length + heard.gone.length > 0
          await tell(heard)
        }
        for (const member of heardOf) member.failures = 0
        failures = await wait(group, failures, answer)
      } catch (error) {
        if (signal.aborted) continue
        const cause = error instanceof Lost ? error.cause : error
        warn(cause)
        const lost = heardOf.filter((one) => error instanceof Lost && error.ids.has(one.subscription))
        if (isOfMailbox(error)) lost.push(first)
        for (const member of lost) putOff(member, cause)
        if (lost.length > 0) continue
        for (const member of heardOf) lose(member)
        // The next answer is asked for as another mailbox, and perhaps of another server.
        makeLast(first, members)
        group.affinity = affinityOf([...members.values()][0]?.actsAs)
        failures = await wait(group, failures, answer, cause)
      } finally {
        for (const member of heardOf) member.isBehind = true
      }
    }
    group.isHearing = false
    removeIfEmpty(group)
  }

  async function tell({ member, ids, gone, moved }: Heard): Promise<void> {
    const { lease, calendar } = member
    // The server may not know yet that it has left.
    if (!homes.has(lease)) return
    member.isHeard(true)
    if (ids.length + gone.length > 0) await hearer.changed(calendar.subject, { ids, gone })
    if (!moved && !member.isBehind) return
    member.isBehind = false
    // The others of the group do not wait for it.
    void inTurn(String(turn++ % together), async () => {
      if (homes.has(lease)) await hearer.missed(lease, calendar.subject)
    }).catch((error) => {
      member.isHeard(false)
      warn(error)
    })
  }

  return {
    /** Follows a mailbox from now on. Throws if there is no access to it. */
    async follow(about: Pick<Member, 'lease' | 'calendar' | 'isHeard'>, signal: AbortSignal): Promise<void> {
      const { lease, calendar } = about
      const access = await calendar.access()
      const { actsAs } = access
      const group = groupFor(accountOf(calendar.subject, access), actsAs)
      // It has a place before it has a subscription: others come meanwhile.
      group.joining++
      try {
        const joining = { calendar, others: none }
        const subscription = await subscribe(needs, joining, signal, group.affinity).catch(unlessOpen)
        group.members.set(lease, {
          ...about,
          actsAs,
          others: joining.others,
          subscription: subscription ?? '',
          isBehind: subscription === undefined,
          failures: 0,
          againAt: subscription === undefined ? Date.now() + soon : 0,
        })
        homes.set(lease, group)
      } finally {
        group.joining--
        removeIfEmpty(group)
      }
      if (group.isHearing)
        return beginAnew(group, Date.now() + Math.max(gathering, each * group.members.size))
      group.isHearing = true
      void hear(group)
    },

    /** Hears of these other calendars of the mailbox too. */
    include(lease: string, calendars: readonly string[]): void {
      const group = homes.get(lease)
      const member = group?.members.get(lease)
      if (!group || !member?.subscription || calendars.every((id) => member.others.has(id))) return
      // What the server does not list is asked for once.
      member.others = new Set([...member.others, ...calendars])
      void unsubscribe(requests, { ...member }, group.affinity).catch(() => {})
      lose(member)
      member.isBehind = true
      beginAnew(group, Date.now())
    },

    /** Follows it no more. `isOver`: the process ends, and the server forgets its subscriptions by itself. */
    async leave(lease: string, isOver: boolean): Promise<void> {
      const group = homes.get(lease)
      const member = group?.members.get(lease)
      if (!group || !member) return
      homes.delete(lease)
      group.members.delete(lease)
      member.isHeard(false)
      if (group.members.size === 0) group.answer.abort()
      if (member.subscription && !isOver) await unsubscribe(requests, member, group.affinity).catch(() => {})
    },
  }
}

/** A server that makes no subscription now may still be asked for changes. One that refuses the mailbox may not. */
function unlessOpen(error: unknown): undefined {
  if (!(error instanceof Problem) || !['calendar_busy', 'calendar_unreachable'].includes(error.code))
    throw error
}

const affinityOf = (actsAs: string | undefined) => (actsAs === undefined ? undefined : { anchor: actsAs })

const rest = (milliseconds: number, signal: AbortSignal) =>
  pause(Math.max(0, milliseconds), undefined, { signal, ref: false }).catch(() => {})

/** Milliseconds for which who has failed so often before leaves the server alone. */
function pauseAfter(failures: number, error: unknown): number {
  const { retryAfter = 0 } = error instanceof Problem ? error.details : {}
  const wait = Math.max(retryAfter * 1000, Math.min(soon * 2 ** failures, longest))
  return wait * (1 + Math.random() / 4)
}

function lose(member: Member): void {
  member.isHeard(false)
  member.subscription = ''
}

/** Where an order matters, others come first from now on. */
function makeLast(member: Member, members: Group['members']): void {
  if (members.delete(member.lease)) members.set(member.lease, member)
}

/** Others of the account may be open all the same. */
const isOfMailbox = (error: unknown) =>
  error instanceof Problem && ['calendar_refuses', 'calendar_busy'].includes(error.code)

/** The rest of its group goes on without it. */
function putOff(member: Member, error: unknown): void {
  lose(member)
  member.againAt = Date.now() + pauseAfter(member.failures++, error)
}

/** An answer names subscriptions that the server does not know. */
class Lost extends Error {
  constructor(
    readonly ids: ReadonlySet<string>,
    override readonly cause: unknown,
  ) {
    super('Subscriptions are lost')
    this.name = 'Lost'
  }
}

/** Asks to be told of changes of the mailbox's own calendar and these others. `how`: what only this kind has. */
export function subscriptionFor(kind: 'Push' | 'Streaming', others: readonly string[], how = ''): string {
  const types = eventTypes.map((type) => `<t:EventType>${type}</t:EventType>`).join('')
  return `<m:Subscribe><m:${kind}SubscriptionRequest>${calendarFolders('t:FolderIds', others)}<t:EventTypes>${types}</t:EventTypes>${how}</m:${kind}SubscriptionRequest></m:Subscribe>`
}

/** The id of a new subscription, for all calendars of the mailbox. Events are kept for it until they are heard. */
async function subscribe(
  { requests: { ask }, others }: Needs,
  member: Pick<Member, 'calendar' | 'others'>,
  signal: AbortSignal,
  affinity: Affinity | undefined,
): Promise<string> {
  const found = await others(member.calendar, signal)
  if (found.length > 0) member.others = new Set([...member.others, ...found])
  const body = subscriptionFor('Streaming', found)
  const [message] = await ask(member.calendar, 'Subscribe', body, signal, affinity)
  const id = at(succeeded(message as Message), 'SubscriptionId')?.text
  if (!id) throw new Problem('calendar_unreachable')
  // A part of a string keeps the whole string in memory: here the whole answer.
  return Buffer.from(id).toString()
}

const unsubscribe = (
  { ask }: Needs['requests'],
  { calendar, subscription }: Member,
  affinity: Affinity | undefined,
) =>
  ask(
    calendar,
    'Unsubscribe',
    `<m:Unsubscribe><m:SubscriptionId>${escaped(subscription)}</m:SubscriptionId></m:Unsubscribe>`,
    AbortSignal.timeout(unsubscribing),
    affinity,
  )

/** Throws `Lost` if the message names subscriptions. */
function saidBy(message: Message): Element {
  try {
    return succeeded(message)
  } catch (error) {
    const lost = at(message.element, 'ErrorSubscriptionIds')?.children.map(({ text }) => text) ?? []
    throw lost.length > 0 ? new Lost(new Set(lost), error) : error
  }
}

interface Heard extends Changes {
  member: Member
  /** Something was moved into the calendar, or out of it. */
  moved: boolean
}

/**
 * What one answer says, until the server ends it. At its first word every member hears of nothing. Throws if a message says an
 * error, whatever else it says.
 */
async function* events(
  { stream }: Needs['requests'],
  calendar: ExchangeCalendar,
  members: readonly Member[],
  affinity: Affinity | undefined,
  signal: AbortSignal,
): AsyncIterable<Heard> {
  const by = new Map(members.map((member) => [member.subscription, member]))
  const ids = [...by.keys()].map((id) => `<t:SubscriptionId>${escaped(id)}</t:SubscriptionId>`)
  const body = `<m:GetStreamingEvents><m:SubscriptionIds>${ids.join('')}</m:SubscriptionIds><m:ConnectionTimeout>${minutes}</m:ConnectionTimeout></m:GetStreamingEvents>`
  let isFirst = true
  for await (const part of stream(calendar, 'GetStreamingEvents', body, silence, signal, affinity)) {
    for (const message of messagesOf(part)) {
      const said = saidBy(message)
      if (isFirst) for (const member of by.values()) yield { member, ids: [], gone: [], moved: false }
      isFirst = false
      for (const notification of at(said, 'Notifications')?.children ?? []) {
        const member = by.get(at(notification, 'SubscriptionId')?.text ?? '')
        if (member) yield { member, ...changesIn(notification) }
      }
      if (at(said, 'ConnectionStatus')?.text.trim() === 'Closed') return
    }
  }
  throw new Problem('calendar_unreachable')
}

/** What a notification says. A moved item has another id: the list of changes says whether it is in the calendar now. */
export function changesIn(notification: Element): Omit<Heard, 'member'> {
  const [ids, gone] = [new Set<string>(), new Set<string>()]
  let moved = false
  for (const event of notification.children)
    if (event.name === 'MovedEvent') {
      moved = true
      const old = at(event, 'OldItemId')
      if (old) gone.add(idOf(old))
    } else if (at(event, 'ItemId')) (event.name === 'DeletedEvent' ? gone : ids).add(idIn(event))
  return { ids: [...ids], gone: [...gone], moved }
}

const idOf = (id: Element) => idIn({ ...id, children: [{ ...id, name: 'ItemId' }] })
