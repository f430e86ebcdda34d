import { useCallback, useEffect, useState } from 'react'
import { asProblem } from '../../browser/as-problem.ts'
import type { Problem } from '../../contract/problems.ts'
import type { AddIn } from '../compose.ts'
import type { Identified } from '../identity/person.ts'
import { paneTexts } from '../texts/pane.ts'

/** The action that is running, or the result of the last one. */
interface News {
  doing?: string
  done?: string | undefined
  problem?: Problem
}

/**
 * Who is signed in. The pane signs in silently when it opens, and interactively when the person chooses so. `busy`: the
 * pane is doing something else, which may sign the person in too. `ready`: the appointment was read. What
 * signs in is loaded after that.
 */
export function usePerson(addIn: AddIn, busy: boolean, ready: boolean) {
  const texts = paneTexts.get()
  const { signingIn } = texts
  const [person, setPerson] = useState<Identified>()
  const [news, setNews] = useState<News>({ doing: signingIn })
  const [zoomLogin, setZoomLogin] = useState(false)

  const run = useCallback(
    async (doing: string, act: () => Promise<Identified | undefined>, done?: string): Promise<void> => {
      setNews({ doing })
      try {
        setPerson(await act())
        setNews({ done })
      } catch (error) {
        setNews({ problem: asProblem(error) })
      }
    },
    [],
  )

  useEffect(() => {
    if (ready) run(signingIn, addIn.signIn)
  }, [run, addIn, signingIn, ready])

  useEffect(() => {
    const signedIn = busy ? undefined : addIn.signedIn()
    if (!signedIn) return
    setPerson(signedIn)
    setNews({})
  }, [busy, addIn])

  useEffect(() => {
    if (person) addIn.bootstrap().then((allowed) => setZoomLogin(allowed.zoomLogin))
  }, [person, addIn])

  const switchAccount = person?.switchAccount
  return {
    person,
    ...news,
    signIn: () => run(signingIn, () => addIn.signIn({ mayInteract: true })),
    switchAccount: switchAccount && (() => run(signingIn, switchAccount)),
    switchZoom: zoomLogin && (() => run(texts.waitingForZoom, connectZoom, texts.zoomSwitched)),
    disconnect: () => run(texts.disconnecting, () => addIn.disconnect().then(() => undefined)),
  }

  function connectZoom(): Promise<Identified> {
    return addIn.connectZoom().then(() => addIn.signIn())
  }
}
