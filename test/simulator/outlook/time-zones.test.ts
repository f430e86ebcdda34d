import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  instantOf,
  offsetAt,
  offsets,
  wallTime,
  zones,
} from '../../../src/simulator/outlook/item/time-zones.ts'

const berlin = 'W. Europe Standard Time'
const at = Date.parse

describe('local time', () => {
  test('is an instant’s in its zone', () => {
    expect(wallTime(at('2026-12-01T09:00:00Z'), berlin)).toBe('2026-12-01T10:00')
    expect(wallTime(at('2026-07-01T09:00:00Z'), berlin)).toBe('2026-07-01T11:00')
    expect(wallTime(at('2026-12-01T09:00:00Z'), 'India Standard Time')).toBe('2026-12-01T14:30')
  })

  test('follows the law of 2026, whatever the machine’s zone data', () => {
    expect(wallTime(at('2026-12-01T09:00:00Z'), 'Morocco Standard Time')).toBe('2026-12-01T09:00')
    expect(wallTime(at('2026-12-01T09:00:00Z'), 'America/Vancouver')).toBe('2026-12-01T02:00')
  })

  test('occurs twice in autumn: the first counts', () => {
    expect(instantOf('2026-10-25T02:30', berlin)).toBe(at('2026-10-25T00:30:00Z'))
  })

  test('that does not occur in spring moves by the gap', () => {
    expect(wallTime(instantOf('2026-03-29T02:30', berlin), berlin)).toBe('2026-03-29T03:30')
  })

  test('of any zone converts back to the same instant', () => {
    const names = zones(at('2026-01-01T00:00Z')).map(({ name }) => name)
    const minutes = fc.integer({
      min: at('2020-01-01T00:00Z') / 60_000,
      max: at('2035-01-01T00:00Z') / 60_000,
    })
    fc.assert(
      fc.property(minutes, fc.constantFrom(...names), (minute, zone) => {
        const wall = wallTime(minute * 60_000, zone)
        expect(wallTime(instantOf(wall, zone), zone)).toBe(wall)
      }),
    )
  })
})

test('the form offers every Windows zone, from west to east', () => {
  const offered = zones(at('2026-01-01T00:00Z'))
  expect(offered.length).toBeGreaterThan(130)
  expect(offered).toContainEqual({ name: berlin, says: `${berlin} (UTC+01:00)` })
  const ahead = offered.map(({ name }) => offsetAt(at('2026-01-01T00:00Z'), name))
  expect(ahead).toEqual(ahead.toSorted((a, b) => a - b))
})

test('a zone’s offsets change when its local time does', () => {
  const rows = offsets(berlin, at('2026-01-01T00:00Z'), at('2027-01-01T00:00Z'))
  expect(rows.map(({ start, offset }) => [new Date(start).toISOString(), offset])).toEqual([
    ['2026-01-01T00:00:00.000Z', 60],
    ['2026-03-29T01:00:00.000Z', 120],
    ['2026-10-25T01:00:00.000Z', 60],
  ])
  expect(rows.at(-1)?.end).toBe(at('2027-01-01T00:00Z'))
})
