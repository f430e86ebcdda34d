import { Problem, type ProblemCode } from '../contract/problems.ts'

/** Reads the service's problem details (RFC 9457). Another answer comes from a server in between: `service_unreachable`. */
export function problemFrom(answer: unknown): Problem {
  const { code, title } = Object(answer) as { code?: unknown; title?: unknown }
  if (typeof code !== 'string' || typeof title !== 'string') return new Problem('service_unreachable')
  return new Problem(code as ProblemCode, { title })
}
