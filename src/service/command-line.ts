import { parseArgs } from 'node:util'
import { Problem, sentenceFrom } from '../contract/problems.ts'
import { problems } from '../contract/service-problems.ts'
import { type Database, openExisting } from './database/open.ts'
import { settingsReader } from './settings/read.ts'
import { databaseSettings } from './settings/server.ts'

// What every command of an administrator needs.

/** The arguments are not understood. The message is for an administrator. */
export class UsageError extends Error {}

type Options = NonNullable<NonNullable<Parameters<typeof parseArgs>[0]>['options']>

/** The options, and the words that are none. Throws `UsageError`. */
export function parsed<Known extends Options>(args: string[], options: Known, allowPositionals = false) {
  try {
    return parseArgs({ args, options, allowPositionals })
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

/** The id of a directory, from `--organisation`. Throws `UsageError`. */
export function directoryIn(id = ''): string {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id))
    throw new UsageError('--organisation must be the id of a directory')
  return id.toLowerCase()
}

/** Throws the sentence of a problem, or the error itself. */
export function inWords(error: unknown): never {
  throw error instanceof Problem ? new Error(sentenceFrom(problems, error)) : error
}

const readDatabaseSettings = settingsReader(databaseSettings)

/** Opens the database that `DATABASE_URL` or `DATA_DIR` names, and closes it after use. */
export async function withDatabase<T>(use: (database: Database) => Promise<T>): Promise<T> {
  const { DATABASE_URL, DATA_DIR } = readDatabaseSettings(process.env)
  const { database, close } = await openExisting(DATABASE_URL, DATA_DIR)
  return use(database).finally(close)
}
