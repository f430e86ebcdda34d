import { base64url } from '../browser/base64url.ts'
import type { PeopleQuery } from '../contract/admin.ts'

type Searched = Pick<PeopleQuery, 'objectId' | 'zoomUserId' | 'nameHash'>

/** The form of an id in the directory. */
export const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/**
 * What the words in the search box mean: an object id, a sign-in name or a Zoom user id. Undefined: none of them. A
 * sign-in name is hashed here, as the service has stored it.
 */
export async function searchedFor(words: string): Promise<Searched | undefined> {
  const text = words.trim()
  if (text === '') return {}
  if (guid.test(text)) return { objectId: text.toLowerCase() }
  if (text.includes('@')) return { nameHash: await sha256(text.toLowerCase()) }
  return /^[\w-]{1,64}$/.test(text) ? { zoomUserId: text } : undefined
}

async function sha256(text: string): Promise<string> {
  return base64url(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))))
}
