import { useSyncExternalStore } from 'react'

/** Where the administrator is in the console. It is in the fragment, so that Back works and no server sees an id. */
export type Place =
  | {
      name:
        | 'people'
        | 'mailboxes'
        | 'rooms'
        | 'sync'
        | 'policies'
        | 'invitation'
        | 'audit'
        | 'keys'
        | 'health'
        | 'deployment'
    }
  | { name: 'person'; subject: string }

/** The pages, in the order in which the console lists them. */
export const places = [
  'people',
  'mailboxes',
  'rooms',
  'sync',
  'policies',
  'invitation',
  'audit',
  'keys',
  'health',
  'deployment',
] as const

export const addressOf = (place: Place) =>
  place.name === 'person' ? `#/people/${encodeURIComponent(place.subject)}` : `#/${place.name}`

/** The place that the address names. An unknown one is the list of people. */
export function usePlace(): Place {
  const hash = useSyncExternalStore(
    (changed) => {
      addEventListener('hashchange', changed)
      return () => removeEventListener('hashchange', changed)
    },
    () => location.hash,
  )
  const [, name, subject] = hash.split('/')
  const decoded = name === 'people' && subject ? textIn(subject) : undefined
  if (decoded) return { name: 'person', subject: decoded }
  return { name: places.find((place) => place === name) ?? 'people' }
}

/** Undefined: no address of ours has that form. */
function textIn(encoded: string): string | undefined {
  try {
    return decodeURIComponent(encoded)
  } catch {
    return undefined
  }
}
