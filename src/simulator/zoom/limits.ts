import { pause } from '../kit/faults.ts'
import { Refusal } from './refusals.ts'

/** Rate limits of an account, by plan. Source: Zoom API, "Rate limits". */
const plans = {
  /** Per second: light and medium calls of the account. Per day: meetings created or changed for one host. */
  pro: { Light: 30, Medium: 20, changesADay: 100 },
  /** No limits: for benchmarks of the service. */
  none: { Light: Infinity, Medium: Infinity, changesADay: Infinity },
} as const
export type Plan = keyof typeof plans
export type Category = 'Light' | 'Medium'

/** Duration of a deletion in ms. Zoom allows one deletion per host at a time. */
const deletion = 20

/** Counts an account's calls, in windows of whole seconds and whole UTC days of `now`. */
export function createLimits(plan: Plan, now: () => number) {
  const seconds = new Map<Category, { second: number; count: number }>()
  const days = new Map<string, { day: number; count: number }>()
  const deleting = new Set<string>()

  return {
    /** Counts a call and returns Zoom's headers for it; throws a refusal above the limit per second. */
    call(category: Category): Record<string, string> {
      const limit = plans[plan][category]
      if (limit === Infinity) return {}
      const second = Math.floor(now() / 1000)
      const seen = seconds.get(category)
      const count = (seen?.second === second ? seen.count : 0) + 1
      seconds.set(category, { second, count })
      const headers = {
        'x-ratelimit-category': category,
        'x-ratelimit-type': 'QPS',
        'x-ratelimit-limit': String(limit),
        'x-ratelimit-remaining': String(Math.max(0, limit - count)),
      }
      if (count <= limit) return headers
      throw new Refusal('too fast', { headers: { ...headers, 'x-ratelimit-reset': String(second + 1) } })
    },

    /** Counts a meeting created or changed for a host; throws a refusal above the limit per day. */
    change(hostId: string): void {
      const limit = plans[plan].changesADay
      const day = Math.floor(now() / 86_400_000)
      const seen = days.get(hostId)
      const count = (seen?.day === day ? seen.count : 0) + 1
      if (count > limit) throw new Refusal('too many today', tomorrow(limit, day))
      days.set(hostId, { day, count })
    },

    /** Runs a deletion; throws a refusal while another deletion for the same host runs. */
    async deletion(hostId: string, work: () => void): Promise<void> {
      if (plan === 'none') return work()
      if (deleting.has(hostId)) throw new Refusal('too many deletes')
      deleting.add(hostId)
      await pause(deletion)
      deleting.delete(hostId)
      work()
    },

    reset(): void {
      seconds.clear()
      days.clear()
    },
  }
}

function tomorrow(limit: number, day: number) {
  return {
    about: String(limit),
    headers: {
      'x-ratelimit-type': 'Daily-limit',
      'x-ratelimit-limit': String(limit),
      'x-ratelimit-remaining': '0',
      'retry-after': `${new Date((day + 1) * 86_400_000).toISOString().slice(0, 19)}Z`,
    },
  }
}
