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

/** `reason`: an Exchange server is asked by several requests, which come to one answer. */
function outcomeOf({ status = 0, reason }: Fields): OutsideCall['outcome'] {
  if (reason) return reason === 'down' ? 'silent' : reason === 'accepted' ? 'ok' : 'refused'
  if (status === 0) return 'silent'
  if (status === 429) return 'throttled'
  return status < 300 ? 'ok' : status < 500 ? 'refused' : 'failed'
}
