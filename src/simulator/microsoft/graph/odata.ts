import type { Context } from 'hono'
import { offsetAt } from '../../outlook/item/time-zones.ts'
import { GraphError } from './errors.ts'

/** What a request wants of the form of its answer. Source: Microsoft Graph, "Use query parameters", "Prefer". */
export interface Wanted {
  /** Undefined: every property. */
  select?: readonly string[]
  /** The ids of the extended properties to add. */
  extended: readonly string[]
  /** Windows or IANA name. */
  timeZone: string
  immutableIds: boolean
  /** Rows on a page. */
  pageSize: number
}

/** Microsoft does not publish Graph's own page size of a delta; this is that of a list. */
const usualPage = 10
const largestPage = 1000

/** Reads `$select`, `$expand` and the `Prefer` header, which can have several values. */
export function wantedBy(c: Context): Wanted {
  const prefer = c.req.header('prefer') ?? ''
  const select = c.req.query('$select')?.split(',')
  return {
    ...(select && { select: select.map((name) => name.trim()) }),
    extended: extendedIn(c.req.query('$expand')),
    timeZone: zoneIn(prefer),
    immutableIds: wantsImmutableIds(c),
    pageSize: Math.min(largestPage, Number(/odata\.maxpagesize=(\d+)/i.exec(prefer)?.[1] ?? usualPage)),
  }
}

export const wantsImmutableIds = (c: Context) => /IdType="?ImmutableId"?/i.test(c.req.header('prefer') ?? '')

/** The headers that say which wishes were met. */
export function applied({ timeZone, immutableIds }: Wanted, c: Context): Record<string, string> {
  const asked = c.req.header('prefer') ?? ''
  const met = [
    ...(/outlook\.timezone/i.test(asked) ? [`outlook.timezone="${timeZone}"`] : []),
    ...(immutableIds ? ['IdType="ImmutableId"'] : []),
  ]
  return met.length > 0 ? { 'preference-applied': met.join(', ') } : {}
}

function zoneIn(prefer: string): string {
  const zone = /outlook\.timezone="([^"]*)"/i.exec(prefer)?.[1] ?? 'UTC'
  try {
    offsetAt(0, zone)
    return zone
  } catch {
    throw new GraphError(
      'TimeZoneNotSupportedException',
      `A valid TimeZone value must be specified. The following TimeZone value is not supported: '${zone}'.`,
    )
  }
}

/** `singleValueExtendedProperties($filter=id eq 'A' or id eq 'B')`: the only expansion that events have here. */
function extendedIn(expand: string | undefined): string[] {
  if (expand === undefined) return []
  const filter = /^singleValueExtendedProperties\(\$filter=(.+)\)$/i.exec(expand)?.[1]
  const ids = filter?.split(/ or /i).map((part) => /^\s*id eq '([^']+)'\s*$/i.exec(part)?.[1])
  if (!ids?.every((id) => id !== undefined))
    throw new GraphError('BadRequest', `Parsing OData Select and Expand failed: '${expand}'.`)
  return ids
}
