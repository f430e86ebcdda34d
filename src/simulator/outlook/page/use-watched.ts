import { useSyncExternalStore } from 'react'
import type { Watched } from '../watched.ts'

/** The current value; the component renders again when it changes. */
export function useWatched<T extends object>(watched: Watched<T>): T {
  return useSyncExternalStore(watched.follow, watched.get)
}
