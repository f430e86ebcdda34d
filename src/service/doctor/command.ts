import { readFileSync } from 'node:fs'
import { styleText } from 'node:util'
import { asText, type Finding, inWords, type State } from '../../contract/doctor.ts'
import { type DoctorLanguage, doctorTexts } from '../../contract/doctor-texts.ts'
import { readSettings, type Settings } from '../all-settings.ts'
import { parsed, UsageError } from '../command-line.ts'
import { InUse } from '../database/lock.ts'
import { type Database, OlderVersion, openExisting } from '../database/open.ts'
import { createLog } from '../log.ts'
import { InvalidSettings } from '../settings/read.ts'
import { type Around, codeOf, type Found, found } from './around.ts'
import { diagnose } from './diagnose.ts'

export const doctorHelp = `zoom-for-outlook doctor [--graph-token-file FILE] [--room ADDRESS] [--mailbox ADDRESS] [--outside ADDRESS]
                        [--seconds N] [--json] [--language en|fr]
  Checks the deployment from the outside in, with the settings of the service: each line is pass, fail or cannot tell
  from here, with the fix.
  --graph-token-file   a file with your own access token for Microsoft Graph, or - for standard input. With it, doctor
                       reads the registration at Entra; it changes nothing
  --room               a room: whether it keeps the title and the text of what it accepts
  --mailbox            a mailbox that the application's own permissions must open
  --outside            a mailbox that they must not open
  --seconds            for each check, 10 by default
  --language           by default that of the environment, if it is one of them
Exit code: 0 nothing fails, 1 something fails, 2 not checked.`

/** Runs `doctor`. Returns the exit code. Throws errors for an administrator. */
export async function doctorCommand(args: string[]): Promise<number> {
  const {
    json,
    language = ofEnvironment(),
    'graph-token-file': tokenFile,
    seconds,
    ...mailboxes
  } = parsed(args, {
    json: { type: 'boolean' },
    language: { type: 'string' },
    'graph-token-file': { type: 'string' },
    seconds: { type: 'string' },
    room: { type: 'string' },
    mailbox: { type: 'string' },
    outside: { type: 'string' },
  }).values
  if (!isLanguage(language)) throw new UsageError('--language must be en or fr')
  if (seconds !== undefined && !/^[1-9]\d{0,2}$/.test(seconds))
    throw new UsageError('--seconds must be a number from 1 to 999')
  for (const [option, address] of Object.entries(mailboxes))
    if (!/^[^\s/@]+@[^\s/@]+$/.test(address))
      throw new UsageError(`--${option} must be the address of a mailbox`)
  const texts = doctorTexts[language]
  const found = await linesOf(process.env, tokenFile, seconds, mailboxes)
  const lines = found.map((finding) => inWords(texts, finding))
  const paint = (state: State, said: string) => styleText(colours[state], said, { stream: process.stdout })
  console.log(json ? JSON.stringify({ lines }) : asText(texts, lines, paint))
  return lines.some(({ state }) => state === 'fail') ? 1 : 0
}

/** Without these no service runs: where none is set, it runs elsewhere, or nowhere yet. */
const always = ['PUBLIC_URL', 'ENTRA_CLIENT_ID', 'ZOOM_ACCOUNT_ID']

const colours = { pass: 'green', unknown: 'yellow', fail: 'redBright' } as const

async function linesOf(
  environment: NodeJS.ProcessEnv,
  tokenFile: string | undefined,
  seconds: string | undefined,
  mailboxes: Pick<Around, 'room' | 'mailbox' | 'outside'>,
): Promise<readonly Finding[]> {
  let settings: Settings
  try {
    settings = readSettings(environment)
  } catch (error) {
    if (!(error instanceof InvalidSettings)) throw error
    const faults = error.faults.map(({ kind, says }) => found(`setting_${kind}`, { fault: says }))
    const isElsewhere = always.every((name) => environment[name] === undefined)
    return [...faults, ...(isElsewhere ? [found('settings_absent')] : [])].map((one) => ({
      check: 'settings' as const,
      ...one,
    }))
  }
  const database = openedOnce(settings)
  return diagnose(
    {
      ...mailboxes,
      settings,
      opened: database.opened,
      graphToken: tokenFile === undefined ? undefined : tokenIn(tokenFile),
      log: createLog({ write() {} }),
    },
    seconds === undefined ? undefined : Number(seconds),
  ).finally(database.close)
}

/** `-` is standard input. */
function tokenIn(file: string): string {
  let token: string
  try {
    token = readFileSync(file === '-' ? 0 : file, 'utf8').trim()
  } catch (error) {
    throw new UsageError(`--graph-token-file names a file that cannot be read (${codeOf(error)})`)
  }
  if (!/^[\w.~+/-]+=*$/.test(token))
    throw new UsageError('--graph-token-file has no access token, or more than one')
  return token
}

/** Opens the database when the first check asks for it, and keeps why it cannot be opened. */
function openedOnce({ DATABASE_URL, DATA_DIR }: Settings) {
  let asked: ReturnType<typeof openExisting> | undefined
  return {
    async opened(): Promise<{ database: Database } | Found> {
      asked ??= openExisting(DATABASE_URL, DATA_DIR)
      return asked.catch(whyNot)
    },
    close: () => asked?.then(({ close }) => close()).catch(() => {}),
  }
}

/** Why the database cannot be looked at. `ENOENT`: there is none. */
function whyNot(error: Error): Found {
  if (error instanceof OlderVersion) return found('database_tables')
  return error instanceof InUse
    ? found('database_in_use')
    : found('database_unreachable', { reason: codeOf(error) || 'ENOENT' })
}

const isLanguage = (name: string): name is DoctorLanguage => Object.hasOwn(doctorTexts, name)

/** As POSIX names it: `fr_CA.UTF-8`. */
function ofEnvironment(): string {
  const { LC_ALL, LC_MESSAGES, LANG } = process.env
  const [language = ''] = (LC_ALL || LC_MESSAGES || LANG || '').split(/[_.@]/)
  return isLanguage(language) ? language : 'en'
}
