import { useCallback, useEffect, useState } from 'react'
import { asProblem } from '../browser/as-problem.ts'
import type { Problem } from '../contract/problems.ts'

/** The service's answer to a question, asked again when the question changes and by `again`. A late answer to an earlier question is dropped. */
export function useAnswer<Answer>(ask: () => Promise<Answer>) {
  const [answer, setAnswer] = useState<Answer>()
  const [problem, setProblem] = useState<Problem>()
  const [isAsking, setIsAsking] = useState(true)
  const [round, setRound] = useState(0)
  const again = useCallback(() => setRound((before) => before + 1), [])

  // Each round asks again.
  useEffect(() => {
    let isCurrent = true
    setProblem(undefined)
    setIsAsking(true)
    ask()
      .then(
        (answered) => isCurrent && setAnswer(answered),
        (error) => isCurrent && setProblem(asProblem(error)),
      )
      .finally(() => isCurrent && setIsAsking(false))
    return () => {
      isCurrent = false
    }
  }, [ask, round])

  return { answer, problem, isAsking, again }
}
