// `npm run mutate [word …]`: takes the service's checks away, one at a time, and names each that no test misses.
// The checks are in test/mutants.txt, and words choose files of them. Nothing on disk changes. It needs PostgreSQL.
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { transformWithOxc } from 'vite'
import { createVitest } from 'vitest/node'

process.chdir(fileURLToPath(new URL('..', import.meta.url)))

const words = process.argv.slice(2)
const mutants = listed(readFileSync('test/mutants.txt', 'utf8'))
for (const mutant of mutants) {
  const missing = testFiles(mutant.tests).find((file) => !existsSync(file))
  if (missing) throw new Error(`${mutant.file} names a test that does not exist: ${missing}`)
  const code = mutated(readFileSync(mutant.file, 'utf8'), mutant)
  await transformWithOxc(code, 'a.ts').catch((cause) => {
    throw new Error(`${mutant.file} is no program with the mutant of: ${mutant.old}`, { cause })
  })
}

/** The one that counts now; and whether a failure ended the run, whose test Vitest may not have heard of. */
let [current, interrupted] = []
const vitest = await createVitest(
  'test',
  {
    config: false,
    // A module that was kept on disk would come back without its mutant.
    fsModuleCache: false,
    watch: false,
    include: ['test/service/**/*.test.ts'],
    globalSetup: ['test/postgres.ts', 'test/embedded.ts'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    expect: { poll: { timeout: 5_000 } },
    env: { TESTS: 'wide' },
    maxWorkers: 2,
    bail: 1,
    reporters: [{ onTestRunEnd: (_modules, _errors, reason) => (interrupted = reason === 'interrupted') }],
  },
  { plugins: [{ name: 'mutant', enforce: 'pre', transform }] },
)

const score = {}
try {
  let [tried, broken] = []
  for (const mutant of mutants) {
    const { file, tests, old } = mutant
    if (words.length > 0 && !words.some((word) => file.includes(word))) continue
    if (tests !== tried) broken = await killer(tests)
    if (tests !== tried && broken) {
      console.log(`FAILS WITHOUT ANY MUTANT: ${tests}\n    ${broken}`)
      process.exitCode = 1
    }
    tried = tests
    if (broken) continue
    const killed = await killer(tests, mutant)
    console.log(
      `${file}\n    - ${old}\n    + ${mutant.new}\n    ${killed ? `killed by: ${killed}` : 'SURVIVES'}`,
    )
    const { killed: before = 0, of = 0 } = score[file] ?? {}
    score[file] = { killed: before + (killed ? 1 : 0), of: of + 1 }
    if (!killed) process.exitCode = 1
  }
} finally {
  await vitest.close()
}
console.table(score)

/** `# file`, `? tests | names`, `- text`, and `+ what stands there instead` if anything: a row is a mutant. */
function listed(table) {
  const found = []
  let file, tests
  for (const [, sign, text] of table.matchAll(/^([#?+-]) (.*)$/gm)) {
    if (sign === '#') file = text
    else if (sign === '?') tests = text
    else if (sign === '-') found.push({ file, tests, old: text, new: '' })
    else found.at(-1).new = text
  }
  return found
}

function testFiles(tests) {
  const [names] = tests.split(' | ')
  return names.split(' ').map((name) => `test/service/${name}.test.ts`)
}

function mutated(code, { file, old, new: changed }) {
  if (code.split(old).length !== 2) throw new Error(`${file} does not say once: ${old}`)
  return code.replace(old, () => changed)
}

function transform(code, id) {
  return current && id === resolve(current.file) ? mutated(code, current) : undefined
}

/** The first of these tests that fails with this mutant, or with none. */
async function killer(tests, mutant) {
  const [, names = ''] = tests.split(' | ')
  const wanted = await vitest.globTestSpecifications(testFiles(tests).map((file) => resolve(file)))
  vitest.setGlobalTestNamePattern(names)
  vitest.state.filesMap.clear()
  current = mutant
  // The tests that build the service apply it themselves.
  process.env.MUTANT = JSON.stringify(mutant ?? {})
  if (mutant) vitest.invalidateFile(resolve(mutant.file))
  const { testModules } = await vitest.runTestSpecifications(wanted)
  if (mutant) vitest.invalidateFile(resolve(mutant.file))
  const failed = testModules.filter((module) => !module.ok())
  const [test] = failed.flatMap((module) => [...module.children.allTests('failed')])
  return test?.fullName ?? failed[0]?.relativeModuleId ?? (interrupted && 'a test')
}
