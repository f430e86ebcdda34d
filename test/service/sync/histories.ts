import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import pg from 'pg'
import { PgBoss } from 'pg-boss'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { zoomEventsPath } from '../../../src/contract/sync.ts'
import type { Settings } from '../../../src/service/start.ts'
import type { Fault } from '../../../src/simulator/kit/faults.ts'
import type { ServerAccount } from '../../../src/simulator/microsoft/ews/server.ts'
import { busyFault } from '../../../src/simulator/microsoft/ews/soap.ts'
import type { MeetingChange } from '../../../src/simulator/zoom/api.ts'
import { every, wide } from '../../sample.ts'
import { buildService } from '../attack/kit.ts'
import { type Identity, openIdentity, tim as timsMailbox } from '../identity/kit.ts'
import { hasPostgres, variables, type World } from '../kit.ts'
import { at, person, until, settings as usualSettings } from './kit.ts'

/**
 * How many histories: 50, or 10 with an Exchange server, 1,000 by `npm run nightly`. `HISTORIES_SEED` plays those of a seed
 * again.
 */
const runsOf = (mixed: boolean) => Number(process.env.HISTORIES ?? (every ? 1_000 : mixed ? 10 : 50))
const seed = Number(process.env.HISTORIES_SEED ?? Math.floor(Math.random() * 2 ** 31))

/** Nothing waits long for the next round. */
const settings = { ...usualSettings, SWEEP_SECONDS: 0.1 }

const which = fc.nat(3)
const days = fc.integer({ min: 1, max: 60 })

/** What happens to an Exchange server. */
const atExchange = [
  {
    weight: 3,
    arbitrary: fc.record({
      does: fc.constant('the Exchange server' as const),
      what: fc.constantFrom(
        'ends its answer' as const,
        'has missed changes' as const,
        'loses the subscriptions' as const,
        'loses the states' as const,
        'restarts' as const,
      ),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ does: 'the password changes' as const }) },
]

/** One thing that happens. Nothing is waited for, unless it says so. */
const stepOf = (mixed: boolean) =>
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        does: fc.constant('schedule' as const),
        whose: fc.constantFrom(...(mixed ? (['ada', 'tim'] as const) : (['ada'] as const))),
        days,
      }),
    },
    { weight: 6, arbitrary: fc.record({ does: fc.constant('move on a phone' as const), which, days }) },
    { weight: 3, arbitrary: fc.record({ does: fc.constant('move with the add-in' as const), which, days }) },
    { weight: 3, arbitrary: fc.record({ does: fc.constant('delete' as const), which }) },
    { weight: 2, arbitrary: fc.record({ does: fc.constant('delete, and restore' as const), which }) },
    { weight: 1, arbitrary: fc.record({ does: fc.constant('cancel' as const), which }) },
    {
      weight: 2,
      arbitrary: fc.record({ does: fc.constant('copy, and delete the copy' as const), which, days }),
    },
    { weight: 1, arbitrary: fc.record({ does: fc.constant('remove with the add-in' as const), which }) },
    {
      weight: 4,
      arbitrary: fc.record({
        does: fc.constant('fault' as const),
        where: fc.constantFrom(
          { vendor: 'graph', match: 'GET /v1.0/users' },
          ...(mixed ? [{ vendor: 'exchange', match: 'POST /EWS' }] : []),
          { vendor: 'zoom', match: 'GET /v2/meetings' },
          { vendor: 'zoom', match: 'PATCH /v2/meetings' },
          { vendor: 'zoom', match: 'DELETE /v2/meetings' },
          { vendor: 'zoom', match: 'PUT /v2/meetings' },
        ),
        way: fc.constantFrom<Partial<Fault>>(
          { status: 503 },
          { status: 429, headers: { 'retry-after': '1' } },
          { status: 500, times: 3 },
          ...(mixed ? [{ status: 500, body: busyFault.replace('30000', '1000') }] : []),
          { status: 403 },
          { drop: true },
          { drop: 'afterwards' },
        ),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        does: fc.constant('notifications' as const),
        how: fc.constantFrom(
          { drop: true },
          { copies: 3 },
          { reorder: true },
          { afterDeletion: true },
          { delay: 400 },
        ),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        does: fc.constant('Graph says' as const),
        event: fc.constantFrom(
          'missed' as const,
          'subscriptionRemoved' as const,
          'reauthorizationRequired' as const,
        ),
      }),
    },
    { weight: 1, arbitrary: fc.constant({ does: 'Graph ends the subscription' as const }) },
    ...(mixed ? atExchange : []),
    {
      weight: 3,
      arbitrary: fc.record({
        does: fc.constant('change in Zoom' as const),
        which,
        change: fc.oneof(
          fc.constant({ topic: 'Renamed in Zoom' }),
          fc.constant({ duration: 45 }),
          days.map((count) => ({ start_time: at(count).start })),
        ),
      }),
    },
    { weight: 2, arbitrary: fc.record({ does: fc.constant('delete in Zoom' as const), which }) },
    {
      weight: 2,
      arbitrary: fc.record({
        does: fc.constant('events of Zoom' as const),
        how: fc.constantFrom({ drop: true }, { copies: 2 }, { delay: 400 }),
      }),
    },
    { weight: 1, arbitrary: fc.constant({ does: 'a process is replaced' as const }) },
    { weight: 1, arbitrary: fc.constant({ does: 'PostgreSQL ends every session' as const }) },
    // It takes a build of the service.
    ...(wide
      ? [
          {
            weight: 2,
            arbitrary: fc.record({
              does: fc.constant('a process is killed' as const),
              days,
              after: fc.nat(300),
            }),
          },
        ]
      : []),
  )

