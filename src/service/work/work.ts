import { setTimeout as pause } from 'node:timers/promises'
import { withDeadline } from '../deadline.ts'
import { type Log, reasonOf } from '../log.ts'
import type { Spans } from '../telemetry/spans.ts'

/** Something that the service does at regular intervals. */
export interface Work {
  /** As the log names it: `sweep`. */
  readonly name: string
  /** Milliseconds between the end of one round and the start of the next. */
  readonly interval: number
  /** One round. It must not start anything new once the signal has aborted. `ending`: aborts when the service ends. */
  round(signal: AbortSignal, ending: AbortSignal): Promise<void>
}

/** Milliseconds that one round may take. The next round continues where it stopped. */
const longestRound = 60_000

/**
 * Runs each work at its own interval until the signal, never two rounds of one work at once. A round that fails is
 * logged with its reason and does not affect the others. Resolves when the last round has ended.
 */
export async function runWork(all: readonly Work[], needs: Needs, signal: AbortSignal): Promise<void> {
  await Promise.all(all.map((work) => repeat(work, needs, signal)))
}

interface Needs {
  log: Log
  spans: Spans
  /** A round of this work has ended well. */
  worked(name: string): void
}

async function repeat({ name, interval, round }: Work, { log, spans, worked }: Needs, signal: AbortSignal) {
  while (await waited(interval, signal)) {
    await spans.within('work', name, async () => {
      try {
        await withDeadline(longestRound, (soon) => round(soon, signal), signal)
        worked(name)
      } catch (error) {
        if (!signal.aborted) log.warn('work failed', { work: name, ...reasonOf(error) })
      }
    })
  }
}

/** False: the signal came first. */
const waited = (milliseconds: number, signal: AbortSignal) =>
  pause(milliseconds, true, { signal }).catch(() => false)

/**
 * Acts on the records that `take` hands out, one after another, at most `most` in a round. A record that fails is
 * logged and handed to `failed`, which postpones it; the others continue.
 */
export async function eachRecord<Item>(
  { take, act, failed, most = Number.POSITIVE_INFINITY }: EachRecord<Item>,
  work: string,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  for (let count = 0; count < most && !signal.aborted; count++) {
    const record = await take()
    if (!record) return
    try {
      await act(record, signal)
    } catch (error) {
      if (!signal.aborted) log.warn('work failed', { work, ...reasonOf(error) })
      await failed(record, error)
    }
  }
}

interface EachRecord<Item> {
  /** The record that is due first, and from now on is not due for other processes. Undefined: none is due. */
  take(): Promise<Item | undefined>
  act(record: Item, signal: AbortSignal): Promise<void>
  /** Postpones the record, longer each time. */
  failed(record: Item, error: unknown): Promise<void>
  most?: number
}
