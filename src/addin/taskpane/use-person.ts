import { useCallback, useEffect, useState } from 'react'
import type { Problem } from '../../contract/problems.ts'
import type { Identified } from '../identity/person.ts'
import { known } from '../known.ts'
import type { Page } from '../page.ts'

/** Who is signed in: asked silently when the pane opens, with the person's help when they choose so. */
export function usePerson(page: Page) {
  const [person, setPerson] = useState<Identified>()
  const [problem, setProblem] = useState<Problem>()
  const [working, setWorking] = useState(true)

  const run = useCallback(async (act: () => Promise<Identified | undefined>) => {
    setWorking(true)
    setProblem(undefined)
    try {
      setPerson(await act())
    } catch (error) {
      setProblem(known(error))
    }
    setWorking(false)
  }, [])

  useEffect(() => {
    run(() => page.signIn())
  }, [run, page])

  return {
    person,
    problem,
    working,
    signIn: () => run(() => page.signIn({ mayInteract: true })),
    disconnect: () => run(async () => void (await page.disconnect())),
  }
}
