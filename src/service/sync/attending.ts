import { besideOneAnother } from '../beside.ts'
import { lineOf } from '../jobs/turns.ts'

/** People that this process attends to at the same time, and of one organisation. */
const [together, togetherOfOne] = [6, 3]

/**
 * Attends to people some at a time: a provider can tell of thousands of subscriptions at once. Those that wait when the
 * process ends are due in the database.
 */
export function attending(attend: (subject: string) => Promise<void>, signal: AbortSignal) {
  const waiting = new Set<string>()
  const beside = besideOneAnother<string>({ together, togetherOfOne, lineOf })
  let isAttending = false

  async function next(full: readonly string[]): Promise<string | undefined> {
    const first = [...waiting].find((subject) => !full.includes(lineOf(subject)))
    if (first !== undefined) waiting.delete(first)
    return first
  }

  /** `attend` must not throw. */
  return async (subjects: readonly string[]): Promise<void> => {
    for (const subject of subjects) waiting.add(subject)
    if (isAttending) return
    isAttending = true
    while (waiting.size > 0 && !signal.aborted) await beside.round({ take: next, act: attend }, signal)
    isAttending = false
  }
}
