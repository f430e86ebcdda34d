// Keeps the service of a commit in test/released/service.js.br: one module, which imports the packages that are installed.
// The upgrade test runs it beside today's service: node scripts/run.mjs test/released/record.mjs COMMIT
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { argv } from 'node:process'
import { brotliCompressSync } from 'node:zlib'
import { build } from 'vite'

const commit = execFileSync('git', ['rev-parse', argv[2]], { encoding: 'utf8' }).trim()
const tree = mkdtempSync(join(tmpdir(), 'released-'))
try {
  const archive = execFileSync('git', ['archive', commit, 'src', 'tsconfig.json'], { maxBuffer: 1 << 28 })
  execFileSync('tar', ['-x', '-C', tree], { input: archive })
  // The upgrade speaks English.
  rmSync(join(tree, 'src/languages'), { recursive: true })
  symlinkSync(resolve('node_modules'), join(tree, 'node_modules'), 'junction')
  const entry = join(tree, 'src/service/released.ts')
  writeFileSync(
    entry,
    `export { createLog } from './log.ts'\nexport { readSettings, start } from './start.ts'\n`,
  )
  const { output } = await build({
    configFile: false,
    root: tree,
    logLevel: 'warn',
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