const usualOfZoom = { drop: false, copies: 1, delay: 0 }
const usual = { drop: false, copies: 1, reorder: false, afterDeletion: false, delay: 0 }

/**
 * Plays random histories of Ada's calendar in Microsoft 365. `mixed`: also of Tim's on an Exchange server, and of that
 * server.
 */
export const histories = (mixed: boolean) =>
  describe.skipIf(!hasPostgres)(
    `whatever happens to ${mixed ? 'calendars in Microsoft 365 and on an Exchange server, their' : 'a calendar, its'} notifications, Graph, Zoom and two processes`,
    () => {
      let identity: Identity
      let world: World
      let people: Record<'ada' | 'tim', ReturnType<typeof person>>
      /** Tim's, at the Exchange server. */
      const account: ServerAccount = { name: 'tim', password: 'secret 0', failed: 0, ews: 'open' }
      /** What Tim has told the service. */
      let told = account.password
      let client: pg.Client
      let running: { stop(): Promise<void> }[]
      let doomed: Doomed | undefined
      beforeAll(async () => {
        identity = await openIdentity('PostgreSQL', settings, { limits: 'none' })
        world = identity.world
        client = new pg.Client(world.settings.DATABASE_URL)
        await client.connect()
        running = [await start()]
        identity.exchange.accounts.push(account)
        const { origin } = identity.service
        const { emailAddress } = timsMailbox
        let [session, ends] = ['', 0]
        // A session ends after half an hour.
        const bearer = async () => {
          if (Date.now() > ends) [session, ends] = [(await identity.session()).session, Date.now() + 600_000]
          return session
        }
        const connection = {
          provider: 'exchange' as const,
          get body() {
            return { user: 'CONTOSO\\tim', password: told }
          },
        }
        people = {
          ada: person(world, origin),
          tim: person(world, origin, { emailAddress, bearer, connection }),
        }
        await people.ada.connect()
        if (mixed) await people.tim.connect()
        const url = `${variables.PUBLIC_URL}${zoomEventsPath}`
        expect(await world.zoom.webhooks.subscribe(url)).toBeUndefined()
        if (wide) doomed = await doomedIn(world, identity.exchange.settings())
      })
      afterAll(async () => {
        await doomed?.end()
        await client.end()
        await identity.close()
      })
      /** As `world.sql`, by a connection that stays. */
      const sql = async (statement: string) => (await client.query(statement)).rows
      const start = () => world.startService({ ...identity.exchange.settings(), ...settings })

      type Scheduled = Awaited<ReturnType<typeof people.ada.schedule>> & {
        by: (typeof people)['ada']
        now: Record<string, unknown>
        isCopied?: boolean
      }
      let count = 0
      /** Zoom told nothing of a change: it is found when the window of the comparison moves on, a week later at most. */
      let isUntold = false

      /** Graph told nothing of a change. One that came and went between two passes is found by one more look tomorrow. */
      let isLost = false

      /**
       * The time passes that events of Zoom, jobs and passes wait for, also those that fail meanwhile. With their turn. Not
       * the jobs that look at each changed event once more tomorrow, if nothing else needs them: they would find it. What
       * has failed is due once for each time: a process is at work on it then, and stores nothing if it is due again.
       */
      async function passTime(): Promise<void> {
        world.zoom.webhooks.passTime()
        await sql(`
        update pgboss.job set start_after = now(), priority = 0
          where state in ('created', 'retry') and (${isLost} or start_after < now() + interval '2 hours');
        delete from refused_digests where again_at is not null;
        update watches set due_at = now(), failures = default where failures > 0;
        update watches set pass_at = now(), pass_failures = default where pass_failures > 0`)
      }

      /** Ends every fault, and lets the time pass that retries, renewals and passes wait for. */
      async function settle(): Promise<void> {
        await world.faults.clear()
        world.graph.subscriptions.deliver(usual)
        world.zoom.webhooks.deliver(usualOfZoom)
        // Hundreds of histories are more than Graph allows a mailbox in ten minutes.
        world.graph.throttle.reset()
        if (isUntold) await sql(`update watches set window_from = window_from - interval '8 days'`)
        isUntold = false
        await doomed?.expire()
        if (told !== account.password) {
          told = account.password
          // An hour has passed.
          await sql('delete from refused_digests')
          // The server has told a process that it is busy, a moment ago.
          await vi.waitFor(() => people.tim.connectAgain(), { timeout: 60_000, interval: 1_000 })
        }
        // Before the passes, whose jobs wake a process for these too.
        await passTime()
        const [{ now } = {}] = await sql('select now()::text')
        await sql(
          `update watches set due_at = now(), pass_at = now(), checked_at = null, expires_at = expires_at - interval '1 second'`,
        )
        // A process that renews a subscription has it for a minute, and Graph's is due again in days. The lease of a mailbox on
        // an Exchange server ends ten minutes after it was taken or renewed.
        const open = `select from watches where checked_at is null or subscription is null
        or case when starts_with(subscription, 'ews-') then expires_at < '${now}'::timestamptz + interval '10 minutes'
          else due_at < now() + interval '5 minutes' end`
        await until(async () => {
          await passTime()
          return (await sql(open)).length === 0
        }).catch(explained)
        await passTime()
      }

      /** Until Zoom has this. Otherwise what waits, and what was logged last. */
      async function expectZoom(all: Scheduled[]): Promise<void> {
        await until(async () => {
          await passTime()
          return JSON.stringify(found()) === JSON.stringify(expected(all))
        }).catch((cause) => explained(cause, expected(all)))
      }

      /** What waits, and what was logged last. `wanted`: what Zoom should have. */
      async function explained(cause: unknown, wanted?: unknown): Promise<never> {
        const jobs = await sql('select state, group_tier, retry_count, start_after, output from pgboss.job')
        const [watches, meetings] = [
          await sql(
            `select to_jsonb(watches) - array['secret', 'delta', 'packed_delta'] as watch from watches`,
          ),
          await sql(`select to_jsonb(meetings) - 'sealed_event' as meeting from meetings`),
        ]
        const rows = [{ wanted, found: found() }, ...jobs, ...watches, ...meetings].map((row) =>
          JSON.stringify(row),
        )
        throw new Error(`${rows.join('\n')}\n${world.logged.slice(-200).join('')}`, { cause })
      }

      /** Nothing is on its way: so Zoom has it, and the service has read it once. */
      async function schedule(by: (typeof people)['ada'], days: number): Promise<Scheduled> {
        const now = { subject: `Appointment ${count++}`, ...at(days) }
        // After an attempt that was not answered, a process leaves the server alone for a while that no statement shortens.
        const compare = () =>
          void passTime()
            .then(() => sql('update watches set pass_at = now()'))
            .catch(() => {})
        const comparing = by === people.tim ? setInterval(compare, 1_000) : undefined
        const one = await by
          .schedule(now)
          .catch(explained)
          .finally(() => clearInterval(comparing))
        const known = `select from meetings where key = '${one.key}' and event is not null`
        await until(async () => (await sql(known)).length === 1)
        return { ...one, by, now }
      }

      const does = {
        async schedule(all: Scheduled[], { whose = 'ada', days = 1 }: About) {
          if (all.length === 4) return
          await settle()
          all.push(await schedule(people[whose], days))
        },
        async 'move on a phone'(_: Scheduled[], { one, days = 1 }: About) {
          one?.change(Object.assign(one.now, { subject: `Moved ${count++}`, ...at(days) }))
        },
        async 'move with the add-in'(_: Scheduled[], { one, days = 1 }: About) {
          if (!one) return
          Object.assign(one.now, { subject: `Updated ${count++}`, ...at(days) })
          // The appointment is saved whatever the service answers.
          await one.by.put(one.key, { subject: one.now.subject, start: one.now.start })
          one.change(one.now)
        },
        async delete(all: Scheduled[], { one }: About) {
          one?.remove()
          if (one) all.splice(all.indexOf(one), 1)
        },
        /** As Undo does. */
        async 'delete, and restore'(_: Scheduled[], { one }: About) {
          one?.remove()
          await pause(50)
          one?.change(one.now)
        },
        async cancel(all: Scheduled[], { one }: About) {
          one?.change({ ...one.now, isCancelled: true })
          if (one) all.splice(all.indexOf(one), 1)
        },
        async 'copy, and delete the copy'(_: Scheduled[], { one, days = 1 }: About) {
          if (!one) return
          const id = `${one.saved.id} copy ${count++}`
          world.graph.calendars.put({ ...one.saved, ...at(days), id }, one.by.emailAddress)
          world.graph.calendars.delete(id)
        },
        async 'remove with the add-in'(all: Scheduled[], { one }: About) {
          if (!one) return
          await world.faults.clear()
          // A person presses again where the database has just ended its connections.
          const remove = () => one.by.removeMeeting(one.key)
          await remove().catch(remove)
          one.change({ ...one.now, customProperties: {} })
          all.splice(all.indexOf(one), 1)
        },
        async fault(_: Scheduled[], { where, way }: About) {
          const fault = { ...(where as Fault), ...way }
          // Otherwise a process would leave the server alone for a minute that no statement shortens.
          const isSlow = fault.vendor === 'exchange' && fault.status === 503
          world.faults.add({ ...fault, ...(isSlow && { headers: { 'retry-after': '1' } }) })
        },
        async notifications(_: Scheduled[], { how }: About) {
          world.graph.subscriptions.deliver({ ...usual, ...how })
          isLost ||= 'drop' in (how ?? {})
        },
        async 'Graph says'(_: Scheduled[], { event }: About) {
          if (event) world.graph.subscriptions.lifecycle(event)
          isLost ||= event === 'subscriptionRemoved'
        },
        async 'Graph ends the subscription'() {
          world.graph.subscriptions.end()
          isLost = true
        },
        async 'the Exchange server'(_: Scheduled[], { what }: About) {
          const { streaming, loseStates, forgetConnections } = identity.exchange.ews
          if (what === 'has missed changes') streaming.end('ErrorMissedNotificationEvents')
          else if (what === 'loses the subscriptions') streaming.lose()
          else if (what === 'loses the states') loseStates()
          else streaming.end()
          if (what === 'restarts') forgetConnections()
          isLost ||= what !== 'ends its answer' && what !== 'restarts'
        },
        /** Tim tells the service later. */
        async 'the password changes'() {
          account.password = `secret ${count++}`
          identity.exchange.ews.forgetConnections()
          identity.exchange.ews.streaming.end()
          isLost = true
        },
        async 'change in Zoom'(_: Scheduled[], { one, change = {} }: About) {
          world.zoom.portal.changeMeeting(await idOf(one), change)
        },
        async 'delete in Zoom'(_: Scheduled[], { one }: About) {
          world.zoom.portal.deleteMeeting(await idOf(one))
        },
        async 'events of Zoom'(_: Scheduled[], { how = {} }: About) {
          world.zoom.webhooks.deliver({ ...usualOfZoom, ...how })
          isUntold ||= 'drop' in how
        },
        async 'a process is replaced'() {
          await running.pop()?.stop()
          running.push(await start())
        },
        /** While it changes a meeting, or soon after, if one of the changes was told to it. */
        async 'a process is killed'(all: Scheduled[], { days = 1, after }: About) {
          const match = 'PATCH /v2/meetings'
          world.faults.add({ vendor: 'zoom', match, delay: 200, times: all.length })
          for (const one of all) await does['move on a phone'](all, { one, days })
          await doomed?.kill(after)
          isLost = true
        },
        async 'PostgreSQL ends every session'() {
          await sql(`select pg_terminate_backend(pid) from pg_stat_activity
          where datname = current_database() and application_name = 'zoom-for-outlook'`)
        },
      }
      /** Zoom's id of its meeting. Empty: there is none. */
      async function idOf(one: Scheduled | undefined): Promise<string> {
        const [row] = await sql(`select zoom_meeting_id as id from meetings where key = '${one?.key}'`)
        return String(row?.id ?? '')
      }
      interface About {
        one?: Scheduled | undefined
        whose?: 'ada' | 'tim'
        days?: number
        after?: number
        where?: object
        way?: Partial<Fault>
        how?: object
        change?: MeetingChange
        what?: string
        event?: 'missed' | 'subscriptionRemoved' | 'reauthorizationRequired'
      }

      const expected = (all: Scheduled[]) =>
        all
          .map(({ now }) => ({ topic: now.subject, start_time: now.start, duration: 30 }))
          .sort((a, b) => String(a.topic).localeCompare(String(b.topic)))
      const found = () =>
        world.zoom
          .meetings()
          .map(({ topic, start_time, duration }) => ({ topic, start_time, duration }))
          .sort((a, b) => String(a.topic).localeCompare(String(b.topic)))

      const have = mixed ? 'the calendars have' : 'the calendar has'
      test(`Zoom has in the end what ${have}: one meeting for each appointment, and no other`, async () => {
        const runs = runsOf(mixed)
        console.info(`${runs} histories of HISTORIES_SEED=${seed}`)
        const all: Scheduled[] = []
        await fc.assert(
          fc.asyncProperty(fc.array(stepOf(mixed), { minLength: 3, maxLength: 12 }), async (history) => {
            // Most steps need an appointment.
            const first = [schedule(people.ada, 5), schedule(people[mixed ? 'tim' : 'ada'], 6)]
            all.push(...(await Promise.all(first)))
            for (const { does: what, ...about } of history) {
              const index = 'which' in about ? about.which : 0
              await does[what](all, { ...about, one: all[index % Math.max(1, all.length)] } as never)
            }
            await settle()
            await expectZoom(all)
            expect(world.logged.filter((line) => line.includes('"msg":"bug"'))).toEqual([])
            isLost = false
            for (const one of all.splice(0)) one.remove()
            await settle()
            await expectZoom(all)
          }),
          { numRuns: runs, seed, endOnFailure: true },
        )
      }, 10_800_000)
    },
  )

