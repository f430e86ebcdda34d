import { setTimeout as pause } from 'node:timers/promises'
import type { Database } from '../database/open.ts'
import type { Measure } from './measure.ts'

export type Row = Record<string, string> & { value: string }

/** Milliseconds for all measures of one scrape. Prometheus waits ten seconds by default. */
const deadline = 2_000

/**
 * Reads measures one after another, each again only when its time has come, and never twice at once. What fails or comes
 * too late is undefined.
 */
export function keptMeasures(database: Database, measures: readonly Measure[]) {
  const readers = measures.map((measure) => kept(database, measure))
  return async (): Promise<(readonly Row[] | undefined)[]> => {
    const late = pause(deadline, undefined, { ref: false })
    const answers: (readonly Row[] | undefined)[] = []
    for (const reader of readers) answers.push(await Promise.race([reader(), late]))
    return answers
  }
}

function kept(database: Database, { keptFor, statement }: Measure) {
  let good: { rows: readonly Row[]; until: number } | undefined
  let reading: Promise<readonly Row[] | undefined> | undefined

  async function read(): Promise<readonly Row[] | undefined> {
    try {
      const { rows } = await statement.execute(database)
      good = { rows: rows as Row[], until: performance.now() + keptFor }
      return good.rows
    } catch {
      return undefined
    } finally {
      reading = undefined
    }
  }

  return async () => {
    if (good && performance.now() < good.until) return good.rows
    reading ??= read()
    return reading
  }
}
