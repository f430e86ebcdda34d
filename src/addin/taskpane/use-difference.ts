import { useEffect, useState } from 'react'
import type { Difference } from '../../contract/difference.ts'
import type { AddIn } from '../compose.ts'
import { released } from './released.ts'
import type { View } from './use-meeting.ts'

/** Milliseconds after which a difference is asked for again: most end by themselves. */
const often = 5_000

/**
 * Whether a meeting was changed in Zoom, or follows its appointment, at once or late. The service knows only of meetings that
 * follow a calendar, and is asked silently.
 */
export function useDifference(addIn: AddIn, view: View | undefined, isFollowed: boolean): Difference {
  const [found, setFound] = useState<Difference>({})
  useEffect(() => {
    let isNewest = true
    let next: ReturnType<typeof setTimeout> | undefined
    const key = isFollowed && view?.state !== 'series' ? view?.meetingKey : undefined
    async function look() {
      const difference = key ? await addIn.difference(key).catch(() => undefined) : undefined
      await released()
      if (!isNewest) return
      setFound(difference ?? {})
      if (difference?.says) next = setTimeout(look, often)
    }
    look()
    return () => {
      isNewest = false
      clearTimeout(next)
    }
  }, [addIn, view, isFollowed])
  return found
}
