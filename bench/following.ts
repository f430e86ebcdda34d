import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { thisBuild } from './build.ts'
import type { Place } from './engines.ts'
import { type Program, startProgram } from './program.ts'
import type { Surroundings } from './surroundings.ts'

/** Services that follow the calendars of some callers, each of whom has one meeting. */
export interface Following {
  programs: readonly Program[]
  stop(): Promise<void>
}

/** Starts so many services on a migrated database, and waits until every meeting is known by its event. */
export async function startFollowing(
  place: Place,
  around: Surroundings,
  people: number,
  processes = 1,
): Promise<Following> {
  const callers = around.callers.slice(0, people)
  const database = new pg.Client(place.DATABASE_URL)
  await database.connect()
  const count = async (what: string) =>
    Number((await database.query<{ count: string }>(`select count(*) from ${what}`)).rows[0]?.count)
  const until = async (isSo: () => Promise<boolean>) => {
    while (!(await isSo())) await pause(50)
  }

  const start = async (more: Record<string, string> = {}) =>
    startProgram(thisBuild.main, { ...around.settings, ...place, ...more })

  // It looks for new mailboxes each second. What is measured does so as often as a service does.
  const first = await start({ SWEEP_SECONDS: '1' })
  around.ask({ services: [first.origin] })
  const keys = callers.map(() => randomBytes(16).toString('base64url'))
  for (const [index, { token }] of callers.entries()) {
    const response = await fetch(`${first.origin}/meetings/${keys[index]}`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(appointment),
    })
    if (!response.ok) throw new Error(`A meeting was answered with ${response.status}.`)
  }
  for (const { objectId } of callers)
    await database.query(
      `insert into connections (person, provider, permission, state)
       select id, 'microsoft-application', 'read', 'connected' from callers
       where subject = 'entra:' || $1::text || ':' || $2::text`,
      [around.tenantId, objectId],
    )
  const theirs = `subject in (select subject from meetings)`
  await until(
    async () =>
      (await count(
        `watches join callers on callers.id = person where ${theirs} and checked_at is not null and subscription is not null`,
      )) === people,
  )
  around.ask({ appointments: keys })
  await until(async () => (await count('meetings where event is not null')) === people)
  await until(
    async () =>
      (await count(
        `pgboss.job where name = 'events' and state in ('created', 'retry', 'active') and start_after <= now()`,
      )) === 0,
  )
  await database.end()
  await first.stop()
  const programs: Program[] = []
  while (programs.length < processes) programs.push(await start())
  around.ask({ services: programs.map(({ origin }) => origin) })
  return { programs, stop: async () => void (await Promise.all(programs.map((program) => program.stop()))) }
}

export const appointment = {
  subject: 'Quarterly review',
  start: '2027-03-03T09:00:00Z',
  minutes: 30,
  timeZone: 'W. Europe Standard Time',
  recurring: false,
}
