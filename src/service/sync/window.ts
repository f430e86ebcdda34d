import type { Window } from '../providers/provider.ts'
import { day } from '../zoom/lifetime.ts'

/** A rolling window of 24 months: 6 back, 18 ahead. `now` in milliseconds. */
export const windowAt = (now: number): Window => ({ from: monthsFrom(now, -6), to: monthsFrom(now, 18) })

/** The window of a token is fixed, so a token is used for a week. The next pass then has a window of its own. */
export const isCurrent = (windowFrom: Date | null, now: number) =>
  windowFrom !== null && windowAt(now).from - windowFrom.getTime() < 7 * day

function monthsFrom(now: number, months: number): number {
  const date = new Date(now)
  return date.setUTCMonth(date.getUTCMonth() + months, Math.min(date.getUTCDate(), 28))
}
