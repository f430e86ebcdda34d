import type { PostgresPool } from 'kysely'
import type { Pool } from 'pg'
import { reconnecting } from './reconnecting.ts'

/**
 * A pool whose connections prepare each statement once: to plan one anew each time takes PostgreSQL as long as to carry
 * it out. There are few statements, all known when this is written, so none is ever given up. A statement names its
 * columns: the plan of one that asks for all is refused once another version of the service has added one.
 */
export function prepared(pool: Pool): PostgresPool {
  const names = new Map<string, string>()
  function nameOf(text: string): string {
    const name = names.get(text) ?? `statement_${names.size}`
    names.set(text, name)
    return name
  }
  return {
    async connect() {
      const connection = await reconnecting(pool)
      const query = (text: string, values: readonly unknown[]) =>
        connection.query(values.length === 0 ? { text } : { name: nameOf(text), text, values: [...values] })
      return { query: query as never, release: connection.release }
    },
    end: () => pool.end(),
    options: pool.options,
  }
}
