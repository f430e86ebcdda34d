import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, mkdtempSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { freePort } from '../src/simulator/kit/free-port.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** A PostgreSQL server where databases can be made; undefined: this machine has none. */
    postgres: string | undefined
  }
}

/** Starts a PostgreSQL of our own, where its binaries are and `TEST_DATABASE_URL` names no other. */
export default async function setup(project: TestProject) {
  const cluster = process.env.TEST_DATABASE_URL ? undefined : await startCluster()
  const url = process.env.TEST_DATABASE_URL ?? cluster?.url
  if (!url && process.env.CI_MUST_PLAY)
    throw new Error('No PostgreSQL here. CI_MUST_PLAY is set, so the tests that need it must not be skipped.')
  project.provide('postgres', url)
  return async () => cluster?.stop()
}

/** A throw-away cluster. PostgreSQL refuses to run as root, so root lends it to the system's postgres user. */
async function startCluster() {
  const binaries = findBinaries()
  const owner = process.getuid?.() === 0 ? idsOf('postgres') : {}
  if (!binaries || !owner) return undefined
  const data = mkdtempSync(join(tmpdir(), 'zoom-for-outlook-postgres-'))
  if (owner.uid !== undefined && owner.gid !== undefined) chownSync(data, owner.uid, owner.gid)
  const run = (program: string, ...args: string[]) => {
    const { status, stderr } = spawnSync(join(binaries, program), args, {
      ...owner,
      cwd: data,
      encoding: 'utf8',
    })
    if (status !== 0) throw new Error(`${program}: ${stderr}`)
  }
  const port = await freePort()
  run('initdb', '-D', data, '-U', 'postgres', '-A', 'trust', '--no-sync', '--no-locale', '-E', 'UTF8')
  const options = `-p ${port} -k ${data} -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=200`
  const stop = stopsWithUs(data, join(binaries, 'pg_ctl'), owner)
  run('pg_ctl', '-D', data, '-l', join(data, 'log'), '-w', '-o', options, 'start')
  return { url: `postgres://postgres@127.0.0.1:${port}/postgres`, stop }
}

/** Stops the cluster and removes its data when the answer is called, or when this process ends in any other way. */
function stopsWithUs(data: string, pgCtl: string, owner: { uid?: number; gid?: number }) {
  const script = `cat; '${pgCtl}' -D '${data}' -m immediate stop; rm -rf '${data}'`
  // The pipe to it closes with this process. A Ctrl-C in the terminal does not reach it.
  const watch = spawn('sh', ['-c', script], {
    ...owner,
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  return async () => {
    const ended = once(watch, 'close')
    watch.stdin.end()
    await ended
  }
}

/** The folder of PostgreSQL’s programs. Undefined: this machine has none. */
export function findBinaries(): string | undefined {
  const debian = '/usr/lib/postgresql'
  const folders = existsSync(debian) ? readdirSync(debian).map((version) => join(debian, version, 'bin')) : []
  return [...folders, '/usr/bin', '/usr/local/bin', '/opt/homebrew/bin'].find((f) =>
    existsSync(join(f, 'initdb')),
  )
}

function idsOf(user: string): { uid?: number; gid?: number } | undefined {
  const [uid, gid] = ['-u', '-g'].map((flag) =>
    spawnSync('id', [flag, user], { encoding: 'utf8' }).stdout?.trim(),
  )
  return uid && gid ? { uid: Number(uid), gid: Number(gid) } : undefined
}
