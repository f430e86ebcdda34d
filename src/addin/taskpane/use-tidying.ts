import { useEffect, useState } from 'react'
import { asProblem } from '../../browser/as-problem.ts'
import type { Me } from '../../contract/identity.ts'
import type { Problem } from '../../contract/problems.ts'
import type { AddIn } from '../compose.ts'
import type { Identified } from '../identity/person.ts'
import { chooseTidy, wantsTidy } from '../outlook/preference.ts'

/** Whether invitations are tidied, as the organisation has decided for this person, or the person themselves. */
export function useTidying(addIn: AddIn, person: Identified | undefined) {
  const [decided, setDecided] = useState<Me['tidy']>('choice')
  const [chosen, setChosen] = useState(wantsTidy)
  const [problem, setProblem] = useState<Problem>()

  useEffect(() => {
    // While it is not known, the choice is shown. Nothing is tidied before the service has answered.
    if (person) addIn.tidy().then(setDecided, () => {})
  }, [addIn, person])

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

  return { decided, chosen, problem, choose }
}
