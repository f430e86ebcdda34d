import { useSyncExternalStore } from 'react'
import type { Watched } from '../watched.ts'

/** The value, and a new rendering whenever it changes. */
export function useWatched<T extends object>(watched: Watched<T>): T {
  return useSyncExternalStore(watched.follow, watched.get)
}
