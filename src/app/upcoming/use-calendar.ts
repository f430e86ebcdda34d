import { useCallback, useEffect, useRef, useState } from 'react'
import { asProblem } from '../../browser/as-problem.ts'
import type { Problem } from '../../contract/problems.ts'
import { askedPeriod } from '../day.ts'
import { followCalendar, type Shown } from '../feed.ts'
import type { Session } from '../session.ts'
import { signInByWindow } from './sign-in-window.ts'

export type Calendar =
  | { is: 'signed out'; why?: Shown['ended']; problem?: Problem; isOpen?: boolean }
  | { is: 'signed in'; shown: Shown }

/** Signs the person in and follows their calendar, in memory only. */
export function useCalendar(language: string) {
  const [calendar, setCalendar] = useState<Calendar>({ is: 'signed out' })
  const following = useRef<ReturnType<typeof followCalendar>>(undefined)
  const session = useRef<Session>(undefined)
  /** The newest sign-in counts: a window that was closed is never answered. */
  const attempt = useRef(0)

  const signIn = useCallback(async () => {
    const mine = ++attempt.current
    setCalendar({ is: 'signed out', isOpen: true })
    try {
      const begun = await signInByWindow()
      if (mine !== attempt.current) return void begun.end()
      session.current = begun
      following.current = followCalendar({
        origin: location.origin,
        token: begun.token,
        period: () => askedPeriod(Date.now()),
        language: () => language,
        show(shown) {
          if (!shown.ended) return setCalendar({ is: 'signed in', shown })
          void session.current?.end()
          session.current = undefined
          setCalendar({ is: 'signed out', why: shown.ended })
        },
      })
    } catch (error) {
      if (mine === attempt.current) setCalendar({ is: 'signed out', problem: asProblem(error) })
    }
  }, [language])

  useEffect(() => {
    const refresh = () => following.current?.refresh()
    addEventListener('online', refresh)
    return () => {
      removeEventListener('online', refresh)
      following.current?.stop()
    }
  }, [])

  return {
    calendar,
    signIn,
    signOut: () => following.current?.forget(),
    refresh: () => following.current?.refresh(),
  }
}
