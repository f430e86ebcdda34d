/** Whether the long suites try every case, which takes about an hour. CI tries a sample. */
export const every = process.env.FAULTS === 'every'

/** All cases with `FAULTS=every`, otherwise at most so many of them: the first, the last, and some evenly between. */
export function sample<T>(cases: readonly T[], most: number): T[] {
  if (every || cases.length <= most) return [...cases]
  const step = (cases.length - 1) / (most - 1)
  return Array.from({ length: most }, (_, index) => cases[Math.round(index * step)] as T)
}
