import { useEffect, useRef, useState } from 'react'
import { asProblem } from '../browser/as-problem.ts'
import type { Problem } from '../contract/problems.ts'

interface News {
  done?: string
  refused?: Problem
}

/**
 * Does one act at a time, and asks `again` for what is shown. The focus then goes to the sentence that says what is done
 * or refused, because the button may be gone.
 */
export function useActs(again: () => void) {
  const [news, setNews] = useState<News>({})
  const [working, setWorking] = useState(false)
  const isWorking = useRef(false)
  const status = useRef<HTMLParagraphElement>(null)
  const failure = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (news.done) status.current?.focus()
    if (news.refused) failure.current?.focus()
  }, [news])

  /** `act` resolves with the sentence that says what is done. Resolves with whether it is. */
  async function run(act: () => Promise<string>): Promise<boolean> {
    if (isWorking.current) return false
    isWorking.current = true
    setWorking(true)
    setNews({})
    const result = await act().then(
      (done) => ({ done }),
      (error) => ({ refused: asProblem(error) }),
    )
    isWorking.current = false
    setWorking(false)
    setNews(result)
    again()
    return 'done' in result
  }
  return { run, working, ...news, status, failure }
}
