import type { Fields, Listener } from '../log.ts'

type Line = Parameters<Listener>[0]

/** One request to an outside system, as the log tells it. */
export interface OutsideCall {
  vendor: string
  /** Method and path without ids: `PATCH /meetings/{meetingId}`. */
  operation: string
  outcome: 'ok' | 'refused' | 'throttled' | 'failed' | 'silent'
  milliseconds: number
}

const vendors: Partial<Record<Line, string>> = {
  'zoom call': 'zoom',
  'graph call': 'graph',
  'entra call': 'entra',
  'google call': 'google',
  'exchange call': 'exchange',
}

/** Undefined: the line is about something else. */
export function outsideCallIn(line: Line, fields: Fields): OutsideCall | undefined {
  const vendor = vendors[line]
  if (!vendor) return undefined
  const { method = 'POST', route = '/', milliseconds = 0 } = fields
  return { vendor, operation: `${method} ${route}`, outcome: outcomeOf(fields), milliseconds }
}

/** What an Exchange server's answer came to: several requests come to one, and one that says that it is busy may be a 200. */
const reasons: Readonly<Record<string, OutsideCall['outcome']>> = {
  down: 'silent',
  busy: 'throttled',
  accepted: 'ok',
}

function outcomeOf({ status = 0, reason }: Fields): OutsideCall['outcome'] {
  if (reason) return reasons[reason] ?? 'refused'
  if (status === 0) return 'silent'
  if (status === 429) return 'throttled'
  return status < 300 ? 'ok' : status < 500 ? 'refused' : 'failed'
}