type Doomed = Awaited<ReturnType<typeof doomedIn>>

/** A third process of this world, which is killed and started again. It works on jobs and calendars. */
async function doomedIn(world: World, exchange: Partial<Settings>) {
  const name = 'doomed'
  const program = join(
    dirname(await buildService([fileURLToPath(new URL('doomed.ts', import.meta.url))])),
    'doomed.js',
  )
  const {
    DATABASE_URL = '',
    DATA_DIR,
    ZOOM_API_URL,
    ZOOM_OAUTH_URL,
    ENTRA_AUTHORITY,
    GRAPH_URL,
    ZOOM_CHANGES_PER_DAY,
  } = world.settings
  const stands = { ZOOM_API_URL, ZOOM_OAUTH_URL, ENTRA_AUTHORITY, GRAPH_URL, ZOOM_CHANGES_PER_DAY }
  const own = { ...settings, ...exchange, ...stands }
  // What it has taken is told apart by the name of its sessions.
  await world.sql(`create table taken (id text primary key, by text)`)
  await world.sql(`create function note_taken() returns trigger language plpgsql as $$ begin
    insert into taken values (to_jsonb(new)->>tg_argv[0], current_setting('application_name'))
      on conflict (id) do update set by = excluded.by;
    return null; end $$`)
  await world.sql(`create trigger note after update on pgboss.job for each row
    when (new.state = 'active' and old.state <> 'active') execute function note_taken('id')`)
  await world.sql(`create trigger note after update on meetings for each row
    when (new.lease is not null and new.lease is distinct from old.lease) execute function note_taken('lease')`)
  await world.sql(`create trigger note after update on watches for each row
    when (new.subscription is distinct from old.subscription and starts_with(new.subscription, 'ews-'))
    execute function note_taken('subscription')`)
  const boss = new PgBoss({
    connectionString: DATABASE_URL,
    supervise: false,
    migrate: false,
    schedule: false,
  })
  boss.on('error', () => {})
  await boss.start()

  async function startOne() {
    const one = spawn(process.execPath, [program], {
      env: {
        ...{ PATH: process.env.PATH, ...variables, DATA_DIR, SETTINGS: JSON.stringify(own) },
        DATABASE_URL: `${DATABASE_URL}?application_name=${name}`,
      },
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    })
    if (one.stdout)
      createInterface({ input: one.stdout }).on('line', (line) => world.logged.push(`${line}\n`))
    const [port] = await once(one, 'message')
    return { one, leave: world.join(`http://127.0.0.1:${port}`) }
  }
  let child = startOne()
  await child
  let isKilled = false

  const its = `(select id from taken where by = '${name}')`
  async function kill(): Promise<void> {
    const { one, leave } = await child
    leave()
    const ended = once(one, 'close')
    one.kill('SIGKILL')
    await ended
    // PostgreSQL ends what it had begun for it.
    const sessions = `select from pg_stat_activity where application_name = '${name}' and datname = current_database()`
    await until(async () => (await world.sql(sessions)).length === 0)
  }

  return {
    /** Milliseconds after it has taken a meeting, or after a second. */
    async kill(after = 0): Promise<void> {
      const isWorking = async () =>
        (await world.sql(`select from meetings where lease::text in ${its}`)).length > 0
      for (let tries = 0; tries < 50 && !(await isWorking()); tries++) await pause(20)
      await pause(after)
      await kill()
      isKilled = true
      // As if the time had passed for which its jobs and its leases are its own.
      await world.sql(`update pgboss.job set started_on = started_on - interval '5 minutes'
        where state = 'active' and id::text in ${its}`)
      await world.sql(`update meetings set leased_until = now() where lease::text in ${its}`)
      await world.sql(`update watches set expires_at = now(), due_at = now() where subscription in ${its}`)
      child = startOne()
    },

    /** What pg-boss does once a minute: jobs whose time has passed are tried again. */
    async expire(): Promise<void> {
      if (!isKilled) return
      isKilled = false
      await world.sql('update pgboss.queue set monitor_claim_on = null, monitor_on = null')
      await boss.supervise('events')
    },

    async end(): Promise<void> {
      await kill()
      await boss.stop({ graceful: false, close: true })
    },
  }
}
