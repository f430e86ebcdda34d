import { spawnSync } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
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
  const folder = mkdtempSync(join(tmpdir(), 'zoom-for-outlook-postgres-'))
  const cluster = process.env.TEST_DATABASE_URL ? undefined : await startCluster(folder)
  project.provide('postgres', process.env.TEST_DATABASE_URL ?? cluster?.url)
  return () => {
    cluster?.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A throw-away cluster. PostgreSQL refuses to run as root, so root lends it to the system's postgres user. */
async function startCluster(folder: string) {
  const binaries = findBinaries()
  const owner = process.getuid?.() === 0 ? idsOf('postgres') : {}
  if (!binaries || !owner) return undefined
  const data = mkdtempSync(join(folder, 'postgres-'))
  if (owner.uid !== undefined && owner.gid !== undefined) {
    chownSync(folder, owner.uid, owner.gid)
    chownSync(data, owner.uid, owner.gid)
  }
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
  run('pg_ctl', '-D', data, '-l', join(data, 'log'), '-w', '-o', options, 'start')
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    stop: () => run('pg_ctl', '-D', data, '-m', 'immediate', 'stop'),
  }
}

function findBinaries(): string | undefined {
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
