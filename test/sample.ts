import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'

/** Whether the long suites try every case, which takes about an hour. CI tries a sample. */
export const every = process.env.FAULTS === 'every'

/** Whether this is a suite of CI. `npm test` tries one database, and a few of many similar cases. */
export const wide = every || process.env.TESTS === 'wide'

/** All cases with `FAULTS=every`, otherwise at most so many of them: the first, the last, and some evenly between. */
export const sample = <T>(cases: readonly T[], most: number): T[] =>
  every ? [...cases] : evenly(cases, most)

/**
 * All cases with `FAULTS=every`, otherwise at most so many of them, which differ from commit to commit. `SAMPLE_SEED` plays
 * those of a seed again, which is printed.
 */
export function sampleOfCommit<T>(cases: readonly T[], most: number): T[] {
  if (every || cases.length <= most) return [...cases]
  const seed = process.env.SAMPLE_SEED ?? commit()
  console.info(`${most} of ${cases.length} cases, of SAMPLE_SEED=${seed}`)
  const drawn = cases
    .map((_, index) => ({ index, lot: createHash('sha256').update(`${seed} ${index}`).digest('hex') }))
    .sort((one, other) => (one.lot < other.lot ? -1 : 1))
  const chosen = new Set(drawn.slice(0, most).map(({ index }) => index))
  return cases.filter((_, index) => chosen.has(index))
}

/** Without Git there is none: the same cases each time. */
function commit(): string {
  const { stdout } = spawnSync('git', ['rev-parse', '--short=7', 'HEAD'], { encoding: 'utf8' })
  return stdout?.trim() || '0'
}

/** All cases in a suite of CI, otherwise at most so many of them, as above. */
export const sampleUnlessWide = <T>(cases: readonly T[], most: number): T[] =>
  wide ? [...cases] : evenly(cases, most)

function evenly<T>(cases: readonly T[], most: number): T[] {
  if (cases.length <= most) return [...cases]
  const step = (cases.length - 1) / (most - 1)
  return Array.from({ length: most }, (_, index) => cases[Math.round(index * step)] as T)
}
