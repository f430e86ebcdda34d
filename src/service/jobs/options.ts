import type { ConstructorOptions } from 'pg-boss'
import type { Statements } from '../database/statements.ts'

/** How the service uses pg-boss: on its own connections, without schedules, and with an answer to every error. */
export const optionsFor = ({ execute, kind }: Statements): ConstructorOptions => ({
  db: { executeSql: execute as NonNullable<ConstructorOptions['db']>['executeSql'] },
  backend: kind === 'embedded' ? 'pglite' : 'postgres',
  migrate: false,
  schedule: false,
  registerInstance: false,
  reindex: false,
  monitorVacuum: false,
  openTelemetry: { enabled: false },
})
