import { useCallback, useEffect, useState } from 'react'
import type { Problem } from '../../contract/problems.ts'
import { known, type Page } from '../page.ts'

/** Who is signed in: asked silently when the pane opens, with the person's help when they choose so. */
export function usePerson(page: Page) {
  const [name, setName] = useState<string>()
  const [problem, setProblem] = useState<Problem>()
  const [working, setWorking] = useState(true)

  const signIn = useCallback(
    async (mayInteract: boolean) => {
      setWorking(true)
      setProblem(undefined)
      try {
        setName((await page.signIn({ mayInteract })).name)
      } catch (error) {
        setProblem(known(error))
      }
      setWorking(false)
    },
    [page],
  )

  useEffect(() => {
    signIn(false)
  }, [signIn])

  return { name, problem, working, signIn: () => signIn(true) }
}
