import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import type { TestProject } from 'vitest/node'
import { openDatabase } from '../src/service/database/open.ts'
import startPostgres from '../test/postgres.ts'

/** A database engine that the service can run on. */
export interface Engine {
  name: 'embedded' | 'PostgreSQL'
  /** The settings that name a new and empty database. */
  create(): Promise<Place>
}

export interface Place {
  DATA_DIR: string
  DATABASE_URL?: string
}

/** The engines that this machine has; their databases are in `folder`. */
export async function openEngines(folder: string): Promise<{ engines: Engine[]; close(): void }> {
  const provided = new Map<string, unknown>()
  const project = { provide: (name: string, value: unknown) => void provided.set(name, value) }
  const stopPostgres = await startPostgres(project as TestProject)
  process.once('exit', stopPostgres)
  const close = () => {
    process.off('exit', stopPostgres)
    stopPostgres()
  }
  const server = provided.get('postgres') as string | undefined
  const create = async () => ({ DATA_DIR: mkdtempSync(join(folder, 'data-')) })
  const embedded: Engine = { name: 'embedded', create }
  if (!server) return { engines: [embedded], close }
  const postgres: Engine = {
    name: 'PostgreSQL',
    create: async () => ({ ...(await create()), DATABASE_URL: await createDatabase(server) }),
  }
  return { engines: [embedded, postgres], close }
}

/** Gives an empty database the service's tables. */
export async function migrate({ DATA_DIR, DATABASE_URL }: Place): Promise<void> {
  const { close } = await openDatabase(DATABASE_URL, DATA_DIR)
  await close()
}

async function createDatabase(server: string): Promise<string> {
  const name = `bench_${crypto.randomUUID().replaceAll('-', '')}`
  const client = new pg.Client(server)
  await client.connect()
  await client.query(`create database ${name}`)
  await client.end()
  return Object.assign(new URL(server), { pathname: name }).href
}
