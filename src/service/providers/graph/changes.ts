import { z } from 'zod'
import { Problem } from '../../../contract/problems.ts'
import { type Changes, eventId } from '../provider.ts'

const row = z.object({
  id: z.string(),
  type: z.string().nullish(),
  seriesMasterId: z.string().nullish(),
  '@removed': z.unknown().optional(),
})
const page = z.object({
  value: z.array(z.unknown()),
  '@odata.nextLink': z.string().optional(),
  '@odata.deltaLink': z.string().optional(),
})

/** A token of Graph, as it stands in a link. */
const token = /^[A-Za-z0-9_.~%=-]{1,8192}$/

/**
 * Reads a page of changes ("event: delta"). Only ids are taken: rows may have null fields, or few. `more`: the query of
 * the next page. The links themselves are not followed, so that no answer can send the access token elsewhere.
 */
export function changesFrom(body: unknown): Changes & { more?: string } {
  const { success, data } = page.safeParse(body)
  if (!success) throw new Problem('calendar_unreachable')
  const ids = new Set<string>()
  const gone = new Set<string>()
  let odd = 0
  for (const one of data.value) {
    const { id, type, seriesMasterId, '@removed': removed } = row.safeParse(one).data ?? {}
    const isPart = type === 'occurrence' || type === 'exception'
    const whole = isPart ? seriesMasterId : id
    if (whole && eventId.test(whole)) (removed ? gone : ids).add(whole)
    else odd++
  }
  const skip = tokenIn(data['@odata.nextLink'], '$skiptoken')
  const next = tokenIn(data['@odata.deltaLink'], '$deltatoken')
  if (!skip && !next) throw new Problem('calendar_unreachable')
  return {
    ids: [...ids],
    gone: [...gone],
    ...(odd > 0 && { odd }),
    ...(next && { next }),
    ...(skip && { more: `$skiptoken=${skip}` }),
  }
}

/** As it is encoded in the link. */
function tokenIn(link: string | undefined, name: string): string | undefined {
  const query = link?.split('?')[1] ?? ''
  const found = query.split('&').find((part) => decodeURIComponent(part.split('=')[0] ?? '') === name)
  const value = found?.slice(found.indexOf('=') + 1)
  return value && token.test(value) ? value : undefined
}
