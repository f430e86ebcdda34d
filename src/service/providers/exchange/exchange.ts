import { randomUUID } from 'node:crypto'
import { Problem } from '../../../contract/problems.ts'
import type { Log } from '../../log.ts'
import {
  type Changes,
  exchangeLease,
  type Provider,
  type ProviderEvent,
  Stale,
  type Subscription,
  type Window,
} from '../provider.ts'
import { getCalendar } from './ews.ts'
import { asToken, eventFrom, fromToken, hasId, idIn, idOnly, noteUri, shapeOf } from './items.ts'
import { type Pushing, subscribePush } from './pushes.ts'
import { type EwsRequests, type ExchangeCalendar, ewsRequests, type Message, succeeded } from './requests.ts'
import { shownEvents } from './shown.ts'
import { folderOf, ownCalendar } from './soap.ts'
import { type Hearer, none, streams } from './streaming.ts'
import { at, type Element, escaped } from './xml.ts'

/** Rows on a page: Exchange gives at most 512 changes, and 250 items where it has to search. */
const [mostChanges, mostFound] = [512, 250]
/** A list that is longer is not read to its end, and nothing follows from it. */
const mostPages = 400
/**
 * The longest state that is kept, of all calendars of a mailbox. Microsoft names no limit: a state grows by about one byte with
 * each item of its calendar. If that of the mailbox's own calendar is longer, everything is read each time; another calendar whose state has no place is read by each pass.
 */
const longestState = 65_535
/** Exchange shows no more than two years at once, nor more than 1,000 events. */
const longestView = 90 * 86_400_000
const shortestView = 60_000
const tooMany = 'ErrorExceededFindCountLimit'

/**
 * Calendars on Exchange servers. `addinId`: of the manifest, by which the add-in's note is found on an item. `hearer` is told
 * of changes of the mailboxes that this process follows.
 */
