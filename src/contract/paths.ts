/** The HTTP paths of the web calendar service, spelled once; `{key}` as OpenAPI writes it. */
export const paths = {
  bootstrap: '/bootstrap',
  meeting: '/meetings/{key}',
} as const

/** The path of one meeting. `key` is what the add-in keeps on the item: 128 random bits, base64url. */
export function meetingPath(key: string): string {
  return paths.meeting.replace('{key}', encodeURIComponent(key))
}

/** The form of a meeting's key. */
export const keyPattern = '^[A-Za-z0-9_-]{22}$'
