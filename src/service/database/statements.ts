import type { PostgresPool } from 'kysely'

/** Runs statements that a library has written. Several in one text, without values, run in order. */
export interface Statements {
  readonly kind: 'PostgreSQL' | 'embedded'
  execute(text: string, values?: unknown[]): Promise<{ rows: unknown[] }>
  /** The same for one statement, in turn with those of all processes: it sees what the one before it has changed. */
  executeInTurn(text: string, values?: unknown[]): Promise<{ rows: unknown[] }>
}

/** Any number that nothing else locks. */
const turn = 7_210_914_016

type Answer = { rows: unknown[] }

export function statementsOn(pool: PostgresPool, kind: Statements['kind']): Statements {
  async function execute(text: string, values: unknown[] = []) {
    const connection = await pool.connect()
    try {
      const answer = (await connection.query(text, values)) as unknown as Answer | Answer[]
      return { rows: Array.isArray(answer) ? answer.flatMap(({ rows }) => rows) : answer.rows }
    } finally {
      connection.release()
    }
  }

  async function executeInTurn(text: string, values: unknown[] = []) {
    const connection = await pool.connect()
    let isDone = false
    try {
      await connection.query(`begin; select pg_advisory_xact_lock(${turn})`, [])
      const { rows } = await connection.query(text, values)
      await connection.query('commit', [])
      isDone = true
      return { rows }
    } finally {
      connection.release(!isDone)
    }
  }

  // The embedded database has one process, which sends one such statement at a time.
  return { kind, execute, executeInTurn: kind === 'embedded' ? execute : executeInTurn }
}
