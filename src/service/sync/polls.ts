import { Problem } from '../../contract/problems.ts'
import type { Queued } from '../jobs/jobs.ts'
import { type Log, reasonOf } from '../log.ts'
import { mayPass } from '../providers/exchange/requests.ts'
import { type Calendar, Stale } from '../providers/provider.ts'
import { goneJobOf, jobOf } from './job-of.ts'
import type { Pushes } from './pushes.ts'
import type { Watches } from './watches.ts'
import { isWithoutAccess } from './watching.ts'
import { windowAt } from './window.ts'

interface Followed {
  subject: string
  isHeard: boolean
  silentSince: number
  isPushed: boolean
  isFailing: boolean
}

interface Needs {
  watches: Pick<Watches, 'deltaOf' | 'moveOn' | 'doubt' | 'leasesOf' | 'fail' | 'recover'>
  /** Stores jobs. */
  send(jobs: readonly Queued[]): Promise<void>
  calendarOf(subject: string): Calendar
  /**
   * The mailboxes that this process follows, by the ids of its leases. `isHeard`: the server tells of changes by an answer
   * that hangs. `silentSince`: since when it does not, in ms. `isPushed`: it was asked to call. `isFailing`: it could not be
   * asked for changes either.
   */
  followed: ReadonlyMap<string, Followed>
  /** Undefined: no server can reach the service. */
  pushes: Pushes | undefined
  /** How those ids begin. */
  leases: string
  /** Another process has the mailbox now, or nobody follows it any more. */
  drop(lease: string): Promise<void>
  /** The server refuses the mailbox, which may have moved to Exchange Online: ends the connection if that is so. */
  check(subject: string): Promise<void>
  log: Log
}

/** How many mailboxes are asked at a time. */
const together = 4
/** Milliseconds for which a mailbox is left alone that could not be asked. */
const pause = 60_000

/** Milliseconds between two looks which of this process's leases are stored. */
const betweenLooks = 60_000

/** Asks for the changes of calendars of which nothing is heard, or was heard too late. */
export function polls({ watches, send, calendarOf, followed, pushes, leases, drop, check, log }: Needs) {
  let lookedAt = 0
  /** Leases that were not stored at the last look. */
  let strays = new Set<string>()
  /** Until when mailboxes are left alone, in ms, by the ids of their leases. */
  const paused = new Map<string, number>()
  /** Leases whose last question failed: they are asked again, although changes are heard of by now. */
  const behind = new Set<string>()
  /** Leases that were asked for changes since the server calls: what came before is known. */
  const caughtUp = new Set<string>()

  /**
   * False: nothing was asked, because a pass has to compare the whole calendar first. Any process may ask. `isBrief`: new
   * calendars of the mailbox are left out.
   */
  async function catchUp(
    lease: string,
    subject: string,
    signal: AbortSignal,
    isBrief: boolean,
  ): Promise<boolean> {
    const before = await watches.deltaOf(subject, lease)
    if (before === undefined) return false
    let delta: string | undefined
    for await (const { ids, gone, odd, next } of calendarOf(subject).changes(
      windowAt(Date.now()),
      before,
      signal,
      isBrief,
    )) {
      if (odd) log.warn('events not followed', { caller: subject, records: odd })
      await send([...ids.map((id) => jobOf(subject, id)), ...gone.map((id) => goneJobOf(subject, id))])
      delta = next
    }
    if (delta === undefined) await watches.doubt([subject])
    else if (delta !== before) await watches.moveOn(subject, before, delta)
    return true
  }

  /** What administrators and the person read changes only once, however long the server is dead. */
  async function mark(lease: string, subject: string, isFailing: boolean): Promise<void> {
    const one = followed.get(lease)
    if (!one || one.isFailing === isFailing) return
    one.isFailing = isFailing
    await (isFailing ? watches.fail(subject, lease) : watches.recover(subject, lease))
  }

  async function poll(lease: string, subject: string, signal: AbortSignal): Promise<void> {
    try {
      if (!(await catchUp(lease, subject, signal, true))) return
      await mark(lease, subject, false)
      behind.delete(lease)
      paused.delete(lease)
    } catch (error) {
      // A pass compares the whole calendar.
      if (error instanceof Stale) return watches.doubt([subject])
      behind.add(lease)
      const isOfServer = error instanceof Problem
      const { retryAfter = 0 } = isOfServer ? error.details : {}
      if (isOfServer)
        paused.set(lease, Date.now() + Math.max(pause, retryAfter * 1000) * (1 + Math.random() / 4))
      if (isWithoutAccess(error) || signal.aborted) return
      log.warn('work failed', { work: 'polls', ...reasonOf(error) })
      // Once: whether the mailbox has moved is looked for when its calendar cannot be compared.
      if (mayPass(error) && !followed.get(lease)?.isFailing) await watches.doubt([subject])
      if (isOfServer) await mark(lease, subject, true)
      if (isOfServer && error.code === 'calendar_refuses' && !mayPass(error)) await check(subject)
    }
  }

  /** The leases of which the server calls. Has it called where it does not tell otherwise, and ends that where it does. */
  async function called(signal: AbortSignal): Promise<ReadonlySet<string>> {
    if (!pushes || followed.size === 0) return new Set()
    const heard = await pushes.heard()
    for (const lease of caughtUp) if (!heard.has(lease)) caughtUp.delete(lease)
    pushes.keep(followed)
    const all = [...followed]
    const worker = async () => {
      for (let next = all.pop(); next && !signal.aborted; next = all.pop()) {
        const [lease, { subject, isHeard, isPushed, silentSince }] = next
        if (isHeard && heard.has(lease)) await pushes.end(lease)
        else if (!isHeard && !(isPushed && heard.has(lease)))
          await pushes.ask(lease, subject, silentSince, signal)
      }
    }
    await Promise.all(Array.from({ length: together }, worker))
    return heard
  }

  /** A lease that is not stored at two looks is another process's by now. */
  async function look(): Promise<void> {
    if (followed.size === 0 || Date.now() < lookedAt + betweenLooks) return
    lookedAt = Date.now()
    const stored = await watches.leasesOf(leases)
    const missing = [...followed.keys()].filter((lease) => !stored.has(lease))
    await Promise.all(missing.filter((lease) => strays.has(lease)).map((lease) => drop(lease)))
    strays = new Set(missing)
  }

  return {
    catchUp,
    /** Changes before now may be unknown. */
    poll,

    async round(signal: AbortSignal): Promise<void> {
      await look()
      for (const lease of paused.keys()) if (!followed.has(lease)) paused.delete(lease)
      for (const lease of behind) if (!followed.has(lease)) behind.delete(lease)
      const heard = await called(signal)
      const isTold = (lease: string, { isHeard, isPushed }: Followed) =>
        isHeard || (isPushed && heard.has(lease) && caughtUp.has(lease))
      const due: [lease: string, one: Followed][] = []
      for (const [lease, one] of followed)
        if ((!isTold(lease, one) || behind.has(lease)) && (paused.get(lease) ?? 0) <= Date.now())
          due.push([lease, one])
      const worker = async () => {
        for (let next = due.pop(); next && !signal.aborted; next = due.pop()) {
          const [lease, { subject }] = next
          if (heard.has(lease)) behind.add(lease)
          await poll(lease, subject, signal)
          if (heard.has(lease) && !behind.has(lease)) caughtUp.add(lease)
        }
      }
      await Promise.all(Array.from({ length: together }, worker))
    },
  }
}
