import { randomBytes } from 'node:crypto'
import type { Calendars, Change, Kept } from '../../calendars.ts'
import type { Post } from '../../vendor.ts'
import { savedIn } from '../graph/events.ts'
import { type Shown, viewOf } from '../graph/view.ts'
import { createChanges, type Message } from './changes.ts'
import { extended, folderId, folderOf, itemIdXml, itemsIn, ownFolder, partsOf, shapeIn } from './items.ts'
import { createPushing } from './pushing.ts'
import type { Asked, Said } from './soap.ts'
import { type Arrived, createStreaming } from './streaming.ts'

/** Microsoft's limits: changes of a page, events of a view, and the length of a view. */
const [mostChanges, mostShown, longestView] = [512, 1_000, 2 * 366 * 86_400_000]

/** What a state stands for: the calendar as its holder knows it, and rows of the last answer that it has not had yet. */
interface State {
  owner: string
  folder: string
  version: number
  rest: readonly string[]
}

/** Where a request has arrived, whose mailboxes the account may open, and how long a state is. */
type At = Arrived & { mayOpen(owner: string): boolean; stateBytes: number }

/**
 * Operations of Exchange Web Services on the calendars of mailboxes. `owner`: the address of the mailbox. Sources:
 * [MS-OXWSSYNC], [MS-OXWSSRCH], [MS-OXWSCORE], [MS-OXWSFOLD].
 */
