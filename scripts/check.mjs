// `npm run check`: format and lint, types of every runtime, and nothing unused.
import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

process.chdir(fileURLToPath(new URL('..', import.meta.url)))

const runtimes = ['src', 'test'].flatMap((folder) =>
  readdirSync(folder, { recursive: true })
    .filter((path) => /^(.*[\\/])?tsconfig\.json$/.test(path))
    .map((path) => dirname(join(folder, path))),
)

// What fails is printed once the check is done, on a terminal or in a log.
const { FORCE_COLOR: _, ...rest } = process.env
const env = { ...rest, NO_COLOR: '1' }

/** What to run, the slowest first: a name and a program of node_modules with its arguments. */
const checks = [
  ['knip', 'knip/bin/knip.js', '--no-progress'],
  ['biome', '@biomejs/biome/bin/biome', 'ci', '--colors=off', '--error-on-warnings'],
  ...runtimes.map((folder) => [`types of ${folder}`, 'typescript/bin/tsc', '-p', folder]),
]

const waiting = [...checks]
const failed = []
await Promise.all([worker(), worker()])
if (failed.length > 0) {
  console.error(`\n${failed.length} of ${checks.length} checks failed: ${failed.join(', ')}.`)
  process.exitCode = 1
}

/** Two of these at a time: a small machine has two cores. */
async function worker() {
  for (let check = waiting.shift(); check; check = waiting.shift()) {
    const [name, program, ...options] = check
    const since = performance.now()
    const { code, output } = await run(join('node_modules', program), options)
    const seconds = ((performance.now() - since) / 1000).toFixed(1)
    console.log(`${code === 0 ? '✓' : '✗'} ${name} (${seconds} s)`)
    if (code === 0) continue
    failed.push(name)
    console.log(output)
  }
}

function run(program, options) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...options], { env, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text) => {
        output += text
      })
    child.on('error', reject).on('close', (code) => resolve({ code, output }))
  })
}
