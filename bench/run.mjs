// `node bench/run.mjs bench/main.ts`: runs a program in TypeScript, on every Node that we support.
import { resolve } from 'node:path'
import { argv } from 'node:process'
import { runnerImport } from 'vite'

await runnerImport(resolve(argv[2]), { configFile: false, logLevel: 'warn' })
