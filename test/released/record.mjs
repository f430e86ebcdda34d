// Keeps the service of a commit in test/released/service.js.br: one module with those of its packages that today's service
// does not have. The others are today's, so that it stays small. When another one goes, keep it again.
// The upgrade test runs it beside today's service: node scripts/run.mjs test/released/record.mjs COMMIT
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { argv } from 'node:process'
import { brotliCompressSync } from 'node:zlib'
import { build } from 'vite'

const packagesOf = (folder) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).dependencies
const commit = execFileSync('git', ['rev-parse', argv[2]], { encoding: 'utf8' }).trim()
const tree = mkdtempSync(join(tmpdir(), 'released-'))
try {
  const files = ['src', 'tsconfig.json', 'package.json', 'package-lock.json', '.npmrc']
  const archive = execFileSync('git', ['archive', commit, ...files], { maxBuffer: 1 << 28 })
  execFileSync('tar', ['-x', '-C', tree], { input: archive })
  // The upgrade speaks English.
  rmSync(join(tree, 'src/languages'), { recursive: true })
  execFileSync('npm', ['ci', '--omit=dev', '--ignore-scripts'], { cwd: tree, stdio: 'inherit' })
  const entry = join(tree, 'src/service/released.ts')
  writeFileSync(
    entry,
    `export { createLog } from './log.ts'\nexport { readSettings, start } from './start.ts'\n`,
  )
  const { output } = await build({
    configFile: false,
    root: tree,
    logLevel: 'warn',
    ssr: { noExternal: Object.keys(packagesOf(tree)).filter((name) => !packagesOf('.')[name]) },
    build: {
      ssr: entry,
      write: false,
      target: 'node22',
      minify: true,
      rolldownOptions: { output: { codeSplitting: false } },
    },
  })
  const module = `// The service at ${commit}.\n${output[0].code}`
  writeFileSync('test/released/service.js.br', brotliCompressSync(module))
} finally {
  rmSync(tree, { recursive: true })
}
