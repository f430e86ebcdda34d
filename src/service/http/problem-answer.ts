import { z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { Problem, sentenceFrom } from '../../contract/problems.ts'
import { problems } from '../../contract/service-problems.ts'
import { isUnavailable } from '../database/reconnecting.ts'
import { causeFields, type Log, whereabouts } from '../log.ts'
import { ProofRefused } from '../refused.ts'
import { VaultFailure } from '../vault/failure.ts'
import { sentencesFor } from './language.ts'
import type { Env } from './middleware.ts'

/** Problem details for HTTP APIs (RFC 9457), with our `code` and the field at fault. */
export const problemSchema = z
  .object({
    type: z.literal('about:blank'),
    status: z.number().int(),
    title: z.string(),
    code: z.string(),
    field: z.string().optional(),
    why: z.string().optional(),
    requestId: z.string(),
  })
  .openapi('Problem')

/** The only place where an error becomes an answer. An unexpected error is a bug: it is logged, and the answer tells nothing. */
export function answerProblem(c: Context<Env>, error: Error, said: Said): Response {
  const problem = asProblem(error)
  const requestId = c.get('requestId')
  logProblem(problem, requestId, said)

  const { status } = problems[problem.code]
  const { field, why, retryAfter } = problem.details
  if (retryAfter) c.header('retry-after', String(retryAfter))
  if (status === 401) c.header('www-authenticate', challengeOf(problem))
  c.header('content-type', 'application/problem+json')
  return c.body(
    JSON.stringify({
      type: 'about:blank',
      status,
      title: sentenceFrom(problems, problem, sentencesFor(c)),
      code: problem.code,
      ...(field && { field }),
      ...(why && { why }),
      requestId,
    }),
    status,
  )
}

/** With a claims challenge, if the next access token must satisfy more ("Claims challenges, claims requests"). */
function challengeOf({ details: { claims } }: Problem): string {
  if (!claims) return 'Bearer'
  return `Bearer realm="", error="insufficient_claims", claims="${Buffer.from(claims).toString('base64')}"`
}

/** What is told about problems. */
export interface Said {
  log: Log
  /** Audits a refused proof, with the reason that the answer does not give. */
  refused(proof: ProofRefused, requestId: string): void
}

/** Logs a problem, or audits a refused proof. */
export function logProblem(problem: Problem, requestId: string, { log, refused }: Said): void {
  const { code, cause } = problem
  if (code === 'unexpected') log.error('bug', { requestId, ...whereabouts(cause) })
  else if (cause instanceof ProofRefused) refused(cause, requestId)
  else log.warn('problem', { requestId, problem: code, ...fieldsOf(problem) })
}

export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error
  if (error instanceof HTTPException && error.status < 500) return new Problem('invalid_request', {}, error)
  if (error instanceof VaultFailure) return new Problem('service_unreachable', { retryAfter: 30 }, error)
  if (isUnavailable(error)) return new Problem('service_unreachable', { retryAfter: 5 }, error)
  return new Problem('unexpected', {}, error)
}

function fieldsOf(problem: Problem) {
  const { field } = problem.details
  return { ...(field && { field }), ...causeFields(problem) }
}
