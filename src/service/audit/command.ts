import { once } from 'node:events'
import { parsed, UsageError, withDatabase } from '../command-line.ts'
import { settingsReader } from '../settings/read.ts'
import { readCheckpoints } from './checkpoints.ts'
import { exportLines, type Format, formats } from './export.ts'
import { auditSettings } from './settings.ts'
import { type Verdict, verifyAndRecord, verifyExport } from './verify.ts'

export const auditHelp = `zoom-for-outlook admin audit verify [--checkpoints FILE] [--file EXPORT] [--json]
  Verifies that no record of the audit trail was changed, removed, added or moved.
  --checkpoints FILE  compares with these checkpoints; by default AUDIT_CHECKPOINT_FILE
  --file EXPORT       verifies an export as JSON Lines instead of the database
  --json              writes the result as JSON

zoom-for-outlook admin audit export [--format jsonl|ocsf] [--from SEQ] [--json]
  Writes the audit trail to standard output, one JSON object a line.
  --format            jsonl (the default) can be verified; ocsf is for a SIEM (OCSF 1.2.0)
  --from SEQ          begins with this record
  --json              writes the summary, which goes to standard error, as JSON

Both read DATABASE_URL or DATA_DIR, as the service does, and record themselves in the trail.
Exit code: 0 intact or exported, 1 not intact, 2 not done.`

/** Runs `audit verify` or `audit export`. Returns the exit code. Throws errors for an administrator. */
export async function auditCommand([command, ...args]: string[]): Promise<number> {
  if (command === 'verify') return verify(args)
  if (command === 'export') return exportTrail(args)
  throw new UsageError(command ? `There is no command "audit ${command}"` : 'Say verify or export')
}

async function verify(args: string[]): Promise<number> {
  const {
    checkpoints: given,
    file,
    json,
  } = parsed(args, {
    checkpoints: { type: 'string' },
    file: { type: 'string' },
    json: { type: 'boolean' },
  }).values
  const path = given ?? readFileSetting(process.env).AUDIT_CHECKPOINT_FILE
  const checkpoints = path ? await readCheckpoints(path) : new Map<number, string>()
  const verdict = file
    ? await verifyExport(file, checkpoints)
    : await withDatabase((database) => verifyAndRecord(database, checkpoints, 'command-line'))
  console.log(json ? JSON.stringify(verdict) : inWords(verdict, path !== undefined))
  return verdict.intact ? 0 : 1
}

function inWords({ intact, fault, first, last, checkpoints }: Verdict, compared: boolean): string {
  const which = last < first || first === 0 ? 'No record' : `Records ${first} to ${last}`
  const agree = compared ? ` ${checkpoints} checkpoints agree.` : ' No checkpoints were compared.'
  return intact
    ? `The audit trail is intact. ${which}.${agree}`
    : `${fault?.says} Intact before: ${which.toLowerCase()}.`
}

async function exportTrail(args: string[]): Promise<number> {
  const {
    format = 'jsonl',
    from = '1',
    json,
  } = parsed(args, {
    format: { type: 'string' },
    from: { type: 'string' },
    json: { type: 'boolean' },
  }).values
  if (!isFormat(format)) throw new UsageError(`--format must be ${Object.keys(formats).join(' or ')}`)
  if (!/^[1-9]\d{0,14}$/.test(from)) throw new UsageError('--from must be the number of a record')
  const records = await withDatabase((database) =>
    write(exportLines(database, format, Number(from), 'command-line')),
  )
  console.error(json ? JSON.stringify({ records, format }) : `${records} records exported.`)
  return 0
}

const isFormat = (text: string): text is Format => Object.hasOwn(formats, text)

/** Writes the lines as fast as standard output takes them. Returns how many. */
async function write(lines: AsyncIterable<string>): Promise<number> {
  let count = 0
  for await (const line of lines) {
    if (!process.stdout.write(line)) await once(process.stdout, 'drain')
    count++
  }
  return count
}

const readFileSetting = settingsReader(auditSettings)
