import {
  type Mailbox,
  mailboxesQuerySchema,
  mailboxRequestSchema,
  objectIdSchema,
} from '../../contract/admin-mailboxes.ts'
import { createAudit } from '../audit/audit.ts'
import { directoryIn, inWords, parsed, UsageError, withDatabase } from '../command-line.ts'
import { type Acting, type MailboxActs, mailboxActs } from '../connections/mailboxes.ts'
import { applicationIn, microsoftApplication } from '../connections/microsoft-application.ts'
import { connectionsSettings } from '../connections/settings.ts'
import { callerRecords } from '../identity/callers.ts'
import { entraSettings } from '../identity/settings.ts'
import { createLog } from '../log.ts'
import { defaultsFrom } from '../policies/defaults.ts'
import { createPolicies } from '../policies/policies.ts'
import { policiesSettings } from '../policies/settings.ts'
import { settingsReader } from '../settings/read.ts'

export const mailboxHelp = `zoom-for-outlook admin mailbox list --organisation ID [--after ID] [--limit N] [--json]
zoom-for-outlook admin mailbox connect ID … --organisation ID [--permission read|read-write] [--json]
zoom-for-outlook admin mailbox check ID … --organisation ID [--json]
zoom-for-outlook admin mailbox disconnect ID … --organisation ID [--json]
  Lists, connects, checks or disconnects mailboxes of Microsoft 365 by application permissions.
  ID                  the object id of a person or a room
  --organisation ID   the directory (tenant) id
  --permission        what the service may do with the calendar, read by default
  They also read ENTRA_CLIENT_ID, ENTRA_CLIENT_SECRET, ENTRA_AUTHORITY, GRAPH_URL and CALENDAR_PERMISSION.`

/** Runs `mailbox …`. Returns the exit code. Throws errors for an administrator. */
export async function mailboxCommand([command, ...args]: string[]): Promise<number> {
  if (command === 'list') return list(args)
  const act = Object.hasOwn(acts, command ?? '') ? acts[command ?? ''] : undefined
  if (act) return each(args, act, command === 'connect')
  throw new UsageError(
    command ? `There is no command "mailbox ${command}"` : 'Say list, connect, check or disconnect',
  )
}

type Act = (
  mailboxes: MailboxActs,
  acting: Acting,
  objectId: string,
  permission: string | undefined,
) => Promise<Mailbox | undefined>

const acts: Readonly<Record<string, Act>> = {
  connect: (mailboxes, acting, objectId, permission) =>
    mailboxes.connect(acting, objectId, mailboxRequestSchema.parse({ permission }).permission),
  check: (mailboxes, acting, objectId) => mailboxes.check(acting, objectId),
  async disconnect(mailboxes, acting, objectId) {
    await mailboxes.disconnect(acting, objectId)
    return undefined
  },
}

async function list(args: string[]): Promise<number> {
  const { values } = parsed(args, {
    organisation: { type: 'string' },
    after: { type: 'string' },
    limit: { type: 'string' },
    json: { type: 'boolean' },
  })
  const acting = actingIn(values.organisation)
  const query = mailboxesQuerySchema.safeParse({ after: values.after, limit: values.limit })
  if (!query.success) throw new UsageError(`--${String(query.error.issues[0]?.path[0])} has the wrong form`)
  const page = await withMailboxes((mailboxes) => mailboxes.list(acting, query.data))
  if (values.json) console.log(JSON.stringify(page))
  else for (const mailbox of page.mailboxes) console.log(lineOf(mailbox))
  return 0
}

/** Does the act for each mailbox: one that fails stops none of the others. */
async function each(args: string[], act: Act, isConnecting: boolean): Promise<number> {
  const { values, positionals } = parsed(
    args,
    {
      organisation: { type: 'string' },
      json: { type: 'boolean' },
      ...(isConnecting && { permission: { type: 'string', default: 'read' } as const }),
    },
    true,
  )
  const acting = actingIn(values.organisation)
  const objectIds = objectIdsIn(positionals)
  const permission = 'permission' in values ? String(values.permission) : undefined
  if (isConnecting && !mailboxRequestSchema.safeParse({ permission }).success)
    throw new UsageError('--permission must be read or read-write')
  const results = await withMailboxes(async (mailboxes) => {
    const all = []
    for (const objectId of new Set(objectIds))
      all.push(await resultOf(objectId, () => act(mailboxes, acting, objectId, permission)))
    return all
  })
  if (values.json) console.log(JSON.stringify({ results }))
  else
    for (const { objectId, mailbox, why } of results)
      console.log(mailbox ? lineOf(mailbox) : `${objectId}\t${why ?? 'disconnected'}`)
  return results.some(({ why }) => why) ? 1 : 0
}

interface Result {
  objectId: string
  mailbox?: Mailbox
  why?: string
}

async function resultOf(objectId: string, act: () => Promise<Mailbox | undefined>): Promise<Result> {
  try {
    const mailbox = await act().catch(inWords)
    return { objectId, ...(mailbox && { mailbox }) }
  } catch (error) {
    return { objectId, why: (error as Error).message }
  }
}

const lineOf = ({ objectId, permission, state, says }: Mailbox) =>
  [objectId, permission, state, says].join('\t')

const actingIn = (organisation: string | undefined): Acting => ({
  by: 'command-line',
  directory: directoryIn(organisation),
})

function objectIdsIn(words: readonly string[]): readonly string[] {
  const ids = words.map((word) => objectIdSchema.safeParse(word).data)
  if (ids.length === 0 || ids.includes(undefined))
    throw new UsageError('Name mailboxes by their object ids in Entra ID')
  return ids as string[]
}

const readSettings = settingsReader(connectionsSettings, entraSettings, policiesSettings)

const withMailboxes = <T>(use: (mailboxes: MailboxActs) => Promise<T>) => {
  const settings = readSettings(process.env)
  return withDatabase((database) => {
    const log = createLog({ write() {} })
    const audit = createAudit(database, log)
    return use(
      mailboxActs({
        database,
        audit,
        callers: callerRecords(database, audit),
        // Every mailbox is one of a directory here.
        policies: createPolicies({
          database,
          audit,
          defaults: defaultsFrom(settings),
          onlyDirectory: undefined,
        }),
        reach: microsoftApplication(applicationIn(settings), log),
      }),
    )
  })
}
