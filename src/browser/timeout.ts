import { Problem, type ProblemCode } from '../contract/problems.ts'

/** Answers what `promise` does, or throws the problem when that takes longer. */
export function within<T>(milliseconds: number, promise: Promise<T>, late: ProblemCode): Promise<T> {
  let timer: ReturnType<typeof setTimeout>
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Problem(late)), milliseconds)
  })
  return Promise.race([promise, tooLate]).finally(() => clearTimeout(timer))
}
