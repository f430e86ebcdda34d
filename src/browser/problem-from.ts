import { Problem, type ProblemCode, problems } from '../contract/problems.ts'

/** Reads the service's problem details (RFC 9457). Another answer comes from a server in between: `service_unreachable`. */
export function problemFrom(answer: unknown): Problem {
  const fields = Object(answer) as Record<string, unknown>
  if (typeof fields.code !== 'string' || !(fields.code in problems)) return new Problem('service_unreachable')
  const details: Record<string, string> = {}
  for (const name of ['field', 'why']) {
    const value = fields[name]
    if (typeof value === 'string') details[name] = value
  }
  return new Problem(fields.code as ProblemCode, details)
}
