import { keyPattern } from '../../contract/paths.ts'

/** The property set and the name under which Exchange keeps the add-in's custom properties (MS-OXCEXT, section 2.2.5). */
export const noteSet = '00020329-0000-0000-C000-000000000046'
export const noteNameOf = (addinId: string) => `cecp-${addinId}`

/** The key in the add-in's note, which is JSON in the JSON of all its custom properties. Undefined: there is none. */
export function keyIn(value: string | null | undefined): string | undefined {
  try {
    const { zoomMeeting } = JSON.parse(value ?? '{}') as { zoomMeeting?: unknown }
    const { key } = JSON.parse(String(zoomMeeting)) as { key?: unknown }
    return typeof key === 'string' && new RegExp(keyPattern).test(key) ? key : undefined
  } catch {
    return undefined
  }
}