export function exchangeProvider(addinId: string, hearer: Hearer, log: Log) {
  const requests = ewsRequests(log)
  const note = noteUri(addinId)
  const lists = listsOf(requests, note)
  const leases = `${exchangeLease}${randomUUID()}-`
  const followed = new Map<string, Followed>()
  const leaseOf = new Map<string, string>()
  const stream = streams({ requests, hearer, log, others: lists.others })
  let count = 0

  async function drop(id: string, isOver = false): Promise<void> {
    const { subject = '' } = followed.get(id) ?? {}
    if (leaseOf.get(subject) === id) leaseOf.delete(subject)
    followed.delete(id)
    await stream.leave(id, isOver)
  }

  function include(lease: string, calendars: readonly string[]): void {
    const one = followed.get(lease)
    stream.include(lease, calendars)
    if (!one || calendars.every((id) => one.pushedOf.has(id))) return
    // What the server does not list is asked for once.
    one.pushedOf = new Set([...one.pushedOf, ...calendars])
    one.isPushed = false
  }

  /** Pages of what has changed in a folder since a state, and the next state. */
  async function* changesSince(
    calendar: ExchangeCalendar,
    folder: string,
    since: string | undefined,
    signal: AbortSignal,
  ) {
    let state = since
    for (let page = 0; page < mostPages; page++) {
      const stated = state === undefined ? '' : `<m:SyncState>${escaped(state)}</m:SyncState>`
      const body = `<m:SyncFolderItems>${idOnly}<m:SyncFolderId>${folder}</m:SyncFolderId>${stated}<m:MaxChangesReturned>${mostChanges}</m:MaxChangesReturned></m:SyncFolderItems>`
      const [message] = await requests.ask(calendar, 'SyncFolderItems', body, signal)
      const found = succeeded(message as Message)
      state = at(found, 'SyncState')?.text
      if (!state) throw new Problem('calendar_unreachable')
      yield { changes: at(found, 'Changes')?.children ?? [], state }
      if (at(found, 'IncludesLastItemInRange')?.text === 'true') return
    }
    throw new Problem('calendar_unreachable')
  }

  return {
    name: 'exchange',

    async event(
      calendar: ExchangeCalendar,
      id: string,
      signal: AbortSignal,
    ): Promise<ProviderEvent | undefined> {
      const body = `<m:GetItem>${shapeOf(note, 'whole')}<m:ItemIds><t:ItemId Id="${escaped(fromToken(id))}"/></m:ItemIds></m:GetItem>`
      const [message] = await requests.ask(calendar, 'GetItem', body, signal)
      if (message?.code === 'ErrorItemNotFound') return undefined
      const item = at(succeeded(message as Message), 'Items')?.children[0]
      if (!item) throw new Problem('calendar_unreachable')
      return eventFrom(item)
    },

    /**
     * The state is that of whole calendars: it has no window. Without one, items with a note of the add-in count. What is in
     * `since` is the state of the account's own calendar, and then the id and the state of each other one.
     */
    async *changes(
      calendar: ExchangeCalendar,
      _window: Window,
      since: string | undefined,
      signal: AbortSignal,
      isBrief = false,
    ): AsyncIterable<Changes> {
      const [own, ...rest] = since?.split('.') ?? []
      const states = new Map<string, string>()
      for (let at = 0; at + 1 < rest.length; at += 2) states.set(rest[at] ?? '', rest[at + 1] ?? '')
      const others = isBrief ? [...states.keys()] : (await lists.others(calendar, signal)).map(asToken)
      // A calendar was deleted, and no list says what was in it.
      if ([...states.keys()].some((id) => !others.includes(id))) throw new Stale()
      let next: string | undefined
      for (const id of [undefined, ...others]) {
        const folder = id === undefined ? ownCalendar : folderOf(fromToken(id))
        const known = id === undefined ? own : states.get(id)
        let last = ''
        for await (const { changes, state } of changesSince(
          calendar,
          folder,
          known && fromToken(known),
          signal,
        )) {
          last = asToken(state)
          if (known) yield idsIn(changes)
        }
        if (!known) for await (const ids of lists.noted(calendar, folder, signal)) yield { ids, gone: [] }
        const longer = id === undefined ? last : next && `${next}.${id}.${last}`
        if (longer && longer.length <= longestState) next = longer
      }
      const lease = leaseOf.get(calendar.subject)
      if (lease) include(lease, others.map(fromToken))
      yield { ids: [], gone: [], ...(next && { next }) }
    },

    /** An item gets another id in another folder. It keeps its id where its whole calendar was deleted. */
    async isShown(
      calendar: ExchangeCalendar,
      { id, key }: ProviderEvent,
      _window: Window,
      signal: AbortSignal,
    ) {
      return key === undefined ? undefined : (await lists.withKey(calendar, key, signal)).includes(id)
    },

    everything: lists.everything,
    withKey: lists.withKey,
    shown: shownEvents(requests, lists.inWindow),

    /** This process hears of changes from now on, and asks for them where it does not, until the lease ends. */
    async subscribe(calendar: ExchangeCalendar, _secret: string, signal: AbortSignal): Promise<Subscription> {
      const id = `${leases}${++count}`
      const one: Followed = {
        subject: calendar.subject,
        calendar,
        ...silent,
        silentSince: Date.now(),
        pushedOf: none,
      }
      const isHeard = (now: boolean) => {
        if (one.isHeard && !now) one.silentSince = Date.now()
        one.isHeard = now
      }
      await stream.follow({ lease: id, calendar, isHeard }, signal)
      followed.set(id, one)
      leaseOf.set(calendar.subject, id)
      return { id, expiresAt: Date.now() + lease }
    },

    async renew(_: ExchangeCalendar, { id }: Pick<Subscription, 'id'>): Promise<Subscription | undefined> {
      const one = followed.get(id)
      return one && { id, expiresAt: Date.now() + lease, isFailing: one.isFailing }
    },

    async unsubscribe({ subject }: ExchangeCalendar, { id }: Pick<Subscription, 'id'>): Promise<void> {
      await drop(id)
      requests.forget(subject)
    },

    drop,

    async calledAt(lease: string): Promise<string | undefined> {
      return (await followed.get(lease)?.calendar.access())?.server.callbackUrl
    },

    async push(lease: string, url: string, signal: AbortSignal): Promise<Pushing> {
      const one = followed.get(lease)
      if (!one) throw new Problem('calendar_not_connected')
      const others = await lists.others(one.calendar, signal)
      if (others.length > 0) one.pushedOf = new Set([...one.pushedOf, ...others])
      const made = await subscribePush(requests, one.calendar, others, url, signal)
      one.isPushed = true
      return made
    },

    stop(): void {
      for (const id of [...followed.keys()]) void drop(id, true)
    },

    followed,
    leases,
  } satisfies Provider<ExchangeCalendar> & Following & Record<'shown', unknown>
}

interface Following {
  /** The mailboxes that this process follows, by the ids of its leases. */
  followed: ReadonlyMap<string, Omit<Followed, 'calendar' | 'pushedOf'>>
  /** How the ids of this process's leases begin. */
  leases: string
  /** Another process has the mailbox now, or nobody follows it any more. */
  drop(lease: string): Promise<void>
  /** Where the server of this lease reaches the service. Undefined: it does not. Throws what says why there is no access. */
  calledAt(lease: string): Promise<string | undefined>
  /** Asks the server to call this address with changes of every calendar of the mailbox. */
  push(lease: string, url: string, signal: AbortSignal): Promise<Pushing>
  /** The process ends: nothing more is heard. */
  stop(): void
}

