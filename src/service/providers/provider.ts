/**
 * A calendar provider, as sync, the feed and rooms use it: Microsoft Graph and Exchange Web Services, Google Calendar
 * later. Each implementation is a folder beside this file. Every function throws `Problem`s only, and sends nothing after
 * `signal` has aborted. `Mailbox`: one mailbox's calendar, and how to reach it.
 */
export interface Provider<Mailbox> {
  readonly name: 'graph' | 'exchange' | 'google'

  /** The event as it is now. Undefined: the provider says that it no longer exists. */
  event(calendar: Mailbox, id: string, signal: AbortSignal): Promise<ProviderEvent | undefined>

  /**
   * The ids of the events of the window that have changed since `since`, one page after another. Without `since`, of all
   * events of the window. Throws `Stale` for a `since` that the provider no longer knows: then ask without it. `isBrief`:
   * calendars of the mailbox that are new since `since` may be left out.
   */
  changes(
    calendar: Mailbox,
    window: Window,
    since: string | undefined,
    signal: AbortSignal,
    isBrief?: boolean,
  ): AsyncIterable<Changes>

  /**
   * Whether a calendar of the mailbox shows the event. False: none does, although it can be read: it was moved to a folder
   * for what is deleted. Undefined: it has no key and its time is outside `window`, so nothing is proved.
   */
  isShown(
    calendar: Mailbox,
    event: ProviderEvent,
    window: Window,
    signal: AbortSignal,
  ): Promise<boolean | undefined>

  /**
   * Every event of every calendar of the mailbox that changed since `changedSince`, in milliseconds, and every event of
   * the window, page by page. If it ends without an error, nothing was left out.
   */
  everything(
    calendar: Mailbox,
    changedSince: number,
    window: Window,
    signal: AbortSignal,
  ): AsyncIterable<readonly ProviderEvent[]>

  /** The ids of the single events and series with this key, in any calendar of the mailbox. */
  withKey(calendar: Mailbox, key: string, signal: AbortSignal): Promise<readonly string[]>

  /**
   * From now on the service hears of changes: by notifications with this secret, or because this process asks. What it
   * hears is a hint: read the event then.
   */
  subscribe(calendar: Mailbox, secret: string, signal: AbortSignal): Promise<Subscription>

  /** Extends a subscription. Undefined: there is none any more; subscribe again. */
  renew(
    calendar: Mailbox,
    subscription: Pick<Subscription, 'id'>,
    signal: AbortSignal,
  ): Promise<Subscription | undefined>

  /** Ends a subscription. One that no longer exists counts as ended. */
  unsubscribe(calendar: Mailbox, subscription: Pick<Subscription, 'id'>, signal: AbortSignal): Promise<void>
}

/** A calendar whose provider and mailbox are known. */
export type Calendar = { [Act in keyof Acts]: Bound<Acts[Act]> }
type Acts = Omit<Provider<never>, 'name'>
type Bound<Act> = Act extends (calendar: never, ...asked: infer Asked) => infer Came
  ? (...asked: Asked) => Came
  : never

export function calendarAt<Mailbox>(provider: Provider<Mailbox>, mailbox: Mailbox): Calendar {
  return {
    event: (...asked) => provider.event(mailbox, ...asked),
    changes: (...asked) => provider.changes(mailbox, ...asked),
    isShown: (...asked) => provider.isShown(mailbox, ...asked),
    everything: (...asked) => provider.everything(mailbox, ...asked),
    withKey: (...asked) => provider.withKey(mailbox, ...asked),
    subscribe: (...asked) => provider.subscribe(mailbox, ...asked),
    renew: (...asked) => provider.renew(mailbox, ...asked),
    unsubscribe: (...asked) => provider.unsubscribe(mailbox, ...asked),
  }
}

/** A window of time, in milliseconds since 1970. */
export interface Window {
  readonly from: number
  readonly to: number
}

/**
 * What sync, feed and rooms may read of a provider's event: the five facts, the tie to its meeting, and what a display
 * shows. It stays in memory. Participants, place and text have no field.
 */
export interface ProviderEvent {
  readonly id: string
  /** The provider's version of the event. It changes whenever the event does. */
  readonly version: string
  readonly kind: 'single' | 'series' | 'occurrence' | 'exception'
  /** The series that an occurrence or exception belongs to. */
  readonly seriesId?: string
  /** A cancelled event still exists at some providers. */
  readonly cancelled: boolean
  /** The calendar's owner organises it. An invitation of somebody else is not theirs to schedule. */
  readonly organised: boolean
  readonly subject: string
  /**
   * Instants in RFC 3339 and UTC, as the provider gives them. Nothing here converts a wall time. An event that takes
   * whole days has no instants: its first and last midnight are written as if they were in UTC.
   */
  readonly start: string
  readonly end: string
  readonly allDay: boolean
  /** When it was created, in RFC 3339. Empty: the provider did not say. */
  readonly created: string
  /** As the provider names the zone. Undefined: it did not say. */
  readonly timeZone?: string
  /** The key that the add-in stored on the item. Undefined: the event has no meeting of ours. */
  readonly key?: string
}

/** The form of an event's id, as jobs and tables have it. */
export const eventId = /^[A-Za-z0-9_=-]{1,512}$/

/** One page of changes. Each id is a hint: read the event then. */
export interface Changes {
  /** Of single events and series. An occurrence counts as its series. */
  readonly ids: readonly string[]
  /** Of what is gone, as the provider says: deleted, or in another calendar. */
  readonly gone: readonly string[]
  /** How many rows have no id in its form. They keep no other from being followed. */
  readonly odd?: number
  /** What to pass as `since` next time, on the last page. */
  readonly next?: string
}

/** The provider does not know this `since` any more: everything has to be read again. */
export class Stale extends Error {
  constructor() {
    super('The token for changes is stale')
    this.name = 'Stale'
  }
}

/** How the id of a subscription begins that is a lease of the process that asks an Exchange server. */
export const exchangeLease = 'ews-'

export interface Subscription {
  readonly id: string
  /** In milliseconds since 1970, as the provider granted it. */
  readonly expiresAt: number
  /** Changes cannot be heard of at the moment, although the subscription is renewed. */
  readonly isFailing?: boolean
}
