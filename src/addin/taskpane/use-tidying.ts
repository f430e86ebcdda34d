import { useEffect, useState } from 'react'
import { known } from '../../browser/as-problem.ts'
import type { Problem } from '../../contract/problems.ts'
import type { Page } from '../compose.ts'
import { chooseTidy, wantsTidy } from '../outlook/preference.ts'

/** Whether our invitation is taken out of the text when it counts no more: the organisation's wish, or the person's. */
export function useTidying(page: Page) {
  const [forEverybody, setForEverybody] = useState(false)
  const [chosen, setChosen] = useState(wantsTidy)
  const [problem, setProblem] = useState<Problem>()

  useEffect(() => {
    page.tidyForEverybody().then(setForEverybody)
  }, [page])

  async function choose(wanted: boolean) {
    setChosen(wanted)
    setProblem(undefined)
    try {
      await chooseTidy(wanted)
    } catch (error) {
      setChosen(!wanted)
      setProblem(known(error))
    }
  }

  return { forEverybody, chosen, problem, choose }
}