interface Followed {
  subject: string
  calendar: ExchangeCalendar
  /** Whether changes are heard at the moment, by an answer that hangs. */
  isHeard: boolean
  /** Since when they are not, in ms. */
  silentSince: number
  /** Whether the server was asked to call about every calendar that is known of. */
  isPushed: boolean
  /** The other calendars that it was asked to call about, or should have been. */
  pushedOf: ReadonlySet<string>
  /** Whether the server could not be asked for them the last time. */
  isFailing: boolean
}

const silent = { isHeard: false, isFailing: false, isPushed: false }

/** Milliseconds until another process follows a mailbox whose process has ended without a word: some rounds of renewals. */
const lease = 10 * 60_000

function idsIn(changes: readonly Element[]): Changes {
  const ids = new Set<string>()
  const gone = new Set<string>()
  let odd = 0
  for (const change of changes) {
    const isGone = change.name === 'Delete'
    // What is no appointment is no event. A change of what has been read says nothing of it.
    const item = isGone ? change : at(change, 'CalendarItem')
    if (!item) continue
    if (hasId(item)) (isGone ? gone : ids).add(idIn(item))
    else odd++
  }
  return { ids: [...ids], gone: [...gone], ...(odd > 0 && { odd }) }
}

/** Lists of items of every calendar of a mailbox. Each throws if anything cannot be read. */
function listsOf({ ask }: EwsRequests, note: string) {
  /** The ids of the folders with calendars, without those that were deleted and are in Deleted Items. */
  async function foldersOf(calendar: ExchangeCalendar, signal: AbortSignal): Promise<string[]> {
    const all = await foldersBelow('msgfolderroot', calendar, signal)
    // Most mailboxes have one calendar, which nobody can delete.
    if (all.length <= 1) return all
    const deleted = new Set(await foldersBelow('deleteditems', calendar, signal))
    return all.filter((id) => !deleted.has(id))
  }

  /** The ids of the folders with calendars below this folder, however deep. */
  async function foldersBelow(
    below: 'msgfolderroot' | 'deleteditems',
    calendar: ExchangeCalendar,
    signal: AbortSignal,
  ): Promise<string[]> {
    const isCalendar =
      '<m:Restriction><t:IsEqualTo><t:FieldURI FieldURI="folder:FolderClass"/><t:FieldURIOrConstant><t:Constant Value="IPF.Appointment"/></t:FieldURIOrConstant></t:IsEqualTo></m:Restriction>'
    const folders = new Set<string>()
    for (let offset = 0, page = 0; page < mostPages; page++) {
      const body = `<m:FindFolder Traversal="Deep"><m:FolderShape><t:BaseShape>IdOnly</t:BaseShape></m:FolderShape><m:IndexedPageFolderView MaxEntriesReturned="${mostFound}" Offset="${offset}" BasePoint="Beginning"/>${isCalendar}<m:ParentFolderIds><t:DistinguishedFolderId Id="${below}"/></m:ParentFolderIds></m:FindFolder>`
      const [message] = await ask(calendar, 'FindFolder', body, signal)
      const root = at(succeeded(message as Message), 'RootFolder')
      const found = at(root, 'Folders')?.children ?? []
      for (const folder of found) {
        const id = at(folder, 'FolderId')?.attributes.Id
        if (!id) throw new Problem('calendar_unreachable')
        folders.add(id)
      }
      if (isLastPage(root)) return [...folders]
      if (found.length === 0) break
      offset += found.length
    }
    throw new Problem('calendar_unreachable')
  }

  /** Pages of the items of a folder that a restriction lets pass. Pages overlap: items may be deleted between two. */
  async function* found(
    calendar: ExchangeCalendar,
    folder: string,
    shape: string,
    restriction: string,
    signal: AbortSignal,
  ): AsyncIterable<readonly Element[]> {
    for (let offset = 0, page = 0; page < mostPages; page++) {
      const view = `<m:IndexedPageItemView MaxEntriesReturned="${mostFound}" Offset="${offset}" BasePoint="Beginning"/>`
      const body = `<m:FindItem Traversal="Shallow">${shape}${view}<m:Restriction>${restriction}</m:Restriction><m:ParentFolderIds>${folder}</m:ParentFolderIds></m:FindItem>`
      const [message] = await ask(calendar, 'FindItem', body, signal)
      const root = at(succeeded(message as Message), 'RootFolder')
      const items = at(root, 'Items')?.children ?? []
      yield items.filter(({ name }) => name === 'CalendarItem')
      if (isLastPage(root)) return
      if (items.length === 0) break
      offset += items.length > overlap ? items.length - overlap : items.length
    }
    throw new Problem('calendar_unreachable')
  }

  /** The events of a folder in a window, occurrences too. Where they are too many, those of each half of it. */
  async function* shown(
    calendar: ExchangeCalendar,
    folder: string,
    { from, to }: Window,
    signal: AbortSignal,
    shape = shapeOf(note, 'row'),
  ): AsyncIterable<readonly Element[]> {
    if (to - from <= longestView) {
      const view = `<m:CalendarView StartDate="${instant(from)}" EndDate="${instant(to)}"/>`
      const body = `<m:FindItem Traversal="Shallow">${shape}${view}<m:ParentFolderIds>${folder}</m:ParentFolderIds></m:FindItem>`
      const [message] = await ask(calendar, 'FindItem', body, signal)
      const root = message?.code === tooMany ? undefined : at(succeeded(message as Message), 'RootFolder')
      if (isLastPage(root)) return yield at(root, 'Items')?.children ?? []
      if (to - from < shortestView) throw new Problem('calendar_unreachable')
    }
    const half = Math.floor((from + to) / 2)
    yield* shown(calendar, folder, { from, to: half }, signal, shape)
    yield* shown(calendar, folder, { from: half, to }, signal, shape)
  }

  return {
    /** Ids of the events of the account's own calendar in a window, occurrences too. */
    async inWindow(calendar: ExchangeCalendar, window: Window, signal: AbortSignal): Promise<string[]> {
      const ids = new Set<string>()
      // What lasts from one half of the window into the other is in both.
      for await (const items of shown(calendar, ownCalendar, window, signal, idOnly))
        for (const item of items) ids.add(idIn(item))
      return [...ids]
    },

    /** The ids of the folders with calendars, without the account's own one. */
    async others(calendar: ExchangeCalendar, signal: AbortSignal): Promise<string[]> {
      const all = await foldersOf(calendar, signal)
      if (all.length <= 1) return []
      const [message] = await ask(calendar, 'GetFolder', getCalendar, signal)
      const [own] = at(succeeded(message as Message), 'Folders')?.children ?? []
      const ownId = own && at(own, 'FolderId')?.attributes.Id
      if (!ownId) throw new Problem('calendar_unreachable')
      return all.filter((id) => id !== ownId && /^[A-Za-z0-9+/=]{1,512}$/.test(id))
    },

    /** Ids of the items of a folder that have a note of the add-in. */
    async *noted(calendar: ExchangeCalendar, folder: string, signal: AbortSignal): AsyncIterable<string[]> {
      for await (const items of found(calendar, folder, idOnly, `<t:Exists>${note}</t:Exists>`, signal))
        yield items.map(idIn)
    },

    async withKey(calendar: ExchangeCalendar, key: string, signal: AbortSignal): Promise<string[]> {
      const restriction = `<t:Contains ContainmentMode="Substring" ContainmentComparison="Exact">${note}<t:Constant Value="${escaped(key)}"/></t:Contains>`
      const ids = new Set<string>()
      for (const folder of await foldersOf(calendar, signal))
        for await (const items of found(calendar, folderOf(folder), idOnly, restriction, signal))
          for (const item of items) ids.add(idIn(item))
      return [...ids]
    },

    async *everything(
      calendar: ExchangeCalendar,
      changedSince: number,
      window: Window,
      signal: AbortSignal,
    ): AsyncIterable<readonly ProviderEvent[]> {
      const changed = `<t:IsGreaterThanOrEqualTo><t:FieldURI FieldURI="item:LastModifiedTime"/><t:FieldURIOrConstant><t:Constant Value="${instant(changedSince)}"/></t:FieldURIOrConstant></t:IsGreaterThanOrEqualTo>`
      for (const folder of (await foldersOf(calendar, signal)).map(folderOf)) {
        for await (const items of found(calendar, folder, shapeOf(note, 'row'), changed, signal))
          yield items.map(eventFrom)
        for await (const items of shown(calendar, folder, window, signal)) yield items.map(eventFrom)
      }
    },
  }
}

const overlap = 20
const instant = (at: number) => new Date(at).toISOString()
const isLastPage = (root: Element | undefined) => root?.attributes.IncludesLastItemInRange === 'true'
