import type { CheckName, Finding, FindingName } from '../../contract/doctor.ts'
import type { Settings } from '../all-settings.ts'
import type { Database } from '../database/open.ts'
import type { Log } from '../log.ts'

/** What every check can use. */
export interface Around {
  settings: Settings
  /** The database of the service, or why it cannot be looked at. */
  opened(): Promise<{ database: Database } | Found>
  /** An administrator's own access token for Microsoft Graph. */
  graphToken?: string | undefined
  /** A room whose settings are looked at. */
  room?: string | undefined
  /** A mailbox that the application must open, and one that it must not. */
  mailbox?: string | undefined
  outside?: string | undefined
  log: Log
}

/** What a check found. */
export type Found = Pick<Finding, 'finding' | 'values'>

export interface Check {
  /** The checks without which this one can find nothing. */
  after?: readonly CheckName[]
  /** Whether the deployment has what this check is about. It is left out otherwise. */
  concerns?(around: Around): boolean
  /** Looks, before the signal aborts. What it throws is no finding of its own. */
  look(around: Around, signal: AbortSignal): Promise<Found | readonly Found[]>
}

export const found = (finding: FindingName, values: Finding['values'] = {}): Found => ({ finding, values })

/** A failed connection is an answer; a deadline is not. */
export const unlessLate = (signal: AbortSignal) => (error: unknown) => {
  if (signal.aborted) throw error
  return undefined
}

/** The code of Node's or OpenSSL's error, also of one inside another. */
export const codeOf = (error: unknown): string => {
  const { code, cause } = error as { code?: unknown; cause?: unknown }
  if (typeof code === 'string') return code
  return cause === undefined ? '' : codeOf(cause)
}
