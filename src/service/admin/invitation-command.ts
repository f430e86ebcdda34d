import { readFileSync } from 'node:fs'
import type { StoredInvitation } from '../../contract/admin-invitation.ts'
import { type Template, templateFrom } from '../../contract/invitation-template.ts'
import { append } from '../audit/append.ts'
import { createAudit } from '../audit/audit.ts'
import { directoryIn, inWords, parsed, UsageError, withDatabase } from '../command-line.ts'
import type { Database } from '../database/open.ts'
import { entraSettings } from '../identity/settings.ts'
import { createLog } from '../log.ts'
import { settingsReader } from '../settings/read.ts'
import { type Invitations, organisationInvitations } from '../templates/invitations.ts'
import { sealing } from '../templates/sealing.ts'
import { vaultSettings } from '../vault/settings.ts'
import { keyProvider, openCredentials } from '../vault/system.ts'
import { zoomApp, zoomSettings } from '../zoom/settings.ts'

export const invitationHelp = `zoom-for-outlook admin invitation show --organisation ID
zoom-for-outlook admin invitation set FILE --organisation ID
zoom-for-outlook admin invitation remove --organisation ID
  Shows, sets or removes what an organisation writes into its invitations, as JSON.
  FILE                a file with the template, in the form in which "show" prints it
  --organisation ID   the directory (tenant) id
  They also read the settings of the vault, of Zoom and of Entra ID: the template is stored sealed.`

const by = 'command-line'

/** Runs `invitation …`. Returns the exit code. Throws errors for an administrator. */
export async function invitationCommand([command, ...args]: string[]): Promise<number> {
  if (command !== 'show' && command !== 'set' && command !== 'remove')
    throw new UsageError(command ? `There is no command "invitation ${command}"` : 'Say show, set or remove')
  const { values, positionals } = parsed(args, { organisation: { type: 'string' } }, true)
  if (positionals.length !== (command === 'set' ? 1 : 0)) throw new UsageError('With "set", name one file')
  const organisation = `entra:${directoryIn(values.organisation)}`
  const wanted = command === 'set' ? templateIn(positionals[0] as string) : null
  const { template } = await withInvitations(async (invitations, database) => {
    if (command === 'show') {
      await append(database, { act: 'invitation viewed', caller: by, organisation })
      return invitations.stored(organisation)
    }
    const { version } = await invitations.stored(organisation)
    return invitations.change(by, organisation, { version, template: wanted }).catch(inWords)
  })
  console.log(JSON.stringify(template, null, 2))
  return 0
}

/** Throws a sentence that names the field at fault. */
function templateIn(file: string): Template {
  try {
    return templateFrom(JSON.parse(readFileSync(file, 'utf8')))
  } catch (error) {
    if (error instanceof SyntaxError) throw new Error(`${file} is not JSON`)
    return inWords(error)
  }
}

const readSettings = settingsReader(vaultSettings, zoomSettings, entraSettings)

const withInvitations = (
  use: (invitations: Invitations, database: Database) => Promise<StoredInvitation>,
): Promise<StoredInvitation> =>
  withDatabase(async (database) => {
    const settings = readSettings(process.env)
    const log = createLog({ write() {} })
    const credentials = await openCredentials(database, keyProvider(settings))
    const sealed = sealing(zoomApp(settings), credentials, log)
    const audit = createAudit(database, log)
    return use(
      organisationInvitations({ database, audit, sealed, organisationOf: () => undefined, log }),
      database,
    )
  })
