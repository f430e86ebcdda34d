import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { expect, inject } from 'vitest'
import type { Faults } from '../src/simulator/kit/faults.ts'

/** A new database on the tests' PostgreSQL. */
export async function createDatabase(): Promise<string> {
  const url = new URL(inject('postgres') as string)
  const name = `test_${crypto.randomUUID().replaceAll('-', '')}`
  await onServer(`create database ${name}`)
  url.pathname = name
  return url.href
}

/** Takes it away from whoever uses it. */
export const dropDatabase = (url: string) =>
  onServer(`drop database ${new URL(url).pathname.slice(1)} with (force)`)

const onServer = (statement: string) => query(inject('postgres'), statement)

/** Asks a database directly, as its administrator would. */
export async function query(databaseUrl: string | undefined, statement: string) {
  const client = new pg.Client(databaseUrl)
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(statement)).rows
  } finally {
    await client.end()
  }
}

/** Waits until the faults hold so many calls. */
export const untilHeld = (faults: Faults, calls = 1) => expect.poll(() => faults.held().length).toBe(calls)

/** Waits until the clock shows another second. Proofs are dated to the second. */
export async function nextSecond(): Promise<void> {
  const second = () => Math.floor(Date.now() / 1000)
  const before = second()
  while (second() === before) await pause(20)
}

/** A random key for stored credentials, as `VAULT_KEYS` lists it. */
export const newVaultKey = (id: string) => `${id}:${randomBytes(32).toString('base64')}`

let keys = 0
/** A key that no test has used. */
export const newKey = () => String(++keys).padStart(22, 'k')

export const quarterlyReview = {
  subject: 'Quarterly review',
  start: '2030-12-03T09:00:00Z',
  minutes: 30,
  timeZone: 'W. Europe Standard Time',
  recurring: false,
}

/** One HTTP request, as the add-in makes it. */
export async function putMeeting(
  origin: string,
  token: string,
  key: string,
  body: unknown = quarterlyReview,
  headers: Record<string, string> = {},
) {
  const response = await fetch(`${origin}/meetings/${key}`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
  return { status: response.status, body: (await response.json()) as Record<string, string> }
}
