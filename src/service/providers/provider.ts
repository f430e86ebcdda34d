/**
 * A calendar provider, as sync, the feed and rooms use it: Microsoft Graph first, Exchange Web Services and Google
 * Calendar later. Each implementation is a folder beside this file. Every function throws `Problem`s only, and sends
 * nothing after `signal` has aborted.
 */
export interface Provider {
  readonly name: 'graph' | 'exchange' | 'google'

  /** The event as it is now. Undefined: the provider says that it no longer exists. */
  event(calendar: Calendar, id: string, signal: AbortSignal): Promise<ProviderEvent | undefined>

  /**
   * The ids of the events of the window that have changed since `since`, one page after another. Without `since`, of all
   * events of the window. Throws `Stale` for a `since` that the provider no longer knows: then ask without it.
   */
  changes(
    calendar: Calendar,
    window: Window,
    since: string | undefined,
    signal: AbortSignal,
  ): AsyncIterable<Changes>

  /**
   * Whether a calendar of the mailbox shows the event. False: none does, although it can be read: it was moved to a folder
   * for what is deleted. Undefined: its time is outside `window`, and nothing is proved.
   */
  isShown(
    calendar: Calendar,
    event: ProviderEvent,
    window: Window,
    signal: AbortSignal,
  ): Promise<boolean | undefined>

  /**
   * Every event of every calendar of the mailbox that changed since `changedSince`, in milliseconds, and every event of
   * the window, page by page. If it ends without an error, nothing was left out.
   */
  everything(
    calendar: Calendar,
    changedSince: number,
    window: Window,
    signal: AbortSignal,
  ): AsyncIterable<readonly ProviderEvent[]>

  /** Asks the provider to send change notifications to `target`. A notification is a hint: read the event then. */
  subscribe(calendar: Calendar, target: NotificationTarget, signal: AbortSignal): Promise<Subscription>

  /** Extends a subscription. Undefined: the provider no longer has it; subscribe again. */
  renew(
    calendar: Calendar,
    subscription: Subscription,
    signal: AbortSignal,
  ): Promise<Subscription | undefined>

  /** Ends a subscription. One that no longer exists counts as ended. */
  unsubscribe(calendar: Calendar, subscription: Subscription, signal: AbortSignal): Promise<void>
}

/** One mailbox's calendar, and how to reach it. */
export interface Calendar {
  /** The mailbox in the provider's own immutable form: Entra's object id, Google's user id. Never stored with events. */
  readonly mailbox: string
  /** A current access token, asked for at each call. `refused`: the one that the provider has just refused. */
  accessToken(refused?: string): Promise<string>
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

/** One page of changes. Each id is a hint: read the event then. */
export interface Changes {
  /** Of single events and series. An occurrence counts as its series. */
  readonly ids: readonly string[]
  /** Of what is gone, as the provider says: deleted, or in another calendar. */
  readonly gone: readonly string[]
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

export interface NotificationTarget {
  /** Our public https address for notifications, and the one for what the provider says of the subscription itself. */
  readonly url: string
  readonly lifecycleUrl: string
  /** The provider repeats this secret in every notification. It is stored hashed. */
  readonly secret: string
}

export interface Subscription {
  readonly id: string
  /** In milliseconds since 1970, as the provider granted it. */
  readonly expiresAt: number
}
