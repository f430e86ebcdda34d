import { useEffect, useState } from 'react'
import type { AddIn } from '../compose.ts'
import { released } from './released.ts'
import type { View } from './use-meeting.ts'

/** Milliseconds after which a difference is asked for again: most end by themselves. */
const often = 5_000

/**
 * The sentence about a meeting that was changed in Zoom, or that follows its appointment late. The service knows only of
 * meetings that follow a calendar, and is asked silently.
 */
export function useDifference(addIn: AddIn, view: View | undefined, isFollowed: boolean): string | undefined {
  const [says, setSays] = useState<string>()
  useEffect(() => {
    let isNewest = true
    let next: ReturnType<typeof setTimeout> | undefined
    const key = isFollowed && view?.state !== 'series' ? view?.meetingKey : undefined
    async function look() {
      const difference = key ? await addIn.difference(key).catch(() => undefined) : undefined
      await released()
      if (!isNewest) return
      setSays(difference?.says)
      if (difference?.says) next = setTimeout(look, often)
    }
    look()
    return () => {
      isNewest = false
      clearTimeout(next)
    }
  }, [addIn, view, isFollowed])
  return says
}
