/**
 * A scope that an app at Zoom must have: its granular name, and the classic one of older apps, which does too. `optional`:
 * without it the service works, and offers less. docs/zoom.md says what each is for.
 */
interface Scope {
  granular: string
  classic: string
  optional?: true
}

/** Of the account's server-to-server app. */
export const accountScopes: readonly Scope[] = [
  { granular: 'meeting:write:meeting:admin', classic: 'meeting:write:admin' },
  { granular: 'meeting:update:meeting:admin', classic: 'meeting:write:admin' },
  { granular: 'meeting:update:status:admin', classic: 'meeting:write:admin' },
  { granular: 'meeting:delete:meeting:admin', classic: 'meeting:write:admin' },
  { granular: 'meeting:read:meeting:admin', classic: 'meeting:read:admin' },
  { granular: 'meeting:read:list_meetings:admin', classic: 'meeting:read:admin' },
  { granular: 'meeting:read:list_past_instances:admin', classic: 'meeting:read:admin' },
  { granular: 'user:read:user:admin', classic: 'user:read:admin' },
  { granular: 'user:read:list_assistants:admin', classic: 'user:read:admin' },
  { granular: 'meeting:read:list_templates:admin', classic: 'meeting:read:admin', optional: true },
  { granular: 'user:read:settings:admin', classic: 'user:read:admin', optional: true },
  { granular: 'account:read:lock_settings:master', classic: 'account:read:admin', optional: true },
  { granular: 'group:read:lock_settings:admin', classic: 'group:read:admin', optional: true },
]

/** Of the user-managed app, with which people connect their own Zoom account. */
export const userScopes: readonly Scope[] = [
  { granular: 'user:read:user', classic: 'user:read' },
  { granular: 'meeting:write:meeting', classic: 'meeting:write' },
  { granular: 'meeting:update:meeting', classic: 'meeting:write' },
  { granular: 'meeting:delete:meeting', classic: 'meeting:write' },
  { granular: 'meeting:read:meeting', classic: 'meeting:read' },
  { granular: 'meeting:read:list_meetings', classic: 'meeting:read' },
  { granular: 'meeting:read:list_past_instances', classic: 'meeting:read' },
  { granular: 'meeting:update:status', classic: 'meeting:write', optional: true },
  { granular: 'meeting:read:list_templates', classic: 'meeting:read', optional: true },
  { granular: 'user:read:settings', classic: 'user:read', optional: true },
]

/** Those that a token lacks, by their granular names. `granted`: as Zoom's token endpoint answers, separated by blanks. */
export function lacking(scopes: readonly Scope[], granted: string) {
  const given = new Set(granted.split(/[\s,]+/))
  const missing = scopes.filter(({ granular, classic }) => !given.has(granular) && !given.has(classic))
  const names = (is: boolean) =>
    missing.filter(({ optional = false }) => optional === is).map(({ granular }) => granular)
  return { needed: names(false), optional: names(true) }
}
