import { instantOf, offsetAt, wallTime } from './time-zones.ts'

/** How an appointment repeats, in the form that Office.js and its host exchange. */
export interface Recurrence {
  recurrenceType: 'daily' | 'weekday' | 'weekly' | 'monthly' | 'yearly'
  recurrenceProperties: Record<string, unknown> | null
  recurrenceTimeZone: { name: string; offset: number }
  seriesTimeJson: SeriesTime
}

type SeriesTime = {
  startYear: number
  startMonth: number
  startDay: number
  startTimeMin: number
  durationMin: number
} & ({ noEndDate: true } | { endYear: number; endMonth: number; endDay: number })

/** The time of the first occurrence. */
export interface Occurrence {
  start: number
  end: number
  timeZone: string
}

/** The options of the form's Repeat. Each computes its properties from the day of the first occurrence. */
export const patterns: {
  type: Recurrence['recurrenceType']
  says: string
  properties(first: Date): Record<string, unknown> | null
  /** Years, months and days to the next occurrence. */
  step(first: Date): [number, number, number]
}[] = [
  { type: 'daily', says: 'Daily', properties: () => ({ interval: 1 }), step: () => [0, 0, 1] },
  {
    type: 'weekday',
    says: 'Every weekday',
    properties: () => null,
    step: (first) => [0, 0, first.getUTCDay() === friday ? 3 : 1],
  },
  {
    type: 'weekly',
    says: 'Weekly',
    properties: (first) => ({ interval: 1, days: [days[first.getUTCDay()]], firstDayOfWeek: 'mon' }),
    step: () => [0, 0, 7],
  },
  {
    type: 'monthly',
    says: 'Monthly',
    properties: (first) => ({ interval: 1, dayOfMonth: first.getUTCDate() }),
    step: () => [0, 1, 0],
  },
  {
    type: 'yearly',
    says: 'Yearly',
    properties: (first) => ({
      interval: 1,
      dayOfMonth: first.getUTCDate(),
      month: months[first.getUTCMonth()],
    }),
    step: () => [1, 0, 0],
  },
]

const friday = 5
const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']
const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

/** The recurrence for an option of the form. `until`: the last day, `2027-02-23`; empty: no end. */
export function repeat(type: string, first: Occurrence, until: string): Recurrence | null {
  const pattern = patterns.find((p) => p.type === type)
  if (!pattern) return null
  return {
    recurrenceType: pattern.type,
    recurrenceProperties: pattern.properties(dayOf(first)),
    recurrenceTimeZone: { name: first.timeZone, offset: offsetAt(first.start, first.timeZone) },
    seriesTimeJson: seriesTime(first, until),
  }
}

/** The pattern after its first occurrence has moved: a series on Tuesdays that moves to Wednesday is on Wednesdays. */
export function moved(recurrence: Recurrence, from: Occurrence, to: Occurrence): Recurrence {
  const pattern = patterns.find((p) => p.type === recurrence.recurrenceType)
  const asOffered = JSON.stringify(pattern?.properties(dayOf(from)))
  const follows = pattern && JSON.stringify(recurrence.recurrenceProperties) === asOffered
  return {
    ...recurrence,
    recurrenceProperties: follows ? pattern.properties(dayOf(to)) : recurrence.recurrenceProperties,
    recurrenceTimeZone: { name: to.timeZone, offset: offsetAt(to.start, to.timeZone) },
    seriesTimeJson: seriesTime(to, lastDay(recurrence)),
  }
}

/** The start of the second occurrence: at the same local time as the first. */
export function second({ recurrenceType }: Recurrence, first: Occurrence): number {
  const at = dayOf(first)
  const [years, months, days] = patterns.find(({ type }) => type === recurrenceType)?.step(at) ?? [0, 0, 1]
  at.setUTCFullYear(at.getUTCFullYear() + years, at.getUTCMonth() + months, at.getUTCDate() + days)
  return instantOf(at.toISOString().slice(0, 16), first.timeZone)
}

/** The same series with another last day. */
export function until(recurrence: Recurrence, first: Occurrence, day: string): Recurrence {
  return { ...recurrence, seriesTimeJson: seriesTime(first, day) }
}

/** The last day of a series, `2027-02-23`; empty: no end. */
export function lastDay({ seriesTimeJson: series }: Recurrence): string {
  if ('noEndDate' in series) return ''
  return [series.endYear, series.endMonth, series.endDay].map((n) => String(n).padStart(2, '0')).join('-')
}

function seriesTime({ start, end, timeZone }: Occurrence, until: string): SeriesTime {
  const first = dayOf({ start, end, timeZone })
  const [endYear, endMonth, endDay] = until.split('-').map(Number)
  return {
    startYear: first.getUTCFullYear(),
    startMonth: first.getUTCMonth() + 1,
    startDay: first.getUTCDate(),
    startTimeMin: first.getUTCHours() * 60 + first.getUTCMinutes(),
    durationMin: Math.round((end - start) / 60_000),
    ...(endYear && endMonth && endDay ? { endYear, endMonth, endDay } : { noEndDate: true }),
  }
}

/** The local time of the first occurrence, for `getUTC…`. */
function dayOf({ start, timeZone }: Occurrence): Date {
  return new Date(`${wallTime(start, timeZone)}Z`)
}
