import { pino } from 'pino'
import { optionNames, textNames } from '../contract/meeting-options.ts'
import { Problem } from '../contract/problems.ts'
import { acts } from './audit/acts.ts'

/** Every log line: one row for each message. */
type Line =
  | 'started'
  | 'stopping'
  | 'request'
  | 'problem'
  | 'bug'
  | 'zoom call'
  | 'entra call'
  | 'google call'
  | 'graph call'
  | 'exchange call'
  | 'audit'
  | 'zoom token not revoked'
  | 'provider not told'
  | 'exchange metadata unavailable'
  | 'exchange certificate ends'
  | 'certificate renewed'
  | 'certificate not renewed'
  | 'certificate ends'
  | 'entra keys unavailable'
  | 'orphan removed'
  | 'removal not undone'
  | 'meeting id ends'
  | 'calendar watched'
  | 'event followed'
  | 'events not followed'
  | 'calendar compared'
  | 'divergence repaired'
  | 'discarded meetings removed'
  | 'appointments missing'
  | 'notifications refused'
  | 'work failed'
  | 'traces not sent'
  | 'vault key in use'
  | 'vault key unused'
  | 'vault key unavailable'
  | 'credential not opened'

/**
 * Every field of a log line: its name and the only form that its value may have. No text that a person wrote and no
 * token has one of these forms. So neither can reach the log, whatever the calling code does.
 */
const fields = {
  requestId: /^[\w-]{8,64}$/,
  method: /^[A-Z]{3,7}$/,
  route: /^\/[\w/{}:.*-]{0,64}$/,
  status: 'number',
  milliseconds: 'number',
  port: 'number',
  /** Where metrics are read. */
  metricsPort: 'number',
  problem: /^[a-z_]{1,32}$/,
  field: new RegExp(
    `^(${[...optionNames, ...textNames].join('|')}|name|options|subject|start|minutes|timeZone|recurring|key|body|token|link|code|verifier|challenge|state|schedule-for|own-calendar|undo-removal|objectId|zoomUserId|nameHash|provider|after|limit|permission|refused|host|pin|titles|kind|user|password|version|lines|id|passcode|dialIn|dialInCountries|sipDomain|help|logo|before|after|texts(\\.(other|[a-z]{2}(-[A-Z]{2})?)\\.(before|after))?|rules(\\.\\d{1,3}(\\.(group|name|value))?)?)$`,
  ),
  reason: /^[a-z_]{1,48}$/,
  /** Which periodic work a `work failed` line is about. */
  work: /^(sweep|expiring|changes|expired-proofs|vault|audit|access-token|apps|hints|refused-passwords|mailbox-codes|jobs|watches|passes|polls|pushes|streams|discarded|events|restrictions|zoom-withdrawn|room-pairings|room-systems)$/,
  /** What an `audit` line is about: only appended, never changed. */
  act: new RegExp(`^(${Object.keys(acts).join('|')})$`),
  caller: /^(entra:[0-9a-f-]{36}:[0-9a-f-]{36}|exch:[\w-]{43})$/,
  provider: /^(microsoft|google|zoom|exchange)$/,
  /** A host name from the settings. */
  server: /^[\w.-]{1,253}$/,
  days: 'number',
  /** Milliseconds from a notification of the provider to the change in Zoom. */
  lag: 'number',
  /** The id of a key of the vault, and how many stored credentials it has wrapped. */
  key: /^[a-z0-9:-]{1,128}$/i,
  records: 'number',
  /** Zoom's id, by which an administrator finds the meeting in Zoom's web portal. */
  meeting: /^\d{9,12}$/,
  error: /^\w{1,48}$/,
  /** SQLSTATE, or Node's name of an error of the system. */
  errorCode: /^([0-9A-Z]{5}|E[A-Z0-9_]{2,40})$/,
  stack: /^( {4}at [^\n]{1,300}\n?){0,20}$/,
  zoomCode: 'number',
  /** The scopes that Zoom's access token lacks. */
  zoomScopes: /^[a-z_]+(:[a-z_]+)+(, ?[a-z_]+(:[a-z_]+)+)*$/,
  /** The number of Entra's `AADSTS` code. */
  entraCode: 'number',
  /** The field of Zoom's answer that has another form than in Zoom's contract. */
  zoomField: /^[a-z_]{1,32}$/,
  database: /^(PostgreSQL|embedded)$/,
} as const

