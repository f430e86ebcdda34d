import type { Log } from '../log.ts'
import type { EventRecords, OwnEvent } from '../meetings/records/events.ts'
import type { Calendar } from '../providers/provider.ts'
import { goneJobOf } from './job-of.ts'
import type { DuePass } from './watches.ts'
import { windowAt } from './window.ts'

interface Needs {
  events: Pick<EventRecords, 'miss'>
  calendarOf(subject: string): Calendar
  /** The ids of the events in this person's calendar that have a meeting, and that no failed job was about as gone. */
  unreportedIn(subject: string): Promise<readonly string[]>
  idOf(subject: string, id: string): Promise<Pick<OwnEvent, 'hash'>>
  /** Which of these keys have a job that is not done, or was given up. */
  stored(keys: readonly string[]): Promise<ReadonlySet<string>>
  log: Log
}

/** As many as a person may delete at once, and events that are read one by one before all the rest count as missing too. */
const [few, mostRead] = [3, 50]

/**
 * Tells what a person has deleted from what is missing because another mailbox is in place of theirs: an empty one, as Exchange
 * gives it after the loss of a database, or one as it was on an earlier day. Absence alone proves a deletion only where
 * more events are found than are missing, or where few are missing and the mailbox shows something that is older than the last
 * comparison. What the provider has reported as deleted is proved.
 */
export function missingEvents({ events, calendarOf, unreportedIn, idOf, stored, log }: Needs) {
  /** Whether a calendar of the mailbox shows an event that was created before the last comparison. */
  async function showsOlder({ subject, checkedAt }: DuePass, signal: AbortSignal): Promise<boolean> {
    const window = windowAt(Date.now())
    const before = checkedAt?.getTime() ?? Date.now()
    for await (const page of calendarOf(subject).everything(window.from, window, signal))
      if (page.some(({ created }) => Date.parse(created) < before)) return true
    return false
  }

  /** Which of these nobody has reported as deleted, and a meeting still belongs to. */
  async function unreported(subject: string, missing: ReadonlySet<string>): Promise<string[]> {
    const kept = (await unreportedIn(subject)).filter((id) => missing.has(id))
    const keyOf = (id: string) => goneJobOf(subject, id).key
    const reported = await stored(kept.map(keyOf))
    return kept.filter((id) => !reported.has(keyOf(id)))
  }

  /**
   * Those of `missing` that count as deleted. The meetings of the others belong to no event until an event with their key is
   * found. `found`: how many of the events that have a meeting were listed.
   */
  return async function deletedOf(
    pass: DuePass,
    missing: ReadonlySet<string>,
    found: number,
    signal: AbortSignal,
  ): Promise<string[]> {
    const { subject } = pass
    if (missing.size <= found) return [...missing]
    const unsure = await unreported(subject, missing)
    const absent = new Set(unsure)
    for (const id of unsure.slice(0, mostRead))
      if (await calendarOf(subject).event(id, signal)) absent.delete(id)
    const isUsual = absent.size <= found + unsure.length - absent.size
    if (isUsual || (!pass.isEmptied && absent.size <= few && (await showsOlder(pass, signal))))
      return [...missing]
    const lost = await Promise.all([...absent].map((id) => idOf(subject, id)))
    const records = await events.miss(lost.map(({ hash }) => hash))
    if (records > 0) log.warn('appointments missing', { caller: subject, records })
    return [...missing].filter((id) => !absent.has(id))
  }
}
