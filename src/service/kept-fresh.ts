import { lastUsed } from './last-used.ts'

/** Milliseconds for which an answer of the database is used again: a change is in effect within a second, in every process. */
const fresh = 500
const mostAnswers = 1_000

/** Answers of the database, each asked at most twice a second. */
export function keptFresh<T>(ask: (key: string) => Promise<T>) {
  const known = lastUsed<{ askedAt: number; answer: Promise<T> }>(mostAnswers)
  return {
    current(key: string): Promise<T> {
      const last = known.get(key)
      const now = performance.now()
      if (last && now - last.askedAt < fresh) return last.answer
      const answer = ask(key)
      known.set(key, { askedAt: now, answer })
      answer.catch(() => known.delete(key))
      return answer
    },
    forget: (key: string) => void known.delete(key),
  }
}
