import { Problem, sentenceFrom } from '../../contract/problems.ts'
import { problems } from '../../contract/service-problems.ts'

/** A request of JSON-RPC 2.0. It always has an id: every act has an answer. */
export interface Request {
  id: string | number
  method: string
  params: unknown
}

/** A failure by the code of JSON-RPC that it has. */
export class Failure extends Error {
  constructor(
    readonly code: number,
    message: string,
    readonly data?: unknown,
    readonly id: Request['id'] | null = null,
  ) {
    super(message)
  }
}

/** The codes: those below -32099 are JSON-RPC's own. */
export const codes = {
  parse: -32700,
  request: -32600,
  method: -32601,
  params: -32602,
  internal: -32603,
  /** A problem of the contract: `data` has its code, HTTP status and field. */
  problem: -32000,
  /** The caller has not proved that it knows the secret. */
  unproven: -32001,
  /** The caller speaks another version of the protocol. */
  version: -32002,
} as const

/** Reads one request. Throws `Failure`, with the id if there is one. */
export function requestFrom(line: Uint8Array): Request {
  const said = parsed(line)
  if (typeof said !== 'object' || said === null || Array.isArray(said))
    throw new Failure(codes.request, 'A request is one object.')
  const { jsonrpc, id, method, params, ...rest } = said as Record<string, unknown>
  const isId = (typeof id === 'string' && id.length <= 64) || Number.isSafeInteger(id)
  if (!isId) throw new Failure(codes.request, 'A request has an id: a whole number or a short text.')
  const known = id as Request['id']
  if (jsonrpc !== '2.0' || typeof method !== 'string' || Object.keys(rest).length > 0)
    throw new Failure(codes.request, 'A request has jsonrpc, id, method and params.', undefined, known)
  return { id: known, method, params: params ?? {} }
}

function parsed(line: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(line))
  } catch {
    throw new Failure(codes.parse, 'A line is JSON in UTF-8.')
  }
}

export const answered = (id: Request['id'], result: unknown) => JSON.stringify({ jsonrpc: '2.0', id, result })

/** The answer to what failed. A bug is said to be one, without its words, which may quote a title. */
export function failed(id: Request['id'] | null, error: unknown): string {
  const { code, message, data } = error instanceof Failure ? error : failureOf(error)
  return JSON.stringify({ jsonrpc: '2.0', id, error: { code, message, ...(data !== undefined && { data }) } })
}

function failureOf(error: unknown): Failure {
  const problem = error instanceof Problem ? error : new Problem('unexpected')
  const { field, why } = problem.details
  const { status } = problems[problem.code] ?? problems.unexpected
  const data = { problem: problem.code, status, ...(field && { field }), ...(why && { why }) }
  const isOfCaller = problem.code === 'invalid_appointment' || problem.code === 'invalid_request'
  const code = isOfCaller ? codes.params : error instanceof Problem ? codes.problem : codes.internal
  return new Failure(code, sentenceFrom(problems, problem), data)
}