export type Fields = {
  [Name in keyof typeof fields]?: (typeof fields)[Name] extends 'number' ? number : string
}
export type Log = Record<'info' | 'warn' | 'error', (line: Line, fields?: Fields) => void>

/** A log of JSON lines on `destination`, standard output by default. */
export function createLog(destination?: { write(line: string): void }): Log {
  const writer = pino({ base: null, timestamp: timeOfLine }, destination ?? standardOutput())
  return {
    info: (line, said) => writer.info(only(said), line),
    warn: (line, said) => writer.warn(only(said), line),
    error: (line, said) => writer.error(only(said), line),
  }
}

let [instant, written] = [0, '']
/** The lines of one millisecond share the text of their time. */
function timeOfLine(): string {
  const now = Date.now()
  if (now !== instant) [instant, written] = [now, `,"time":"${new Date(now).toISOString()}"`]
  return written
}

/** Hears each line. The fields are as they were given: `formed` has those that the log shows. */
export type Listener = (line: Line, fields: Fields, level: keyof Log) => void

/** A log whose lines are heard too. */
export function heardBy(log: Log, listeners: readonly Listener[]): Log {
  const heard =
    (level: keyof Log): Log['info'] =>
    (line, fields = {}) => {
      for (const hear of listeners) hear(line, fields, level)
      log[level](line, fields)
    }
  return { info: heard('info'), warn: heard('warn'), error: heard('error') }
}

/** Writes the lines of one turn of the event loop together: a line each is a system call each. */
function standardOutput(): { write(line: string): void } {
  const output = pino.destination({ dest: 1, sync: true })
  let lines = ''
  function flush(): void {
    if (lines) output.write(lines)
    lines = ''
  }
  process.on('exit', flush)
  return {
    write(line) {
      if (!lines) setImmediate(flush)
      lines += line
    },
  }
}

/** The fields whose values have their form. Any other value is replaced by `[withheld]`. */
function only(said: Fields = {}): Record<string, unknown> {
  const shown: Record<string, unknown> = {}
  for (const name in said) {
    const value = said[name as keyof Fields]
    if (!Object.hasOwn(fields, name) || value === undefined) continue
    shown[name] = fits(fields[name as keyof Fields], value) ? value : '[withheld]'
  }
  return shown
}

/** The fields whose values have their form, and no other. */
export const formed = (said: Fields): Fields =>
  Object.fromEntries(
    Object.entries(said).filter(
      ([name, value]) => Object.hasOwn(fields, name) && fits(fields[name as keyof Fields], value),
    ),
  )

function fits(form: RegExp | 'number', value: unknown): boolean {
  return form === 'number' ? typeof value === 'number' : typeof value === 'string' && form.test(value)
}

/** Where an unexpected error came from, without its message: a message may quote the input that caused it. */
export function whereabouts(error: unknown): Fields {
  if (!(error instanceof Error)) return { error: 'thrown_value' }
  // A message of several lines may look like a stack.
  const frames = (error.stack ?? '').replace(error.message, () => '')
  const stack = frames.split('\n').filter((line) => /^ {4}at /.test(line))
  const { code } = error as { code?: unknown }
  return {
    error: error.name,
    ...(typeof code === 'string' && { errorCode: code }),
    stack: stack.slice(0, 10).join('\n'),
  }
}

/** An error that knows what the log may say about it. */
export interface LoggedCause {
  readonly logFields: Fields
}

/** Why something failed, as the log may say it: the problem and what its cause adds, or where the bug is. */
export function reasonOf(error: unknown): Fields {
  if (!(error instanceof Problem)) return { ...whereabouts(error), ...fieldsOf(error) }
  return { problem: error.code, ...causeFields(error) }
}

/** What the log may say about the cause of a problem. */
export function causeFields({ cause }: Problem): Fields {
  return fieldsOf(cause)
}

const fieldsOf = (error: unknown): Fields =>
  error instanceof Error && 'logFields' in error ? (error as Error & LoggedCause).logFields : {}
