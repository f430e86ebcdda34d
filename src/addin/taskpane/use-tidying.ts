import { useEffect, useState } from 'react'
import { asProblem } from '../../browser/as-problem.ts'
import type { Problem } from '../../contract/problems.ts'
import type { AddIn } from '../compose.ts'
import { chooseTidy, wantsTidy } from '../outlook/preference.ts'

/** Whether invitations are tidied: the organisation's setting for everybody, or the person's own. */
export function useTidying(addIn: AddIn) {
  const [forEverybody, setForEverybody] = useState(false)
  const [chosen, setChosen] = useState(wantsTidy)
  const [problem, setProblem] = useState<Problem>()

  useEffect(() => {
    addIn.tidyForEverybody().then(setForEverybody)
  }, [addIn])

  async function choose(wanted: boolean) {
    setChosen(wanted)
    setProblem(undefined)
    try {
      await chooseTidy(wanted)
    } catch (error) {
      setChosen(!wanted)
      setProblem(asProblem(error))
    }
  }

  return { forEverybody, chosen, problem, choose }
}
