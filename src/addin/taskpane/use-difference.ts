import { useEffect, useState } from 'react'
import type { AddIn } from '../compose.ts'
import { released } from './released.ts'
import type { View } from './use-meeting.ts'

/**
 * The sentence about a meeting that was changed in Zoom. The service knows only of meetings that follow a calendar, and is
 * asked silently.
 */
export function useDifference(addIn: AddIn, view: View | undefined, isFollowed: boolean): string | undefined {
  const [says, setSays] = useState<string>()
  useEffect(() => {
    let isNewest = true
    const key = isFollowed && view?.state !== 'series' ? view?.meetingKey : undefined
    const asked = key ? addIn.difference(key).catch(() => undefined) : Promise.resolve(undefined)
    asked.then(async (difference) => {
      await released()
      if (isNewest) setSays(difference?.says)
    })
    return () => {
      isNewest = false
    }
  }, [addIn, view, isFollowed])
  return says
}
