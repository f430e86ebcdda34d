import { lastUsed } from './last-used.ts'

/** Milliseconds for which an answer of the database is used again: a change is in effect within a second, in every process. */
export const fresh = 500
const mostAnswers = 1_000

/** Answers of the database, each asked at most twice a second. */
export function keptFresh<T>(ask: (key: string) => Promise<T>) {
  const { current, forget } = keptFor<T>(fresh, mostAnswers)
  return { current: (key: string) => current(key, () => ask(key)), forget }
}

/**
 * The last answers, the `most` that were used last, each for so many milliseconds from its question. Who asks meanwhile
 * waits for the same answer. A question that fails is asked again.
 */
export function keptFor<T>(milliseconds: number, most: number) {
  const known = lastUsed<{ askedAt: number; answer: Promise<T> }>(most)
  return {
    current(key: string, ask: () => Promise<T>): Promise<T> {
      const last = known.get(key)
      const now = performance.now()
      if (last && now - last.askedAt < milliseconds) return last.answer
      const answer = ask()
      known.set(key, { askedAt: now, answer })
      answer.catch(() => known.delete(key))
      return answer
    },
    forget: (key: string) => void known.delete(key),
  }
}
