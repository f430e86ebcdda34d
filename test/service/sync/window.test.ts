import { expect, test } from 'vitest'
import { isCurrent, windowAt } from '../../../src/service/sync/window.ts'

const iso = (now: string) => {
  const { from, to } = windowAt(Date.parse(now))
  return [from, to].map((instant) => new Date(instant).toISOString())
}

test('the window is 6 months back and 18 ahead, also at the end of a month', () => {
  expect(iso('2026-11-29T10:00:00Z')).toEqual(['2026-05-28T10:00:00.000Z', '2028-05-28T10:00:00.000Z'])
  expect(iso('2026-08-31T00:00:00Z')).toEqual(['2026-02-28T00:00:00.000Z', '2028-02-28T00:00:00.000Z'])
})

test('a token for changes is used for a week, and then the window moves on', () => {
  const now = Date.parse('2026-11-20T10:00:00Z')
  const week = 7 * 86_400_000
  const begun = new Date(windowAt(now).from)
  expect(isCurrent(begun, now + week - 1)).toBe(true)
  expect(isCurrent(begun, now + week)).toBe(false)
  expect(isCurrent(null, now)).toBe(false)
})
