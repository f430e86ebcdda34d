// `npm run translate -- fr`: what a translator has to do in a language, and where each text is shown.
import { fileURLToPath } from 'node:url'
import { runnerImport } from 'vite'

process.chdir(fileURLToPath(new URL('..', import.meta.url)))
const { module } = await runnerImport('./scripts/translate.ts', { configFile: false, logLevel: 'warn' })
process.exitCode = module.translate(process.argv[2] ?? '')
