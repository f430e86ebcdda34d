/** Whether the long suites try every case, which takes about an hour. CI tries a sample. */
export const every = process.env.FAULTS === 'every'

/** Whether this is a suite of CI. `npm test` tries one database, and a few of many similar cases. */
export const wide = every || process.env.TESTS === 'wide'

/** All cases with `FAULTS=every`, otherwise at most so many of them: the first, the last, and some evenly between. */
export const sample = <T>(cases: readonly T[], most: number): T[] =>
  every ? [...cases] : evenly(cases, most)

/** All cases in a suite of CI, otherwise at most so many of them, as above. */
export const sampleUnlessWide = <T>(cases: readonly T[], most: number): T[] =>
  wide ? [...cases] : evenly(cases, most)

function evenly<T>(cases: readonly T[], most: number): T[] {
  if (cases.length <= most) return [...cases]
  const step = (cases.length - 1) / (most - 1)
  return Array.from({ length: most }, (_, index) => cases[Math.round(index * step)] as T)
}
