import type { CalendarEvent } from '../contract/calendar-event.ts'

/** A period of time, in milliseconds since 1970. */
export interface Period {
  readonly from: number
  readonly to: number
}

/**
 * The person's own calendar, as an app reads it. All that is not in `CalendarEvent` is dropped before this returns. Throws
 * `calendar_unreachable`, `calendar_busy`, with the seconds to wait if the provider says them, or `TokenRefused`.
 */
export interface Calendar {
  /** Every event that overlaps the period, each occurrence of a series by itself. */
  read(period: Period, signal: AbortSignal): Promise<CalendarEvent[]>
}

/** The provider does not accept the access token. */
export class TokenRefused extends Error {
  constructor() {
    super('The provider refused the access token')
    this.name = 'TokenRefused'
  }
}

/** Pages of one answer. A provider that gives more does not end. */
const mostPages = 50

/** Reads one page after another. `next` says where the following one is, or undefined. */
export async function pages<Page>(
  first: string,
  get: (address: string) => Promise<Page>,
  next: (page: Page) => string | undefined,
): Promise<Page[]> {
  const all: Page[] = []
  for (let address: string | undefined = first; address && all.length < mostPages; ) {
    const page: Page = await get(address)
    all.push(page)
    address = next(page)
  }
  return all
}

/** An instant as the providers take it. */
export const instant = (at: number) => new Date(at).toISOString()
