import { RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible'
import { Problem } from '../../contract/problems.ts'

/** How often somebody may ask within a minute, counted in this process alone. */
export function rateLimit(perMinute: number) {
  const limiter = new RateLimiterMemory({ points: perMinute, duration: 60 })
  return {
    /** Throws `too_many_requests` with the seconds to wait. */
    async count(who: string): Promise<void> {
      await limiter.consume(who).catch(({ msBeforeNext }: RateLimiterRes) => {
        throw new Problem('too_many_requests', { retryAfter: Math.ceil(msBeforeNext / 1000) })
      })
    },
    /** It did not count: many people of one organisation come from one address. */
    async forgive(who: string): Promise<void> {
      await limiter.reward(who)
    },
  }
}
