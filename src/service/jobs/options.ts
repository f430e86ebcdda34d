import type { ConstructorOptions } from 'pg-boss'
import type { Statements } from '../database/statements.ts'

type Db = NonNullable<ConstructorOptions['db']>

/** How the service uses pg-boss: on its own connections, without schedules, and with an answer to every error. */
export const optionsFor = ({ execute, kind }: Statements): ConstructorOptions => ({
  db: by(execute),
  backend: kind === 'embedded' ? 'pglite' : 'postgres',
  migrate: false,
  schedule: false,
  registerInstance: false,
  reindex: false,
  monitorVacuum: false,
  openTelemetry: { enabled: false },
})

/** The database of pg-boss. `execute` sends its statements. */
export const by = (execute: Statements['execute']): Db => ({ executeSql: execute as Db['executeSql'] })
