import { lastDay, type Recurrence } from '../../outlook/item/recurrence.ts'
import { instantOf, wallTime } from '../../outlook/item/time-zones.ts'

const day = 86_400_000
const dayNames = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']
const monthNames = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const weekNumbers = ['first', 'second', 'third', 'fourth']

/** The recurrence properties of Office.js. */
export interface Properties {
  interval?: number
  days?: readonly string[]
  dayOfMonth?: number
  dayOfWeek?: string
  weekNumber?: string
  month?: string
  firstDayOfWeek?: string
}

/** A series: its pattern, and its first occurrence in ms since 1970. */
export interface Series {
  recurrence: Recurrence
  start: number
  timeZone: string
}

/** The starts of a series that lie in a period, in ms since 1970: each at the local time of the first. */
export function startsOf({ recurrence, start, timeZone }: Series, from: number, to: number): number[] {
  const wall = wallTime(start, timeZone)
  const first = midnight(wall.slice(0, 10))
  const last = Math.min(midnight(lastDay(recurrence) || '9999-12-31'), to + day)
  const starts: number[] = []
  for (let at = first; at <= last; at += day) {
    if (!happens(recurrence, new Date(first), new Date(at))) continue
    const begins = instantOf(new Date(at).toISOString().slice(0, 10) + wall.slice(10), timeZone)
    if (begins >= from && begins < to) starts.push(begins)
  }
  return starts
}

const midnight = (date: string) => Date.parse(`${date}T00:00Z`)

/** Whether the pattern has an occurrence on this day. */
function happens(recurrence: Recurrence, first: Date, at: Date): boolean {
  const { interval = 1, days = [], ...properties }: Properties = recurrence.recurrenceProperties ?? {}
  const passed = Math.round((at.getTime() - first.getTime()) / day)
  const [years, months] = [
    at.getUTCFullYear() - first.getUTCFullYear(),
    at.getUTCMonth() - first.getUTCMonth(),
  ]
  const isDay = properties.dayOfWeek ? isNth(at, properties) : isDate(at, properties)
  const firstOfWeek = Math.max(0, dayNames.indexOf(properties.firstDayOfWeek ?? 'sun'))
  const weekOf = (date: Date) => Math.floor((date.getTime() / day + 4 - firstOfWeek) / 7)
  return {
    daily: passed % interval === 0,
    weekday: at.getUTCDay() % 6 !== 0,
    weekly: (weekOf(at) - weekOf(first)) % interval === 0 && days.includes(dayNames[at.getUTCDay()] ?? ''),
    monthly: (12 * years + months) % interval === 0 && isDay,
    yearly: years % interval === 0 && monthNames[at.getUTCMonth()] === properties.month && isDay,
  }[recurrence.recurrenceType]
}

/** The 31st is the last day of a shorter month. */
function isDate(at: Date, { dayOfMonth = 1 }: Properties): boolean {
  return at.getUTCDate() === Math.min(dayOfMonth, daysIn(at))
}

/** The second Tuesday, the last Friday. */
function isNth(at: Date, { dayOfWeek = '', weekNumber = 'first' }: Properties): boolean {
  if (dayNames[at.getUTCDay()] !== dayOfWeek) return false
  const date = at.getUTCDate()
  return weekNumber === 'last'
    ? date > daysIn(at) - 7
    : Math.ceil(date / 7) - 1 === weekNumbers.indexOf(weekNumber)
}

const daysIn = (at: Date) => new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1, 0)).getUTCDate()
