import { Problem } from '../../contract/problems.ts'
import { type Application, applicationToken } from '../connections/microsoft-application.ts'
import { lastUsed } from '../last-used.ts'
import type { Log } from '../log.ts'

/** Directories whose token this process has. */
const most = 1_000
/** Milliseconds: a token is not used in its last minutes, and for asking for one. */
const margin = 120_000
const deadline = 8_000

/** Tokens of the application itself, one for each directory, in memory until they end. `refused`: Graph refused this one. */
export function applicationTokens(application: Application, log: Log) {
  const fetchToken = applicationToken(application, log)
  const kept = lastUsed<{ secret: string; until: number }>(most)

  return async function current(tenant: string, refused?: string): Promise<string> {
    const found = kept.get(tenant)
    if (found && found.secret !== refused && found.until > Date.now()) return found.secret
    if (!application.clientSecret) throw new Problem('calendar_misconfigured')
    const answer = await fetchToken(tenant, application.clientSecret, AbortSignal.timeout(deadline))
    if (answer.kind === 'refused') throw new Problem('calendar_refuses')
    if (answer.kind === 'misconfigured') throw new Problem('calendar_misconfigured')
    if (answer.kind === 'down')
      throw new Problem('calendar_unreachable', answer.retryAfter ? { retryAfter: answer.retryAfter } : {})
    kept.set(tenant, { secret: answer.accessToken, until: Date.now() + answer.seconds * 1000 - margin })
    return answer.accessToken
  }
}
