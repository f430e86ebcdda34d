import { RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible'
import { Problem } from '../../contract/problems.ts'

export type RateLimit = ReturnType<typeof rateLimit>

/** Limits requests per minute, for each name. Each process counts by itself. */
export function rateLimit(perMinute: number) {
  const limiter = new RateLimiterMemory({ points: perMinute, duration: 60 })
  return {
    /** Throws `too_many_requests` with the seconds to wait. */
    async count(who: string): Promise<void> {
      try {
        await limiter.consume(who)
      } catch (refusal) {
        const { msBeforeNext } = refusal as RateLimiterRes
        throw new Problem('too_many_requests', { retryAfter: Math.ceil(msBeforeNext / 1000) })
      }
    },
    /** Takes one request back: many people of one organisation share an address. */
    async forgive(who: string): Promise<void> {
      await limiter.reward(who)
    },
  }
}
