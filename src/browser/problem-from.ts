import { Problem, type ProblemCode, problems } from '../contract/problems.ts'

/** The service's problem (RFC 9457), as the same problem here. Anything in between may have answered instead. */
export function problemFrom(answer: unknown): Problem {
  const said = Object(answer) as Record<string, unknown>
  if (typeof said.code !== 'string' || !(said.code in problems)) return new Problem('service_unreachable')
  const details: Record<string, string> = {}
  for (const name of ['field', 'why']) {
    const value = said[name]
    if (typeof value === 'string') details[name] = value
  }
  return new Problem(said.code as ProblemCode, details)
}
