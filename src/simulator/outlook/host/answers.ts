import type { Answer } from '../../kit/faults.ts'

/** The value of a call: what the work returns, or a fault's different answer. */
export async function answered(answer: Answer | undefined, work: () => unknown): Promise<unknown> {
  if (!answer) return work()
  if ('merge' in answer) return merged(await work(), answer.merge)
  if (answer.afterwards) await work()
  return answer.value
}

/** JSON Merge Patch, RFC 7396. */
function merged(value: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch
  const result: Record<string, unknown> = isObject(value) ? { ...value } : {}
  for (const [name, change] of Object.entries(patch)) {
    if (change === null) delete result[name]
    else result[name] = merged(result[name], change)
  }
  return result
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
