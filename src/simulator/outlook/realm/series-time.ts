import type { Recurrence } from '../item/recurrence.ts'

/** `Office.SeriesTime`: dates and times of a series in ISO 8601, without a zone. */
export function seriesTime(series: Recurrence['seriesTimeJson']) {
  const { startYear, startMonth, startDay, startTimeMin, durationMin } = series
  return {
    getStartDate: () => day(startYear, startMonth, startDay),
    getEndDate: () => ('noEndDate' in series ? null : day(series.endYear, series.endMonth, series.endDay)),
    getStartTime: () => clock(startTimeMin),
    getEndTime: () => clock((startTimeMin + durationMin) % (24 * 60)),
    getDuration: () => durationMin,
  }
}

const two = (n: number) => String(n).padStart(2, '0')

const day = (...parts: number[]) => parts.map(two).join('-')

const clock = (minutes: number) => `T${two(Math.floor(minutes / 60))}:${two(minutes % 60)}:00.000`
