import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inject } from 'vitest'
import { openDatabase } from '../../../src/service/database/open.ts'
import { temporaryFolder } from '../../../src/simulator/kit/temporary.ts'
import { createDatabase } from '../../kit.ts'
import { builtService, folderBesidePackages } from '../attack/kit.ts'
import type { Engine } from '../kit.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const appender = fileURLToPath(new URL('appender.mjs', import.meta.url))

export type Trail = Awaited<ReturnType<typeof openTrail>>

/** An empty database of this version, opened only while somebody uses it. */
export async function openTrail(engine: Engine) {
  const folder = temporaryFolder()
  const databaseUrl = engine === 'PostgreSQL' ? await createDatabase() : undefined
  if (!databaseUrl)
    cpSync(inject('embeddedTemplate'), join(folder.path, 'database', 'pglite'), { recursive: true })

  const { close } = await openDatabase(databaseUrl, folder.path)
  await close()

  return {
    folder: folder.path,
    environment: { DATA_DIR: folder.path, ...(databaseUrl && { DATABASE_URL: databaseUrl }) },
    databaseUrl,

    /** A process that appends so many records. */
    appender(count: number) {
      const child = spawn(process.execPath, [appender, databaseUrl ?? '', folder.path, String(count)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      let appended = 0
      child.stdout.on('data', (dots: Buffer) => {
        appended += dots.length
      })
      const ended = once(child, 'close')
      return { appended: () => appended, ended, kill: () => child.kill('SIGKILL') }
    },

    close: () => folder.remove(),
  }
}

let packed: Promise<string> | undefined

/** The package's own `bin`, beside the built service. */
export async function packedCommand(): Promise<string> {
  packed ??= pack()
  return packed
}

async function pack(): Promise<string> {
  const service = dirname(await builtService())
  const folder = folderBesidePackages('packed')
  for (const file of [
    'package.json',
    'scripts/zoom-for-outlook.mjs',
    'scripts/run.mjs',
    'scripts/locked.mjs',
  ])
    cpSync(join(root, file), join(folder, file))
  mkdirSync(join(folder, 'dist'))
  symlinkSync(service, join(folder, 'dist/service'), 'junction')
  return join(folder, 'scripts/zoom-for-outlook.mjs')
}

/** Runs a command of the administrator. */
export async function command(environment: Record<string, string>, ...args: string[]) {
  const child = spawn(process.execPath, [await packedCommand(), ...args], {
    env: { PATH: process.env.PATH, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said = { output: '', errors: '' }
  child.stdout.setEncoding('utf8').on('data', (text) => {
    said.output += text
  })
  child.stderr.setEncoding('utf8').on('data', (text) => {
    said.errors += text
  })
  const [code] = await once(child, 'close')
  return { code: code as number, ...said }
}
