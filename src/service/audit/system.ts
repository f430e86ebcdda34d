import { setTimeout as pause } from 'node:timers/promises'
import { CannotStart, exitCodes } from '../cannot-start.ts'
import type { Database } from '../database/open.ts'
import { type Log, reasonOf } from '../log.ts'
import type { ServerSettings } from '../settings/server.ts'
import type { System } from '../system.ts'
import { createAudit } from './audit.ts'
import { checkpointWriter } from './checkpoints.ts'
import type { AuditSettings } from './settings.ts'

interface Needs {
  settings: AuditSettings & Pick<ServerSettings, 'SWEEP_SECONDS'>
  database: Database
  log: Log
}

/** Milliseconds for the last records and the last checkpoint of a process. */
const lastMilliseconds = 5_000

/** The audit trail. */
export function auditSystem({ settings, database, log }: Needs) {
  const audit = createAudit(database, log)
  const path = settings.AUDIT_CHECKPOINT_FILE
  const writeCheckpoint = path ? checkpointWriter(database, path) : async () => {}

  async function round(): Promise<void> {
    await audit.recordRefusals()
    await writeCheckpoint()
  }
  const system: System = { work: [{ name: 'audit', interval: settings.SWEEP_SECONDS * 1000, round }] }

  return {
    ...system,
    audit,

    /** Writes what the rounds have not written yet. Nothing is recorded any more. */
    async stop(): Promise<void> {
      const late = pause(lastMilliseconds, undefined, { ref: false }).then(() => {
        throw new Error('The database does not answer')
      })
      await Promise.race([round(), late]).catch((error) =>
        log.warn('work failed', { work: 'audit', ...reasonOf(error) }),
      )
    },

    /** Writes the first checkpoint. Throws an error for an administrator if the file cannot be written. */
    async start(): Promise<void> {
      await writeCheckpoint().catch((cause) => {
        throw new CannotStart(
          `AUDIT_CHECKPOINT_FILE cannot be written (${cause.code ?? cause.message}). Let the service's user write it.`,
          exitCodes.settings,
          cause,
        )
      })
    },
  }
}
