import type { PostgresPool } from 'kysely'

/** Runs statements that a library has written. Several in one text, without values, run in order. */
export interface Statements {
  readonly kind: 'PostgreSQL' | 'embedded'
  execute(text: string, values?: unknown[]): Promise<{ rows: unknown[] }>
}

type Answer = { rows: unknown[] }

export const statementsOn = (pool: PostgresPool, kind: Statements['kind']): Statements => ({
  kind,
  async execute(text, values = []) {
    const connection = await pool.connect()
    try {
      const answer = (await connection.query(text, values)) as unknown as Answer | Answer[]
      return { rows: Array.isArray(answer) ? answer.flatMap(({ rows }) => rows) : answer.rows }
    } finally {
      connection.release()
    }
  },
})
