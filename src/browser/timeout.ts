import { Problem, type ProblemCode } from '../contract/problems.ts'

/** Settles as `promise` does, or throws the problem `late` after that many milliseconds. */
export function withTimeout<T>(promise: Promise<T>, milliseconds: number, late: ProblemCode): Promise<T> {
  let timer: ReturnType<typeof setTimeout>
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Problem(late)), milliseconds)
  })
  return Promise.race([promise, timeout]).finally(() => clearTimeout(timer))
}
