import { Problem } from '../contract/problems.ts'

/** A bug becomes the problem that people can read, with the bug as its cause. */
export function asProblem(error: unknown): Problem {
  return error instanceof Problem ? error : new Problem('unexpected', {}, error)
}
