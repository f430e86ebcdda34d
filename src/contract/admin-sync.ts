import { z } from 'zod'
import { subjectSchema } from './admin.ts'

// What the console and the service say to each other about calendar sync. The console imports only the types.

export const syncQuerySchema = z.object({
  /** The last person of the page before. */
  after: subjectSchema.optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  /** `nextFailed` of the page before. */
  failedAfter: z
    .string()
    .regex(/^\d{1,17}\.[0-9a-f-]{36}$/)
    .optional(),
})
export type SyncQuery = z.infer<typeof syncQuerySchema>

/**
 * `watched`: the provider notifies the service. `starting`: it will soon. `failing`: the provider did not answer, or
 * refused, the last time; the service tries again by itself. `emptied`: most appointments with a meeting were missing of a
 * sudden; their meetings are kept.
 */
const watchStates = ['watched', 'starting', 'failing', 'emptied'] as const

const time = z.iso.datetime().nullable()

export const watchedPersonSchema = z.object({
  subject: z.string(),
  state: z.enum(watchStates),
  /** When an event was followed last. Null: none since the calendar is watched. */
  lastChange: time,
  /** When the whole calendar was compared last. */
  lastCheck: time,
})
export type WatchedPerson = z.infer<typeof watchedPersonSchema>

/** An event that could not be followed for about five hours. */
export const failedEventSchema = z.object({
  id: z.uuid(),
  subject: z.string(),
  /** The code of a problem. */
  reason: z.string(),
  at: z.iso.datetime(),
})
export type FailedEvent = z.infer<typeof failedEventSchema>

export const syncStatusSchema = z.object({
  people: z.array(watchedPersonSchema),
  /** `after` of the next page. Missing: this is the last one. */
  next: z.string().optional(),
  /** The newest first, at most 100. */
  failed: z.array(failedEventSchema),
  /** How many there are in all. */
  failedCount: z.int(),
  /** `failedAfter` of the next page. Missing: this is the last one. */
  nextFailed: z.string().optional(),
  /** Meetings that were changed or deleted in Zoom and stay so. */
  different: z.int(),
  /** Events that wait to be followed. */
  waiting: z.int(),
})
export type SyncStatus = z.infer<typeof syncStatusSchema>
