import { setTimeout as pause } from 'node:timers/promises'
import { type Kysely, type QueryExecutorProvider, sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import { locking, untilLocked } from './locks.ts'

/**
 * A version of the database. `before` does what takes long in large tables, while people go on; it is not one transaction,
 * and is done again if it was interrupted. Then `up` locks all tables for a moment.
 */
export interface Version {
  before?(tables: Tables): Promise<void>
  up?(db: Kysely<unknown>): Promise<void>
}

/** How `before` changes tables. */
export interface Tables {
  /** A statement that keeps nobody waiting. */
  run(statement: string): Promise<void>
  /** Statements that take a moment, once these tables are locked. */
  briefly(tables: string[], statements: string): Promise<void>
  /** `create`: from `index` or `unique index` on, without the name. */
  index(name: string, create: string): Promise<void>
  /**
   * Does `set` to each row of `table` that is `todo`. A row that somebody holds comes later, so that neither waits for the
   * other. `first`: a statement for each part of the rows, before they are set.
   */
  everyRow(table: string, todo: string, set: string, first?: (part: string) => string): Promise<void>
}

/** Half a megabyte: what is set in one statement, which holds its rows for some hundredths of a second. */
const pagesOfPart = 64

/** Milliseconds until rows that were held are looked for again. */
const betweenPasses = 250

/** `shared`: the same database, if others use it meanwhile. Without it `db` may be a transaction. */
function tablesOf(db: QueryExecutorProvider, shared?: Kysely<Record<never, never>>): Tables {
  const run = async (statement: string) => void (await sql.raw(statement).execute(db))
  const one = async <T>(query: string) => (await sql.raw<T>(query).execute(db)).rows[0]
  return {
    run,

    briefly: !shared
      ? (_, statements) => run(statements)
      : (tables, statements) =>
          untilLocked(() =>
            shared.transaction().execute(async (all) => {
              await sql.raw(locking(tables)).execute(all)
              await sql.raw(statements).execute(all)
            }),
          ),

    async index(name, create) {
      const [kind, on] = create.split(/ (?=on )/, 2)
      if (!shared) return run(`create ${kind} ${name} ${on}`)
      // One that was interrupted is there, and is of no use.
      await run(`drop index concurrently if exists ${name}`)
      await run(`create ${kind} concurrently ${name} ${on}`)
    },

    async everyRow(table, todo, set, first) {
      const isLeft = () => one(`select from ${table} where ${todo} limit 1`)
      for (let isAgain = false; await isLeft(); isAgain = true) {
        if (isAgain) await pause(betweenPasses)
        const size = `select pg_relation_size('${table}') / current_setting('block_size')::int as pages`
        const pages = Number((await one<{ pages: string }>(size))?.pages)
        for (let page = 0; page < pages; page += pagesOfPart) {
          const part = `ctid >= '(${page},0)' and ctid < '(${page + pagesOfPart},0)' and ${todo}`
          if (first) await run(first(part))
          await run(`
            update ${table} set ${set}
            where ctid = any(array(select ctid from ${table} where ${part} for update skip locked))`)
        }
      }
    },
  }
}

/** In the transaction of a database that nobody else uses. */
export const alone = ({ before, up }: Version): Migration => ({
  async up(db) {
    await before?.(tablesOf(db))
    await up?.(db)
  },
})

/** What takes long of this version, beside others. */
export const beside = ({ before }: Version, db: Kysely<Record<never, never>>) => before?.(tablesOf(db, db))
