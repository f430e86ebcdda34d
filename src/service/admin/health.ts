import type { Health } from '../../contract/admin.ts'
import type { Fields, Log } from '../log.ts'

type SystemName = Health['systems'][number]['system']
type Line = Parameters<Log['info']>[0]

/** An answer is an answer, whatever it says: only silence and a server's own error mean that the system is down. */
const answered = ({ status = 0 }: Fields) => status > 0 && status < 500
const failed = () => false

/** What each log line says about an outside system. */
const lines: Partial<Record<Line, readonly [SystemName, (fields: Fields) => boolean]>> = {
  'zoom call': ['Zoom', answered],
  'entra call': ['Entra', answered],
  'google call': ['Google', answered],
  'graph call': ['Microsoft Graph', answered],
  'entra keys unavailable': ['Entra', failed],
  'vault key unavailable': ['Azure Key Vault', failed],
  'exchange call': ['Exchange', ({ reason }) => reason !== 'down'],
  'exchange metadata unavailable': ['Exchange', failed],
}

/**
 * A log that remembers when each outside system last answered and last failed, as far as this process has seen. What is
 * logged already needs no second report.
 */
export function watched(log: Log): { log: Log; health(): Health } {
  const since = new Date().toISOString()
  const systems = new Map<SystemName, Health['systems'][number]>()
  for (const [system] of Object.values(lines))
    systems.set(system, { system, lastAnswer: null, lastFailure: null })

  const heard =
    (write: Log['info']): Log['info'] =>
    (line, fields = {}) => {
      const [system, isAnswer] = lines[line] ?? []
      const row = system && systems.get(system)
      if (row && isAnswer) row[isAnswer(fields) ? 'lastAnswer' : 'lastFailure'] = new Date().toISOString()
      write(line, fields)
    }
  return {
    log: { info: heard(log.info), warn: heard(log.warn), error: heard(log.error) },
    health: () => ({ since, systems: [...systems.values()] }),
  }
}
