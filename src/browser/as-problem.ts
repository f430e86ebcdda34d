import { Problem } from '../contract/problems.ts'

/** Returns a `Problem` as it is. Anything else is a bug, with the bug as its cause, or code that did not load. */
export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error
  return new Problem(navigator.onLine === false ? 'offline' : 'unexpected', {}, error)
}
