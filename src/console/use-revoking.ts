import { useState } from 'react'
import { asProblem } from '../browser/as-problem.ts'
import { says } from '../browser/says.ts'
import type { Revocations } from '../contract/admin.ts'
import type { Service } from './service.ts'

export type Result = Revocations['results'][number]

/** People in one request: few enough that the page shows progress. */
const batchSize = 10

/**
 * Revokes many people, a batch at a time, and says of each whether it is done. The page drives it, so it needs no state
 * on the service and any process can answer; what is done is done when the page closes.
 */
export function useRevoking(service: Pick<Service, 'revokeMany'>, changed: () => void) {
  const [total, setTotal] = useState(0)
  const [results, setResults] = useState<readonly Result[]>([])
  const [running, setRunning] = useState(false)

  async function revoke(subjects: readonly string[]): Promise<void> {
    setRunning(true)
    setTotal(subjects.length)
    setResults([])
    for (let start = 0; start < subjects.length; start += batchSize) {
      const done = await revokeBatch(service, subjects.slice(start, start + batchSize))
      setResults((before) => [...before, ...done])
    }
    setRunning(false)
    changed()
  }

  const failed = results.filter(({ revoked }) => !revoked)
  return { total, results, failed, running, revoke }
}

/** If the request itself fails, each of its people has failed: to revoke twice is harmless. */
async function revokeBatch(
  service: Pick<Service, 'revokeMany'>,
  subjects: readonly string[],
): Promise<readonly Result[]> {
  try {
    return (await service.revokeMany(subjects)).results
  } catch (error) {
    const problem = asProblem(error)
    return subjects.map((subject) => ({ subject, revoked: false, code: problem.code, why: says(problem) }))
  }
}
