import type { PGlite } from '@electric-sql/pglite'
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
} from 'kysely'

/**
 * Kysely over the embedded PostgreSQL. PGlite has a single session, so connections are lent one at a time;
 * a transaction keeps the session until it ends.
 */
export function pgliteDialect(pglite: PGlite): Dialect {
  return {
    createAdapter: () => new PostgresAdapter(),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
    createDriver: () => {
      const session = new Session(pglite)
      return {
        init: async () => {},
        acquireConnection: () => session.lend(),
        beginTransaction: (connection) => session.run(connection, 'begin'),
        commitTransaction: (connection) => session.run(connection, 'commit'),
        rollbackTransaction: (connection) => session.run(connection, 'rollback'),
        releaseConnection: async () => session.giveBack(),
        destroy: () => pglite.close(),
      }
    },
  }
}

class Session {
  readonly #connection: DatabaseConnection
  readonly #waiting: (() => void)[] = []
  #lent = false

  constructor(pglite: PGlite) {
    this.#connection = {
      async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
        const { rows, affectedRows } = await pglite.query<R>(sql, [...parameters])
        return { rows, numAffectedRows: BigInt(affectedRows ?? 0) }
      },
      // biome-ignore lint/correctness/useYield: Kysely's interface asks for it; nothing here streams.
      async *streamQuery() {
        throw new Error('The embedded database does not stream.')
      },
    }
  }

  async lend(): Promise<DatabaseConnection> {
    if (this.#lent) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    this.#lent = true
    return this.#connection
  }

  giveBack(): void {
    const next = this.#waiting.shift()
    if (next) next()
    else this.#lent = false
  }

  async run(connection: DatabaseConnection, sql: string): Promise<void> {
    await connection.executeQuery({ sql, parameters: [], query: { kind: 'RawNode' } } as never)
  }
}
