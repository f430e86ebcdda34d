import { Problem } from '../contract/problems.ts'

/** What Chromium and Firefox, and then WebKit, say of an `import()` that fails: no standard gives it a name. */
const notLoaded = /dynamically imported module|Importing a module script failed/i

/**
 * Returns a `Problem` as it is. Anything else is code that did not load, which no browser loads again in the same page,
 * or a bug, with the bug as its cause.
 */
export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error
  if (navigator.onLine === false) return new Problem('offline', {}, error)
  const isNotLoaded = error instanceof TypeError && notLoaded.test(error.message)
  return new Problem(isNotLoaded ? 'page_not_loaded' : 'unexpected', {}, error)
}