export function createOperations(calendars: Calendars, now = Date.now, post?: Post) {
  const streaming = createStreaming(calendars, now)
  const pushing = createPushing(calendars, now, post)
  const log: Change[] = []
  const states = new Map<string, State>()
  const inboxes = new Map<string, Message[]>()
  /** Names of the calendars that are in Deleted Items, by owner. */
  const deleted = new Map<string, Set<string>>()
  calendars.follow((change) => log.push(change))

  /** The folder that a request names. Undefined: it is in no mailbox of this owner. */
  const folderIn = (asked: Asked, path: string, owner: string) => folderNamed(asked, `${path}/*`, owner)

  function folderNamed(asked: Asked, path: string, owner: string): string | undefined {
    if (asked.value(`${path}/self::t:DistinguishedFolderId/@Id`) === 'calendar') return ownFolder
    const [of, folder] = partsOf(asked.value(`${path}/self::t:FolderId/@Id`) ?? '')
    return of === owner ? folder : undefined
  }

  const foldersOf = (owner: string) => [...new Set([ownFolder, ...calendars.all(owner).map(folderOf)])]

  function getItem(owner: string, asked: Asked): Said[] {
    const show = shapeIn(asked)
    return asked.all('m:ItemIds/t:ItemId').map((named) => {
      const id = named.attr('Id')?.value ?? ''
      const found = find(owner, id)
      return found
        ? { code: 'NoError', inside: `<m:Items>${show(found)}</m:Items>` }
        : { code: 'ErrorItemNotFound', inside: '<m:Items/>' }
    })
  }

  function find(owner: string, id: string): Shown | undefined {
    const [of, folder, name = ''] = partsOf(id)
    if (of !== owner) return undefined
    const all = calendars.all(owner).filter((kept) => folderOf(kept) === folder)
    const kept = all.find(({ appointment }) => appointment.id === name)
    const event = kept && savedIn(kept)
    if (kept && event) return { kept, event }
    const start = Date.parse(name.split('#')[1] ?? '')
    if (Number.isNaN(start)) return undefined
    return viewOf(all, { from: start, to: start + 1 }).find((shown) => shown.kept.appointment.id === name)
  }

  function findItem(owner: string, asked: Asked): Said[] {
    const show = shapeIn(asked, true)
    const folder = folderIn(asked, 'm:ParentFolderIds', owner)
    if (!folder) return [{ code: 'ErrorFolderNotFound' }]
    const all = calendars.all(owner)
    const from = Date.parse(asked.value('m:CalendarView/@StartDate') ?? '')
    if (!Number.isNaN(from)) {
      const to = Date.parse(asked.value('m:CalendarView/@EndDate') ?? '')
      if (to - from > longestView) return [{ code: 'ErrorCalendarViewRangeTooBig' }]
      const shown = viewOf(
        all.filter((kept) => folderOf(kept) === folder),
        { from, to },
      )
      if (shown.length > mostShown) return [{ code: 'ErrorExceededFindCountLimit' }]
      return [rowsOf(shown, shown.length, show)]
    }
    const passes = restrictionIn(asked)
    const items = itemsIn(all, folder).filter(passes)
    const most = Number(asked.value('m:IndexedPageItemView/@MaxEntriesReturned') ?? mostShown)
    const offset = Number(asked.value('m:IndexedPageItemView/@Offset') ?? 0)
    return [rowsOf(items.slice(offset, offset + most), items.length, show, offset)]
  }

  function findFolder(owner: string, asked: Asked): Said[] {
    const root = asked.value('m:ParentFolderIds/t:DistinguishedFolderId/@Id')
    const isBelow = (folder: string) => root !== 'deleteditems' || deleted.get(owner)?.has(folder) === true
    const found = foldersOf(owner).filter(isBelow)
    const folders = found.map(
      (folder) =>
        `<t:CalendarFolder><t:FolderId Id="${folderId(owner, folder)}" ChangeKey="AgAA"/></t:CalendarFolder>`,
    )
    const inside = `<m:RootFolder IndexedPagingOffset="${folders.length}" TotalItemsInView="${folders.length}" IncludesLastItemInRange="true"><t:Folders>${folders.join('')}</t:Folders></m:RootFolder>`
    return [{ code: 'NoError', inside }]
  }

  function getFolder(owner: string): Said[] {
    const inside = `<m:Folders><t:CalendarFolder><t:FolderId Id="${folderId(owner, ownFolder)}" ChangeKey="AgAA"/></t:CalendarFolder></m:Folders>`
    return [{ code: 'NoError', inside }]
  }

  function syncFolderItems(owner: string, asked: Asked, { stateBytes }: At): Said[] {
    const folder = folderIn(asked, 'm:SyncFolderId', owner)
    if (!folder) return [{ code: 'ErrorSyncFolderNotFound' }]
    const token = asked.value('m:SyncState')
    const known = token === undefined ? undefined : states.get(token)
    if (token !== undefined && (known?.owner !== owner || known.folder !== folder))
      return [{ code: 'ErrorInvalidSyncStateData', inside: '<m:SyncState/>' }]
    const show = shapeIn(asked, true)
    const version = calendars.version()
    const items = itemsIn(calendars.all(owner), folder)
    const rows = known?.rest.length
      ? known.rest
      : known
        ? changesSince(known, items, show)
        : items.map((item) => `<t:Create>${show(item)}</t:Create>`)
    const most = Math.min(mostChanges, Number(asked.value('m:MaxChangesReturned') ?? mostChanges))
    const rest = rows.slice(most)
    const next = randomBytes(stateBytes).toString('base64')
    const isRest = known !== undefined && known.rest.length > 0
    states.set(next, { owner, folder, version: isRest ? known.version : version, rest })
    const inside = `<m:SyncState>${next}</m:SyncState><m:IncludesLastItemInRange>${rest.length === 0}</m:IncludesLastItemInRange><m:Changes>${rows.slice(0, most).join('')}</m:Changes>`
    return [{ code: 'NoError', inside }]
  }

  /** A change of one occurrence is a change of its series. */
  function changesSince(
    { owner, folder, version }: State,
    items: readonly Shown[],
    show: (one: Shown) => string,
  ) {
    const changes = log.filter(({ kept }) => kept.owner === owner && kept.version > version)
    const idOf = ({ kept: { appointment } }: Change) => String(appointment.seriesId ?? appointment.id)
    return [...new Set(changes.map(idOf))].flatMap((id) => {
      const first = changes.find(({ kept }) => kept.appointment.id === id)
      const was: Kept | undefined = first?.what === 'deleted' ? first.kept : first?.before
      const wasThere = !first || (was && folderOf(was) === folder)
      const now = items.find(({ kept }) => kept.appointment.id === id)
      if (now) return [wasThere ? `<t:Update>${show(now)}</t:Update>` : `<t:Create>${show(now)}</t:Create>`]
      return was && wasThere ? [`<t:Delete>${itemIdXml(was)}</t:Delete>`] : []
    })
  }

  function subscribe(owner: string, asked: Asked, arrived: Arrived): Said[] {
    const isPush = asked.value('m:PushSubscriptionRequest/t:URL') !== undefined
    const all = `m:${isPush ? 'Push' : 'Streaming'}SubscriptionRequest/t:FolderIds/*`
    const named = asked.all(all).map((_, index) => folderNamed(asked, `${all}[${index + 1}]`, owner))
    const folders = named.filter((folder) => folder !== undefined)
    if (folders.length === 0 || folders.length < named.length) return [{ code: 'ErrorFolderNotFound' }]
    return isPush ? pushing.subscribe(owner, folders, asked) : streaming.subscribe(owner, folders, arrived)
  }

  const all: Readonly<
    Record<string, (owner: string, asked: Asked, at: At) => Said[] | ReadableStream<Uint8Array>>
  > = {
    GetFolder: getFolder,
    FindFolder: findFolder,
    FindItem: findItem,
    GetItem: getItem,
    SyncFolderItems: syncFolderItems,
    Subscribe: subscribe,
    Unsubscribe: (_, asked) => streaming.unsubscribe(asked.value('m:SubscriptionId') ?? ''),
    GetStreamingEvents: (_, asked, at) => streaming.stream(at.mayOpen, asked, at),
    ...createChanges(calendars, find, inboxes),
  }

  return {
    /**
     * Undefined: there is no such operation here. `edits`: whose calendars the account may change besides its own. A request
     * names one of them by its owner, or by the id of a folder or an item in it.
     */
    answer(own: string, asked: Asked, at: At, edits: readonly string[] = []) {
      const named = asked.value('.//t:DistinguishedFolderId/t:Mailbox/t:EmailAddress')
      const of = named ?? partsOf(asked.value('.//t:ItemId/@Id | .//t:FolderId/@Id') ?? '')[0]
      const owner = of !== undefined && edits.includes(of) ? of : own
      if (named !== undefined && named !== owner) return [{ code: 'ErrorFolderNotFound' }]
      return all[asked.operation]?.(owner, asked, at)
    },
    streaming,
    pushing,
    /** The messages in the Inbox of an address, the oldest first. */
    inbox: (address: string): readonly Message[] => inboxes.get(address) ?? [],
    /** A person deletes this calendar: it moves to Deleted Items with all that is in it, and each id stays. */
    deleteCalendar(owner: string, name: string): void {
      deleted.set(owner, (deleted.get(owner) ?? new Set()).add(name))
    },
    /** Every state of until now is refused. */
    loseStates: () => states.clear(),
    reset(): void {
      states.clear()
      streaming.reset()
      pushing.reset()
      inboxes.clear()
      deleted.clear()
      log.length = 0
    },
  }
}

const rowsOf = (shown: readonly Shown[], total: number, show: (one: Shown) => string, offset = 0): Said => ({
  code: 'NoError',
  inside: `<m:RootFolder IndexedPagingOffset="${offset + shown.length}" TotalItemsInView="${total}" IncludesLastItemInRange="${offset + shown.length >= total}"><t:Items>${shown.map(show).join('')}</t:Items></m:RootFolder>`,
})

/** Whether an item passes the restriction of a request. Without one, every item does. */
function restrictionIn(asked: Asked): (shown: Shown) => boolean {
  const [uri] = asked.all('m:Restriction//t:ExtendedFieldURI')
  const constant = asked.value('m:Restriction//t:Constant/@Value') ?? ''
  if (asked.value('m:Restriction/t:Exists') !== undefined && uri)
    return ({ event }) => extended(event, uri) !== undefined
  if (asked.value('m:Restriction/t:Contains') !== undefined && uri)
    return ({ event }) => extended(event, uri)?.includes(constant) === true
  if (asked.value('m:Restriction/t:IsGreaterThanOrEqualTo') !== undefined)
    return ({ kept }) => kept.changedAt >= Date.parse(constant)
  return () => true
}
