import { z } from 'zod'
import { Problem } from '../../../contract/problems.ts'
import { keyIn, noteNameOf, noteSet } from '../note.ts'
import type { ProviderEvent } from '../provider.ts'

/** What is read of an event: nothing of people, place or text ("event resource type"). */
export const selected = [
  ...['id', 'changeKey', 'type', 'seriesMasterId', 'subject', 'start', 'end', 'isAllDay'],
  ...['isCancelled', 'isOrganizer', 'originalStartTimeZone', 'createdDateTime'],
].join(',')

/** Graph's name of the property in which Exchange keeps the add-in's custom properties. */
export const propertyOf = (addinId: string) => `String {${noteSet}} Name ${noteNameOf(addinId)}`

/** A wall time in the zone that was asked for, UTC: `2026-11-23T14:00:00.0000000`. */
const wallTime = z
  .object({
    dateTime: z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,7})?$/),
    timeZone: z.literal('UTC'),
  })
  .transform(({ dateTime }) => `${dateTime.slice(0, 19)}Z`)

const event = z.object({
  id: z.string().min(1).max(512),
  changeKey: z.string().nullish(),
  type: z.enum(['singleInstance', 'seriesMaster', 'occurrence', 'exception']),
  seriesMasterId: z.string().nullish(),
  subject: z.string().nullish(),
  start: wallTime,
  end: wallTime,
  isAllDay: z.boolean().nullish(),
  isCancelled: z.boolean().nullish(),
  isOrganizer: z.boolean().nullish(),
  originalStartTimeZone: z.string().nullish(),
  createdDateTime: z.string().nullish(),
  singleValueExtendedProperties: z
    .array(z.object({ id: z.string(), value: z.string().nullish() }))
    .nullish()
    .catch(undefined),
})

const kinds = {
  singleInstance: 'single',
  seriesMaster: 'series',
  occurrence: 'occurrence',
  exception: 'exception',
} as const

/** Reads an event of Graph. Throws `calendar_unreachable` if it has another form than in Graph's contract. */
export function eventFrom(body: unknown, property: string): ProviderEvent {
  const { success, data } = event.safeParse(body)
  if (!success) throw new Problem('calendar_unreachable')
  const custom = data.singleValueExtendedProperties?.find(
    ({ id }) => id.toLowerCase() === property.toLowerCase(),
  )
  const key = keyIn(custom?.value)
  return {
    id: data.id,
    version: data.changeKey ?? '',
    kind: kinds[data.type],
    ...(data.seriesMasterId && { seriesId: data.seriesMasterId }),
    cancelled: data.isCancelled ?? false,
    organised: data.isOrganizer ?? true,
    subject: data.subject ?? '',
    start: data.start,
    end: data.end,
    allDay: data.isAllDay ?? false,
    created: data.createdDateTime ?? '',
    ...(data.originalStartTimeZone && { timeZone: data.originalStartTimeZone }),
    ...(key && { key }),
  }
}
