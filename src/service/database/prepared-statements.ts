import type { PostgresPool, PostgresPoolClient } from 'kysely'
import type { Pool } from 'pg'
import { reconnecting } from './reconnecting.ts'

/** `together`: see `reconnecting`. */
export interface PreparingPool extends PostgresPool {
  connect(): Promise<PostgresPoolClient & { together(): void }>
}

/**
 * A pool whose connections prepare each statement once: to plan one anew each time takes PostgreSQL as long as to carry
 * it out. There are few statements, all known when this is written, so none is ever given up. A statement names its
 * columns: the plan of one that asks for all is refused once another version of the service has added one.
 */
export function prepared(pool: Pool): PreparingPool {
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
      return { ...connection, query: query as never }
    },
    end: () => pool.end(),
    options: pool.options,
  }
}
