import { Problem } from '../contract/problems.ts'

/** Returns a `Problem` as it is. Anything else is a bug and becomes `unexpected`, with the bug as its cause. */
export function asProblem(error: unknown): Problem {
  return error instanceof Problem ? error : new Problem('unexpected', {}, error)
}
