import { permitsIn, type Policies as Values } from '../../contract/policies.ts'
import { Problem } from '../../contract/problems.ts'
import { besideOneAnother } from '../beside.ts'
import { withDeadline } from '../deadline.ts'
import { lineOf } from '../jobs/turns.ts'
import { type Log, reasonOf } from '../log.ts'
import type { EventRecords, HasMoved } from '../meetings/records/events.ts'
import type { Policies } from '../policies/policies.ts'
import { valuesIn } from '../policies/resolve.ts'
import type { Calendar } from '../providers/provider.ts'
import { newSecret, sha256 } from '../vault/hashed-secret.ts'
import { eachRecord } from '../work/work.ts'
import { day } from '../zoom/lifetime.ts'
import { beforeAll, type DueWatch, type Watches, type Way } from './watches.ts'

interface Needs {
  watches: Watches
  events: Pick<EventRecords, 'forget'>
  policies: Pick<Policies, 'explain'>
  /** Whether the settings name the person's directory. */
  isServed(caller: { subject: string }): boolean
  calendarOf(subject: string): Calendar
  moved: { failed(what: 'watch', watch: DueWatch, error: unknown): Promise<void> }
  /** How the ids of this process's leases begin. */
  leases: string
  log: Log
}

/** Milliseconds. */
const minute = 60_000

/** Milliseconds for one calendar: less than until it is due again, for any process. */
const longest = 30_000
/** Calendars that this process subscribes to at the same time, and of one organisation: a slow one delays no other. */
const [together, togetherOfOne] = [8, 4]

/** How many people one round looks at, of those who are connected and of those who are watched. The next round continues. */
const batch = 5_000

/** The policies of the owner of a calendar that is connected, and how it is. */
export type Wanted = Values & { readonly way: Way }

/** Undefined: the calendar is not connected, or sync is not wanted. */
export function wantedBy(way: Way | undefined, values: Values): Wanted | undefined {
  // A credential ends with the policy that allows it. The application's own permissions do not.
  if (way === 'microsoft-application' && !permitsIn(values)) return undefined
  return way && values.sync === 'on' ? { ...values, way } : undefined
}

/** Keeps a subscription for every calendar that is connected and whose owner's organisation wants sync. */
export function watching({ watches, events, policies, isServed, calendarOf, moved, leases, log }: Needs) {
  /** Where the next round continues. */
  let [begunTo, endedTo] = [beforeAll, beforeAll]

  /** The policies of a person whose calendar is connected and whose organisation is served and wants sync. Undefined: not so. */
  async function wanted(subject: string): Promise<Wanted | undefined> {
    if (!isServed({ subject })) return undefined
    const [way, explained] = await Promise.all([watches.connectedBy(subject), policies.explain(subject)])
    return wantedBy(way, valuesIn(explained.values))
  }

  async function settle(watch: DueWatch, signal: AbortSignal): Promise<void> {
    const { subject, subscription } = watch
    if (!(await wanted(subject))) return end(subject)
    const calendar = calendarOf(subject)
    if (subscription) {
      const renewed = await calendar.renew({ id: subscription }, signal)
      if (renewed)
        return void (await watches.store(watch, {
          ...renewed,
          renewAt: renewal(Date.now(), renewed.expiresAt, false),
        }))
      await watches.lose(watch)
    }
    const secret = newSecret('')
    const made = await calendar.subscribe(secret, signal)
    const stored = await watches.store(watch, {
      ...made,
      secret: sha256(secret),
      renewAt: renewal(Date.now(), made.expiresAt, true),
    })
    // The person has disconnected meanwhile, or another process was faster.
    if (!stored) await calendar.unsubscribe(made, signal)
    else log.info('calendar watched', { caller: subject })
  }

  /**
   * Ends a watch, and tells the provider as long as there is access to it. Otherwise the subscription ends by itself.
   * `hasMoved`: the mailbox is at another provider now.
   */
  async function end(subject: string, hasMoved?: HasMoved): Promise<void> {
    const { subscription, stays } = await watches.end(subject)
    if (await events.forget(subject, stays, hasMoved)) await watches.compareOthers(subject)
    await tell(subject, subscription)
  }

  async function tell(subject: string, subscription: string | undefined): Promise<void> {
    if (!subscription) return
    await calendarOf(subject)
      .unsubscribe({ id: subscription }, AbortSignal.timeout(5_000))
      .catch((error) => {
        if (!isWithoutAccess(error)) log.warn('work failed', { work: 'watches', ...reasonOf(error) })
      })
  }

  const records = (take: () => Promise<DueWatch | undefined>) => ({
    take,
    act: (watch: DueWatch, ending: AbortSignal) =>
      withDeadline(longest, (signal) => settle(watch, signal), ending),
    most: 1,
    async failed(watch: DueWatch, error: unknown) {
      const { retryAfter } = error instanceof Problem ? error.details : {}
      await watches.postpone(watch, retryAfter)
      await moved.failed('watch', watch, error)
    },
  })

  const beside = besideOneAnother<DueWatch>({
    together,
    togetherOfOne,
    lineOf: ({ subject }) => lineOf(subject),
  })

  const one = (watch: DueWatch, ending: AbortSignal) =>
    eachRecord(
      records(async () => watch),
      'watches',
      log,
      ending,
    ).catch((error) => log.warn('work failed', { work: 'watches', ...reasonOf(error) }))

  return {
    wanted,

    /** The calendar of this person has been connected: watches it at once. */
    async begin(subject: string): Promise<void> {
      await watches.begin(subject)
      const take = () => watches.take(leases, { subject })
      await eachRecord(records(take), 'watches', log, AbortSignal.timeout(longest))
    },

    end,

    /** The calendar is about to be disconnected: tells the provider while there is access. */
    pause: async (subject: string) => tell(subject, await watches.pause(subject)),

    /** Renews what is due, begins and ends what has been connected and disconnected elsewhere. */
    async round(signal: AbortSignal, ending: AbortSignal): Promise<void> {
      begunTo = await watches.beginMissing(begunTo, batch)
      endedTo = await watches.endDisconnected(endedTo, batch)
      const take = (lines: readonly string[]) => watches.take(leases, { lines })
      await beside.round({ take, act: (watch) => one(watch, ending) }, signal)
    },

    /** Until none is renewed. */
    settled: beside.settled,
  }
}

/** Without access to the calendar there is nothing to follow. When it comes back, the whole calendar is compared. */
export const isWithoutAccess = (error: unknown) =>
  error instanceof Problem &&
  ['calendar_not_connected', 'calendar_not_allowed', 'sign_in_required'].includes(error.code)

/** Seconds for which the provider wants no request about a mailbox, as this error says. 0: it is about something else. */
export const busyIn = (error: unknown) =>
  error instanceof Problem && error.code === 'calendar_busy' ? (error.details.retryAfter ?? 0) : 0

/**
 * When to renew a subscription, in milliseconds: between half and four fifths of the way to its end, with a random part.
 * The first time earlier, in a wider range, so that those of calendars that were connected together are spread over a week.
 * To the minute where that is exact enough, because an index has equal instants once.
 */
export function renewal(now: number, expiresAt: number, isFirst: boolean): number {
  const [earliest, latest] = isFirst ? [0.1, 0.6] : [0.5, 0.8]
  const at = now + (expiresAt - now) * (earliest + (latest - earliest) * Math.random())
  return expiresAt - now > day ? at - (at % minute) : at
}
