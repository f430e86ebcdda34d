// `npm run settings`: writes the reference of the settings into docs/administrators.md, from the table that checks them.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { runnerImport } from 'vite'

process.chdir(fileURLToPath(new URL('..', import.meta.url)))
const { module } = await runnerImport('./src/service/all-settings.ts', {
  configFile: false,
  logLevel: 'warn',
})
const page = 'docs/administrators.md'
const text = readFileSync(page, 'utf8')
const [before, after] = [/^.*?<!-- settings -->\n/s, /<!-- \/settings -->.*$/s].map(
  (part) => part.exec(text)?.[0],
)
if (before === undefined || after === undefined) throw new Error(`${page} has no place for the settings`)
writeFileSync(page, `${before}${module.settingsReference()}\n${after}`)
