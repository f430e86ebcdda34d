import { hash } from 'node:crypto'
import { listedStates, peopleQuerySchema, subjectSchema } from '../../contract/admin.ts'
import { append } from '../audit/append.ts'
import { createAudit } from '../audit/audit.ts'
import { parsed, UsageError, withDatabase } from '../command-line.ts'
import type { Database } from '../database/open.ts'
import { endSessions, ofPerson } from '../feed/sessions.ts'
import { callerRecords } from '../identity/callers.ts'
import { createLog } from '../log.ts'
import type { Seen } from '../policies/only-directory.ts'
import { keysOf } from './keys.ts'
import { findPerson, isKnown, listPeople } from './people.ts'

export const peopleHelp = `zoom-for-outlook admin people [--object-id ID | --zoom-user ID | --sign-in-name NAME] [--state STATE] [--after SUBJECT] [--limit N] [--json]
  Lists the people whom the service knows, in the order of their ids.
  --sign-in-name NAME  compares its hash: no name is stored
  --state STATE        ${listedStates.join(', ')}
  --after SUBJECT      begins after this person, the last one of the page before

zoom-for-outlook admin person SUBJECT [--json]
  Writes what is stored about a person, and what happened.

zoom-for-outlook admin revoke SUBJECT … [--json]
zoom-for-outlook admin allow SUBJECT … [--json]
  Ends the access of people, or lets them connect a calendar again.

zoom-for-outlook admin end-app SUBJECT ID
  Ends the session of an app. "admin person" has the ids.

zoom-for-outlook admin keys [--json]
  Writes which keys wrap how many stored credentials. Two administrators retire a key in the console: a command
  cannot tell one person from another.

They see the people of every organisation, and record themselves in the trail as "command-line".
Exit code: 0 done, 1 some people were not, 2 not done.`

const by = 'command-line'
/** Whoever can open the database sees everybody. */
const everybody: Seen = ['entra:', 'exch:']

/** The commands about people and keys, by name. Each returns its exit code, and throws errors for an administrator. */
export const peopleCommands: Readonly<Record<string, (args: string[]) => Promise<number>>> = {
  people,
  person,
  revoke: (args) => each(args, 'revoked', (callers, subject) => callers.revoke(subject, by)),
  allow: (args) => each(args, 'allowed', (callers, subject) => callers.allow(subject, by)),
  'end-app': endApp,
  keys,
}

async function people(args: string[]): Promise<number> {
  const { values } = parsed(args, {
    'object-id': { type: 'string' },
    'zoom-user': { type: 'string' },
    'sign-in-name': { type: 'string' },
    state: { type: 'string' },
    after: { type: 'string' },
    limit: { type: 'string' },
    json: { type: 'boolean' },
  })
  const name = values['sign-in-name']
  const query = peopleQuerySchema.safeParse({
    objectId: values['object-id'],
    zoomUserId: values['zoom-user'],
    nameHash: name && hash('sha256', name.toLowerCase(), 'base64url'),
    state: values.state,
    after: values.after,
    limit: values.limit,
  })
  if (!query.success) throw new UsageError(`${String(query.error.issues[0]?.path[0])} has the wrong form`)
  const page = await withDatabase(async (database) => {
    await append(database, { act: 'people viewed', caller: by })
    return listPeople(database, everybody, query.data)
  })
  if (values.json) console.log(JSON.stringify(page))
  else
    for (const { subject, zoomUserId, connections } of page.people)
      console.log(
        [subject, zoomUserId ?? '-', connections.map(({ state }) => state).join(',') || '-'].join('\t'),
      )
  return 0
}

async function person(args: string[]): Promise<number> {
  const { values, positionals } = parsed(args, { json: { type: 'boolean' } }, true)
  const [subject = ''] = subjectsIn(positionals)
  const found = await withDatabase(async (database) => {
    const stored = await findPerson(database, subject)
    if (stored) await append(database, { act: 'person viewed', caller: by, subject: `person:${subject}` })
    return stored
  })
  if (!found) throw new Error(`The service stores nothing about ${subject}`)
  console.log(JSON.stringify(found, undefined, values.json ? 0 : 2))
  return 0
}

/** Does the act for each person: one that fails stops none of the others. */
async function each(
  args: string[],
  done: string,
  act: (callers: ReturnType<typeof callerRecords>, subject: string) => Promise<void>,
): Promise<number> {
  const { values, positionals } = parsed(args, { json: { type: 'boolean' } }, true)
  const subjects = subjectsIn(positionals)
  const results = await withDatabase(async (database) => {
    const callers = callerRecords(database, createAudit(database, createLog({ write() {} })))
    const all = []
    for (const subject of new Set(subjects))
      all.push(await result(database, subject, () => act(callers, subject)))
    return all
  })
  if (values.json) console.log(JSON.stringify({ results }))
  else for (const { subject, why } of results) console.log(`${subject}\t${why ?? done}`)
  return results.some(({ why }) => why) ? 1 : 0
}

async function result(database: Database, subject: string, act: () => Promise<void>) {
  try {
    if (!(await isKnown(database, subject))) return { subject, why: 'The service stores nothing about them' }
    await act()
    return { subject }
  } catch (error) {
    return { subject, why: (error as Error).message }
  }
}

async function endApp(args: string[]): Promise<number> {
  const { positionals } = parsed(args, {}, true)
  const [subject = ''] = subjectsIn(positionals.slice(0, 1))
  const id = positionals[1] ?? ''
  if (!/^\d{1,18}$/.test(id)) throw new UsageError('Name the session by its id: a number')
  const ended = await withDatabase((database) => {
    const audit = createAudit(database, createLog({ write() {} }))
    return endSessions(database, audit, ofPerson(subject, id), 'administrator', by)
  })
  if (ended.length === 0) throw new Error('There is no such session')
  console.log(`${subject}\t${id}\tended`)
  return 0
}

async function keys(args: string[]): Promise<number> {
  const { values } = parsed(args, { json: { type: 'boolean' } })
  const found = await withDatabase(async (database) => {
    await append(database, { act: 'keys viewed', caller: by })
    return keysOf(database)
  })
  if (values.json) console.log(JSON.stringify(found))
  else
    for (const { key, active, records, failing, retiredAt } of found.keys) {
      const use = active ? 'active' : retiredAt ? 'retired' : 'older'
      console.log([key, use, `${records} credentials`, `${failing} failing`].join('\t'))
    }
  return 0
}

function subjectsIn(words: readonly string[]): readonly string[] {
  const wrong = words.find((word) => !subjectSchema.safeParse(word).success)
  if (words.length === 0 || wrong !== undefined)
    throw new UsageError('Name people by their ids: entra:<directory>:<object id>, or exch:<hash>')
  return words
}
