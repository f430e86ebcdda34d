import type { Health } from '../../contract/admin.ts'
import type { Fields, Listener } from '../log.ts'

type SystemName = Health['systems'][number]['system']
type Line = Parameters<Listener>[0]

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
 * Hears from the log when each outside system last answered and last failed, as far as this process has seen. What is
 * logged already needs no second report.
 */
export function healthHeard(): { hear: Listener; health(): Health } {
  const since = new Date().toISOString()
  const systems = new Map<SystemName, Health['systems'][number]>()
  for (const [system] of Object.values(lines))
    systems.set(system, { system, lastAnswer: null, lastFailure: null })
  return {
    hear(line, fields) {
      const [system, isAnswer] = lines[line] ?? []
      const row = system && systems.get(system)
      if (row && isAnswer) row[isAnswer(fields) ? 'lastAnswer' : 'lastFailure'] = new Date().toISOString()
    },
    health: () => ({ since, systems: [...systems.values()] }),
  }
}
