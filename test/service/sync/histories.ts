import { setTimeout as pause } from 'node:timers/promises'
import fc from 'fast-check'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { adminPaths, revocationPath, serviceAccountPath } from '../../../src/contract/admin-paths.ts'
import type { ServiceAccounts } from '../../../src/contract/admin-service-accounts.ts'
import { ownerHeader } from '../../../src/contract/owner.ts'
import { paths } from '../../../src/contract/paths.ts'
import { zoomEventsPath } from '../../../src/contract/sync.ts'
import type { Fault } from '../../../src/simulator/kit/faults.ts'
import { freePort } from '../../../src/simulator/kit/free-port.ts'
import type { ServerAccount } from '../../../src/simulator/microsoft/ews/server.ts'
import { busyFault } from '../../../src/simulator/microsoft/ews/soap.ts'
import { mailboxes } from '../../../src/simulator/people.ts'
import type { MeetingChange } from '../../../src/simulator/zoom/api.ts'
import { newKey, nextSecond, putMeeting, quarterlyReview } from '../../kit.ts'
import { every } from '../../sample.ts'
import { adminToken, decide, subjectOf } from '../admin/kit.ts'
import { asker, type Identity, openIdentity, tim as timsMailbox } from '../identity/kit.ts'
import { ada, hasPostgres, variables, type World } from '../kit.ts'
import { openApp } from './app.ts'
import { at, person, until, settings as usualSettings } from './kit.ts'
import { type Call, type Killed, openProcesses, type Processes } from './processes.ts'

/** Who takes part, besides Ada in Microsoft 365. */
interface Cast {
  /** Tim on an Exchange server, instead of Alan in Microsoft 365. */
  mixed?: boolean
  /** What that server streams is kept back, so it calls. */
  calls?: boolean
  /** An account of the organisation opens Tim's mailbox, and not his own password. */
  account?: boolean
  /** An app that follows Ada's calendar. */
  app?: boolean
}

/**
 * How many histories: 50, or 10 with an Exchange server or an app, 5 with a server that calls or an account of the
 * organisation, 1,000 by `npm run nightly`.
 * `HISTORIES_SEED` plays those of a seed again.
 */
const runsOf = ({ mixed, calls, account, app }: Cast) =>
  Number(process.env.HISTORIES ?? (every ? 1_000 : calls || account ? 5 : mixed || app ? 10 : 50))
const seed = Number(process.env.HISTORIES_SEED ?? Math.floor(Math.random() * 2 ** 31))

/** Nothing waits long for the next round. */
const settings = { ...usualSettings, SWEEP_SECONDS: 0.1 }

/** How the id of an appointment begins that each mailbox has from before: one without any may be another mailbox. */
const older = 'older '

/** A part of every title. */
const canary = 'Canary7d0c1f'

const which = fc.nat(3)
const days = fc.integer({ min: 1, max: 60 })

/** One of the two. */
const nth = fc.nat(1)
const killed: fc.Arbitrary<Killed> = fc.oneof(
  fc.record({ at: fc.constant('a statement' as const), after: fc.nat(11), isDone: fc.boolean() }),
  fc.record({
    at: fc.constant('a call' as const),
    call: fc.constantFrom<Call>(
      { vendor: 'graph', match: 'GET /v1.0/users' },
      { vendor: 'graph', match: 'PATCH /v1.0/subscriptions' },
      { vendor: 'graph', match: 'POST /v1.0/subscriptions' },
      { vendor: 'zoom', match: 'GET /v2/meetings' },
      { vendor: 'zoom', match: 'PATCH /v2/meetings' },
      { vendor: 'zoom', match: 'DELETE /v2/meetings' },
      { vendor: 'zoom', match: 'PUT /v2/meetings' },
    ),
    isDone: fc.boolean(),
  }),
  fc.record({ at: fc.constant('any moment' as const), after: fc.nat(300) }),
)

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

/** What happens to an app. */
const withApp = [
  {
    weight: 4,
    arbitrary: fc.record({
      does: fc.constant('the app' as const),
      what: fc.constantFrom(
        'is closed and opened again' as const,
        'signs out' as const,
        'gets another token' as const,
        'has no network' as const,
        'has it again' as const,
      ),
    }),
  },
]

/** One thing that happens. Nothing is waited for, unless it says so. */
const stepOf = ({ mixed, app }: Cast) =>
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        does: fc.constant('schedule' as const),
        whose: fc.constantFrom('ada' as const, mixed ? ('tim' as const) : ('alan' as const)),
        days,
        isSeries: fc.boolean(),
      }),
    },
    { weight: 6, arbitrary: fc.record({ does: fc.constant('move on a phone' as const), which, days }) },
    {
      weight: 3,
      arbitrary: fc.record({
        does: fc.constant('move with the add-in' as const),
        which,
        days,
        isDelegate: fc.boolean(),
      }),
    },
    { weight: 3, arbitrary: fc.record({ does: fc.constant('delete' as const), which }) },
    { weight: 2, arbitrary: fc.record({ does: fc.constant('delete, and restore' as const), which }) },
    { weight: 1, arbitrary: fc.record({ does: fc.constant('cancel' as const), which }) },
    {
      weight: 2,
      arbitrary: fc.record({ does: fc.constant('copy, and delete the copy' as const), which, days }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        does: fc.constant('copy, and delete the original' as const),
        which,
        days,
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        does: fc.constant('change an occurrence' as const),
        which,
        days,
        what: fc.constantFrom('moves' as const, 'is cancelled' as const),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        does: fc.constant('change what it is' as const),
        which,
        days,
        what: fc.constantFrom(
          'a series' as const,
          'a series that ends early' as const,
          'single' as const,
          'a whole day' as const,
          'in another time zone' as const,
        ),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ does: fc.constant('move to another calendar, or back' as const), which }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        does: fc.constant('another organiser has it' as const),
        which,
        isDeleted: fc.boolean(),
      }),
    },
    { weight: 1, arbitrary: fc.record({ does: fc.constant('remove with the add-in' as const), which }) },
    { weight: 2, arbitrary: fc.constant({ does: 'click, and do not save' as const }) },
    { weight: 1, arbitrary: fc.constant({ does: 'save the draft' as const }) },
    {
      weight: 2,
      arbitrary: fc.record({
        does: fc.constant('access ends' as const),
        what: fc.constantFrom(
          'the tokens are revoked' as const,
          'Entra refuses the person' as const,
          'an administrator revokes it' as const,
        ),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        does: fc.constant('fault' as const),
        where: fc.constantFrom(
          { vendor: 'graph', match: 'GET /v1.0/users' },
          ...(mixed ? [{ vendor: 'exchange', match: 'POST /EWS' }] : []),
          ...(app ? [{ vendor: 'graph', match: 'GET /v1.0/me' }] : []),
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
    ...(app ? withApp : []),
    {
      weight: 3,
      arbitrary: fc.record({
        does: fc.constant('change in Zoom' as const),
        which,
        change: fc.oneof(
          fc.constant({ topic: `${canary} in Zoom` }),
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
    {
      weight: 1,
      arbitrary: fc.record({ does: fc.constant('a process is replaced' as const), nth }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ does: fc.constant('a process is killed' as const), nth, killed, days }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        does: fc.constant('a process is killed while it makes a meeting' as const),
        nth,
        days,
        zoomIsDone: fc.constantFrom('never' as const, 'before the next try' as const, 'after it' as const),
        isTriedAgain: fc.boolean(),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        does: fc.constant('both processes are down for a while' as const),
        how: fc.constantFrom('stop' as const, 'kill' as const),
      }),
    },
    { weight: 1, arbitrary: fc.constant({ does: 'PostgreSQL ends every session' as const }) },
  )

/** What a process asks Zoom to make a meeting. */
const making: Call = { vendor: 'zoom', match: 'POST /v2/users' }

const berlin = 'W. Europe Standard Time'
/** Zoom's names of time zones. */
const zones: Record<string, string> = { [berlin]: 'Europe/Berlin', 'Tokyo Standard Time': 'Asia/Tokyo' }

/** Each week from that day on, so many times or without an end, as Office.js has it. */
function weekly(days: number, times?: number) {
  const [first, last] = [at(days), at(days + 7 * ((times ?? 1) - 1))].map(({ start }) => new Date(start)) as [
    Date,
    Date,
  ]
  return {
    recurrenceType: 'weekly',
    recurrenceProperties: {
      interval: 1,
      days: [['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'][first.getUTCDay()]],
      firstDayOfWeek: 'mon',
    },
    recurrenceTimeZone: { name: 'UTC' },
    seriesTimeJson: {
      ...{
        startYear: first.getUTCFullYear(),
        startMonth: first.getUTCMonth() + 1,
        startDay: first.getUTCDate(),
      },
      ...(times
        ? { endYear: last.getUTCFullYear(), endMonth: last.getUTCMonth() + 1, endDay: last.getUTCDate() }
        : { noEndDate: true }),
      ...{ startTimeMin: first.getUTCHours() * 60, durationMin: 30 },
    },
  }
}

/** A day in Berlin. */
function wholeDay(days: number) {
  const noon = new Date(Math.floor(Date.now() / 86_400_000) * 86_400_000 + (days + 0.5) * 86_400_000)
  const midnight = (of: number) => {
    const hour = new Intl.DateTimeFormat('en', { timeZone: zones[berlin], hour: 'numeric', hourCycle: 'h23' })
    const begins = [22, 23].map((hours) => of - 86_400_000 / 2 - (24 - hours) * 3_600_000)
    return begins.find((one) => hour.format(one) === '00') as number
  }
  const [start, end] = [0, 1].map((more) =>
    new Date(midnight(noon.getTime() + more * 86_400_000)).toISOString(),
  )
  return { start: start?.replace('.000', ''), end: end?.replace('.000', '') }
}

/** What takes a meeting away. */
const removes = new Set<string>([
  'delete',
  'cancel',
  'copy, and delete the original',
  'remove with the add-in',
])

const usualOfZoom = { drop: false, copies: 1, delay: 0 }
const usual = { drop: false, copies: 1, reorder: false, afterDeletion: false, delay: 0 }

/** Plays random histories of the calendars of Ada and one more person. */
export const histories = (cast: Cast = {}) => {
  const { mixed = false, calls = false } = cast
  return describe.skipIf(!hasPostgres)(
    `whatever happens to ${mixed ? `calendars in Microsoft 365 and on an Exchange server${calls ? ' that calls' : cast.account ? ' with an account that opens them' : ''}, their` : 'calendars, their'} notifications, Graph, Zoom${cast.app ? ', an app' : ''} and two processes`,
    () => {
      const row = calls ? { callbackUrl: variables.PUBLIC_URL } : {}
      let identity: Identity
      let world: World
      let people: Record<'ada' | 'alan' | 'tim', ReturnType<typeof person>>
      /** Whose password opens Tim's mailbox at the Exchange server: his own, or the organisation's. */
      const account: ServerAccount = {
        ...{ name: cast.account ? 'svc-zoom' : 'tim', password: 'secret 0', failed: 0, ews: 'open' },
        ...(cast.account && { ews: 'no mailbox', impersonates: 'everybody' }),
      }
      /** The password that the service was told. */
      let told = account.password
      let client: pg.Client
      let processes: Processes
      let app: Awaited<ReturnType<typeof openApp>> | undefined
      beforeAll(async () => {
        const ports: [number, number] = [await freePort(), await freePort()]
        identity = await openIdentity('PostgreSQL', { ...settings, PORT: ports[0] }, { limits: 'none' })
        world = identity.world
        identity.exchange.folder.holdsBack = calls
        identity.exchange.ews.pushing.hurry(1_000)
        await identity.service.stop()
        processes = await openProcesses(world, { ...identity.exchange.settings(row), ...settings }, ports)
        await processes.up()
        client = new pg.Client(world.settings.DATABASE_URL)
        await client.connect()
        identity.exchange.accounts.push(account)
        if (cast.account)
          identity.exchange.accounts.push({ name: 'tim', password: 'his own', failed: 0, ews: 'open' })
        const { origin } = processes
        const { emailAddress } = timsMailbox
        let [session, ends] = ['', 0]
        // A session ends after half an hour.
        const bearer = async () => {
          if (Date.now() > ends) [session, ends] = [(await identity.session()).session, Date.now() + 600_000]
          return session
        }
        /** Of the message by which Tim shows that the mailbox is his. */
        let code: string | undefined
        const connection = {
          provider: 'exchange' as const,
          get body() {
            return cast.account ? { mailbox: emailAddress, code } : { user: 'CONTOSO\\tim', password: told }
          },
        }
        people = {
          ada: person(world, origin),
          alan: person(world, origin, mailboxes['no-bridge']),
          tim: person(world, origin, { emailAddress, bearer, connection }),
        }
        for (const { emailAddress } of Object.values(people))
          world.graph.calendars.put(
            { ...at(2), id: `${older}${emailAddress}`, timeZone: 'UTC' },
            emailAddress,
          )
        if (cast.account) {
          await decide(world, asker(origin), [
            { group: null, name: 'exchangeAccess', value: 'service-account' },
          ])
          await tell()
          const body = { mailbox: emailAddress }
          await asker(origin)('POST', paths.exchangeCode, { bearer: await bearer(), body })
          code = /\b\d{6}\b/.exec(identity.exchange.ews.inbox(emailAddress).at(-1)?.text ?? '')?.[0]
        }
        // On a busy machine a server may answer too late.
        for (const one of [people.ada, people[mixed ? 'tim' : 'alan']])
          await vi.waitFor(() => one.connectAgain(), { timeout: 60_000, interval: 500 })
        const watched = 'select from watches where subscription is not null'
        await until(async () => (await sql(watched)).length === 2)
        const called = 'select from pushes where heard_at is not null'
        if (calls) await until(async () => (await sql(called)).length === 1)
        const url = `${variables.PUBLIC_URL}${zoomEventsPath}`
        expect(await world.zoom.webhooks.subscribe(url)).toBeUndefined()
        if (cast.app) app = await openApp(origin)
      })
      afterAll(async () => {
        app?.close()
        await processes.close()
        await client.end()
        await identity.close()
      })
      /** An administrator tells the service the password of the organisation's account. */
      async function tell(): Promise<void> {
        const admin = asker(processes.origin)
        const bearer = await adminToken(world)
        const { body } = await admin('GET', adminPaths.serviceAccounts, { bearer })
        const [server] = (body as unknown as ServiceAccounts).servers
        const login = { user: `CONTOSO\\${account.name}`, password: account.password }
        const saved = await admin('PUT', serviceAccountPath(server?.server ?? ''), { bearer, body: login })
        expect(saved.status).toBe(200)
      }

      /** As `world.sql`, by a connection that stays. */
      const sql = async (statement: string) => (await client.query(statement)).rows

      type Scheduled = Awaited<ReturnType<typeof people.ada.schedule>> & {
        by: (typeof people)['ada']
        now: Record<string, unknown>
        /** Where people join, as the appointment says. */
        link: string | undefined
        wasWholeDay?: boolean
        /** The add-in was told that its last change failed. */
        failed?: boolean
      }
      /** The appointments that there are. */
      const all: Scheduled[] = []
      /** Meetings of Ada's whose appointment she has not saved. */
      type Draft = Awaited<ReturnType<typeof people.ada.draft>> &
        Pick<Scheduled, 'by' | 'link'> & {
          now: ReturnType<typeof at> & Record<'subject' | 'timeZone', string>
        }
      const drafts: Draft[] = []
      let drafted = 0
      /** Ada may not use the service. */
      let isRevoked = false
      /** Her calendar was not watched for a while: the meeting of a draft of that time is hers to remove. */
      let wasUnwatched = false
      let count = 0
      /** Zoom told nothing of a change: it is found when the window of the comparison moves on, a week later at most. */
      let isUntold = false

      /** Something was in another calendar. A comparison does not list what has changed there: it finds that a week later at most. */
      let isElsewhere = false

      /** Graph told nothing of a change. One that came and went between two passes is found by one more look tomorrow. */
      let isLost = false

      /** A hint may have been lost: the app hears of the change with the next one, or reads by itself after half an hour. */
      let isUnheard = false

      /**
       * Who made a subscription at Graph ended before it was stored, or could not store it: Graph ends it, in a week at most.
       */
      let isOrphaned = false

      /**
       * The time passes that events of Zoom, jobs and passes wait for, also those that fail meanwhile, and the minute after
       * which the service looks for what an interrupted creation may have left at Zoom. With their turn. Not
       * the jobs that look at each changed event once more tomorrow, if nothing else needs them: they would find it. What
       * has failed is due once for each time: a process is at work on it then, and stores nothing if it is due again.
       */
      async function passTime(): Promise<void> {
        world.zoom.webhooks.passTime()
        await sql(`
        update pgboss.job set start_after = now(), priority = 0
          where state in ('created', 'retry') and (${isLost} or start_after < now() + interval '2 hours');
        update meetings set search_at = least(search_at, now()),
            leased_until = least(leased_until, now() - interval '2 minutes')
          where (lease is null or leased_until < now()) and (search_at > now() or zoom_meeting_id is null);
        delete from refused_digests where again_at is not null;
        update watches set due_at = now(), failures = default where failures > 0;
        update watches set pass_at = now(), pass_failures = default where pass_failures > 0`)
      }

      /** Ends every fault, and lets the time pass that retries, renewals and passes wait for. */
      async function connectWhoHasNoAccess(): Promise<void> {
        const gone = `select from connections where provider = 'microsoft' and state not in ('connected', 'provider_down')`
        for (const one of [people.ada, people.alan])
          if ((await sql(gone)).length > 0) await until(() => one.connectAgain().then(() => true))
      }

      async function settle(): Promise<void> {
        await world.faults.clear()
        app?.network.cut(false)
        await processes.up()
        world.graph.subscriptions.deliver(usual)
        world.zoom.webhooks.deliver(usualOfZoom)
        // Hundreds of histories are more than Graph allows a mailbox in ten minutes.
        world.graph.throttle.reset()
        // As if the server had been silent for long enough.
        await sql(`update pushes set heard_at = heard_at - interval '1 hour'`)
        if (isUntold || (isLost && isElsewhere))
          await sql(`update watches set window_from = window_from - interval '8 days'`)
        isUntold = false
        await processes.expire()
        if (told !== account.password) {
          told = account.password
          // An hour has passed.
          await sql('delete from refused_digests')
          // The server has told a process that it is busy, a moment ago.
          const tellAgain = cast.account ? tell : people.tim.connectAgain
          await vi.waitFor(tellAgain, { timeout: 60_000, interval: 1_000 })
        }
        if (isRevoked) {
          await app?.forgets()
          await revocation('DELETE')
          isRevoked = false
          // A proof is dated to the second.
          await nextSecond()
          await until(() => people.ada.connectAgain().then(() => true))
        }
        await connectWhoHasNoAccess()
        for (const one of all)
          if (one.failed) {
            await until(() => press(one))
            save(one)
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
          // What Entra has refused a moment ago may only now have ended somebody's access.
          await connectWhoHasNoAccess()
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

      /** Until the app shows what Ada's calendar has. */
      async function expectApp(): Promise<void> {
        if (isUnheard) app?.refresh()
        isUnheard = false
        await app?.settle()
      }

      /** Four weeks later a draft that is not saved has no meeting, if another note of its calendar can be read. */
      async function discardDrafts(): Promise<void> {
        if (drafts.length === 0) return
        if (wasUnwatched) for (const one of drafts) await one.by.removeMeeting(one.key)
        else if (!all.some(({ by }) => by === people.ada)) all.push(await schedule(people.ada, 5))
        drafts.splice(0)
        await sql(`update meetings set unseen_since = unseen_since - interval '29 days'`)
        await settle()
        await expectZoom(all)
      }

      /** The lines of the log that were looked through. */
      let looked = 0
      /** No word of an event is in any table, as bytes neither, in the log or in what is measured. No link is, and no bug. */
      async function expectNoContent(): Promise<void> {
        const tables =
          await sql(`select format('select t::text as row from %I.%I as t', schemaname, tablename) as one
          from pg_tables where schemaname in ('public', 'pgboss')`)
        const rows = await sql(tables.map(({ one }) => one).join(' union all '))
        const kept = [...rows.map(({ row }) => row), ...world.logged.slice(looked), await processes.metrics()]
        looked = world.logged.length
        const never = [canary, 'zoom.example', '"msg":"bug"'].flatMap((text) => [
          text,
          Buffer.from(text).toString('hex'),
        ])
        expect(kept.filter((text) => never.some((one) => text.includes(one)))).toEqual([])
      }

      /**
       * After a week there is no job, alive or dead, no record of a meeting, and one subscription for each calendar. What has
       * failed is deleted by pg-boss a minute later.
       */
      async function expectNothingLeft(): Promise<void> {
        const left = () =>
          sql(`select name as what, state::text, output::text as how from pgboss.job where state <> 'failed'
            union all select 'meeting', key, to_jsonb(meetings)::text from meetings`)
        await until(async () => {
          await passTime()
          // A process has the record for an hour, unless somebody else worked on the meeting at that moment.
          await sql(`update meetings set look_at = now()
            where look_at > now() + interval '2 hours' or look_at between now() and now() + interval '59 minutes 58 seconds'`)
          return (await left()).length === 0
        }).catch((cause) => explained(cause))
        const watched = await sql(
          `select subscription as id from watches where not starts_with(subscription, 'ews-')`,
        )
        const subscriptions = world.graph.subscriptions.list().map(({ id }) => ({ id }))
        expect(subscriptions).toEqual(expect.arrayContaining(watched))
        if (!isOrphaned) expect(subscriptions.length).toBe(watched.length)
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
        throw new Error(
          `${rows.join('\n')}\n${world.logged
            .filter((line) => !line.includes('/readyz'))
            .slice(-200)
            .join('')}`,
          { cause },
        )
      }

      /**
       * Until the meeting of this key has its event, or has none any more. What is deleted before its event was read once counts
       * as never saved.
       */
      const untilRead = (key: string, event: 'has it' | 'has none' = 'has it') =>
        until(async () => {
          await passTime()
          const rows = await sql(`select event from meetings where key = '${key}'`)
          return rows.length === 1 && (rows[0]?.event === null) === (event === 'has none')
        }).catch(explained)

      /** Nothing is on its way: so Zoom has it, and the service has read it once. */
      async function schedule(
        by: (typeof people)['ada'],
        days: number,
        isSeries = false,
      ): Promise<Scheduled> {
        const now = {
          ...{ subject: `${canary} appointment ${count++}`, timeZone: berlin, ...at(days) },
          ...(isSeries && { recurrence: weekly(days) }),
        }
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
        await untilRead(one.key)
        return { ...one, by, now, link: one.saved.locations[0]?.displayName }
      }

      /**
       * What the add-in asks after a change, in the calendar of its owner or of a delegate. Who sees an error presses again,
       * when it may be over.
       */
      async function press(one: Scheduled, isDelegate = false): Promise<boolean> {
        const { subject, start, end, timeZone, recurrence } = one.now
        const minutes = (Date.parse(String(end)) - Date.parse(String(start))) / 60_000
        const body = { subject, start, minutes, timeZone, recurring: Boolean(recurrence) }
        const asked =
          isDelegate && one.by === people.alan
            ? putMeeting(
                processes.origin,
                await world.token(),
                one.key,
                { ...quarterlyReview, ...body },
                ofAlan(),
              )
            : one.by.put(one.key, body)
        const answer = await asked.catch(() => undefined)
        one.failed = answer?.status !== 200
        if (answer?.status === 200) one.link = answer.body.joinUrl
        return !one.failed
      }
      /** Ada, in Alan's calendar. */
      const ofAlan = () => ({ [ownerHeader]: encodeURIComponent(people.alan.emailAddress) })

      /** A meeting that has no appointment yet. */
      async function draft(): Promise<Draft> {
        // When nothing else is: what looks like it in the calendar keeps its meeting.
        const days = 70 + drafted++
        const subject = `${canary} draft ${count++}`
        const made = await people.ada.draft({ subject, start: at(days).start })
        const link = made.zoom()?.join_url
        return { ...made, link, by: people.ada, now: { subject, timeZone: berlin, ...at(days) } }
      }

      /** What an administrator does about Ada. */
      async function revocation(method: 'PUT' | 'DELETE'): Promise<void> {
        const path = revocationPath(subjectOf(ada))
        await until(async () => {
          const answer = await people.ada
            .ask(method, path, { bearer: await adminToken(world) })
            .catch(() => undefined)
          return answer?.status === 200 || answer?.status === 204
        })
      }

      /** A time on another day, as far as it has one. */
      const moved = ({ now }: Scheduled, days: number) => ({
        ...at(days),
        allDay: false,
        ...(now.recurrence ? { recurrence: weekly(days) } : {}),
      })
      /** Saves it as it is now, with its link. */
      function save(one: Scheduled, changes: Record<string, unknown> = {}): void {
        Object.assign(one.now, changes, { locations: [{ displayName: one.link }] })
        one.change(one.now)
      }

      const does = {
        async schedule(all: Scheduled[], { whose = 'ada', days = 1, isSeries }: About) {
          if (all.length === 4) return
          await settle()
          all.push(await schedule(people[whose], days, isSeries))
        },
        async 'move on a phone'(_: Scheduled[], { one, days = 1 }: About) {
          if (one) save(one, { subject: `${canary} moved ${count++}`, ...moved(one, days) })
        },
        async 'move with the add-in'(_: Scheduled[], { one, days = 1, isDelegate }: About) {
          if (!one) return
          Object.assign(one.now, { subject: `${canary} updated ${count++}`, ...moved(one, days) })
          // The appointment is saved whatever the service answers.
          await press(one, isDelegate)
          save(one)
        },
        async 'change an occurrence'(_: Scheduled[], { one, days = 1, what }: About) {
          if (!one?.now.recurrence) return
          const originalStart = new Date(Date.parse(String(one.now.start)) + 7 * 86_400_000).toISOString()
          if (what === 'is cancelled') return save(one, { cancelledStarts: [originalStart] })
          const occurrence = {
            ...one.saved,
            ...one.now,
            recurrence: null,
            seriesId: one.saved.id,
            originalStart,
          }
          const id = `${one.saved.id} occurrence`
          world.graph.calendars.put(
            { ...occurrence, ...at(days), id, subject: `${canary} occurrence ${count++}` },
            one.by.emailAddress,
          )
        },
        async 'change what it is'(_: Scheduled[], { one, days = 1, what }: About) {
          // Whole days have no zone: they are in that of the meeting, which may not have followed yet.
          if (!one || (what === 'a whole day' && one.now.timeZone !== berlin)) return
          if (what === 'in another time zone' && one.wasWholeDay) return
          one.wasWholeDay ||= what === 'a whole day'
          const time = { recurrence: null, allDay: false, ...at(days) }
          if (what === 'a series') save(one, { ...time, recurrence: weekly(days) })
          else if (what === 'a series that ends early') save(one, { ...time, recurrence: weekly(days, 3) })
          else if (what === 'a whole day') save(one, { ...time, ...wholeDay(days), allDay: true })
          else if (what === 'in another time zone') save(one, { timeZone: 'Tokyo Standard Time' })
          else save(one, time)
        },
        async 'move to another calendar, or back'(_: Scheduled[], { one }: About) {
          if (one) save(one, { calendar: one.now.calendar ? undefined : 'Projects' })
          isElsewhere = true
        },
        async delete(all: Scheduled[], { one }: About) {
          one?.remove()
          if (one) all.splice(all.indexOf(one), 1)
        },
        /** As Undo does. */
        async 'delete, and restore'(_: Scheduled[], { one }: About) {
          if (!one) return
          one.remove()
          await pause(50)
          one.change(one.now)
        },
        async cancel(all: Scheduled[], { one }: About) {
          one?.change({ ...one.now, isCancelled: true })
          if (one) all.splice(all.indexOf(one), 1)
        },
        async 'copy, and delete the copy'(_: Scheduled[], { one, days = 1 }: About) {
          if (!one) return
          const id = `${one.saved.id} copy ${count++}`
          world.graph.calendars.put({ ...one.saved, ...one.now, ...at(days), id }, one.by.emailAddress)
          world.graph.calendars.delete(id)
        },
        /** The copy has the meeting then. */
        async 'copy, and delete the original'(_: Scheduled[], { one, days = 1 }: About) {
          if (!one) return
          const saved = { ...one.saved, id: `${one.saved.id} copy ${count++}` }
          const original = one.remove
          Object.assign(one, {
            saved,
            change: (other: object) => world.graph.calendars.put({ ...saved, ...other }, one.by.emailAddress),
            remove: () => world.graph.calendars.delete(saved.id),
          })
          save(one, { subject: `${canary} copied ${count++}`, ...moved(one, days) })
          original()
        },
        /** The meeting is theirs, and stays. */
        async 'another organiser has it'(all: Scheduled[], { one, isDeleted }: About) {
          if (!one) return
          await settle()
          await expectZoom(all)
          one.change({ ...one.now, isOrganizer: false })
          await untilRead(one.key, 'has none')
          if (!isDeleted) {
            save(one)
            return untilRead(one.key)
          }
          one.remove()
          await settle()
          await expectZoom(all)
          // The other organiser removes it.
          await one.by.removeMeeting(one.key)
          all.splice(all.indexOf(one), 1)
        },
        async 'remove with the add-in'(all: Scheduled[], { one }: About) {
          if (!one) return
          await world.faults.clear()
          await processes.up()
          // A person presses again where the database has just ended its connections.
          const remove = () => one.by.removeMeeting(one.key)
          await remove().catch(remove)
          one.change({ ...one.now, customProperties: {}, locations: [] })
          all.splice(all.indexOf(one), 1)
        },
        async 'click, and do not save'() {
          if (drafts.length === 2) return
          await settle()
          drafts.push(await draft())
        },
        async 'save the draft'(all: Scheduled[]) {
          const one = drafts.pop()
          if (!one) return
          const saved = {
            ...one.now,
            id: `saved ${one.key}`,
            customProperties: one.note,
            locations: [{ displayName: one.link ?? '' }],
          }
          const change = (other: object) =>
            world.graph.calendars.put({ ...saved, ...other }, people.ada.emailAddress)
          change({})
          all.push({ ...one, saved, change, remove: () => world.graph.calendars.delete(saved.id) })
          await settle()
          await untilRead(one.key)
        },
        async 'access ends'(all: Scheduled[], { what }: About) {
          if (what === 'an administrator revokes it') {
            // What is deleted meanwhile stays at Zoom: so nothing is on its way.
            await settle()
            await expectZoom(all)
            await revocation('PUT')
            isRevoked = true
          } else world.graph.revokeTokens()
          if (what === 'Entra refuses the person')
            world.faults.add({
              ...{ vendor: 'entra', match: '/oauth2/v2.0/token', status: 400 },
              body: { error: 'invalid_grant', error_codes: [50_173] },
            })
          wasUnwatched ||= what !== 'the tokens are revoked'
          // Without access the service cannot end its subscription: Graph does, within a week.
          isOrphaned ||= what !== 'the tokens are revoked'
        },
        async fault(_: Scheduled[], { where, way }: About) {
          const fault = { ...(where as Fault), ...way }
          // Otherwise a process would leave the server alone for a minute that no statement shortens.
          const isSlow = fault.vendor === 'exchange' && fault.status === 503
          world.faults.add({ ...fault, ...(isSlow && { headers: { 'retry-after': '1' } }) })
        },
        async notifications(_: Scheduled[], { how }: About) {
          world.graph.subscriptions.deliver({ ...usual, ...(how as object) })
          isLost ||= 'drop' in (how as object)
          isUnheard ||= 'drop' in (how as object)
        },
        async 'Graph says'(_: Scheduled[], { event }: About) {
          if (event) world.graph.subscriptions.lifecycle(event)
          isLost ||= event === 'subscriptionRemoved'
          isUnheard ||= event === 'subscriptionRemoved'
        },
        async 'Graph ends the subscription'() {
          world.graph.subscriptions.end()
          isLost = isUnheard = true
        },
        async 'the app'(_: Scheduled[], { what }: About) {
          if (what === 'has no network') app?.network.cut(true)
          else if (what === 'has it again') app?.network.cut(false)
          else if (what === 'gets another token') await app?.renew()
          else if (what === 'signs out') await app?.end()
          else await app?.again()
        },
        async 'the Exchange server'(_: Scheduled[], { what }: About) {
          const { streaming, pushing, loseStates, forgetConnections } = identity.exchange.ews
          if (what === 'has missed changes') streaming.end('ErrorMissedNotificationEvents')
          else if (what === 'loses the subscriptions') {
            streaming.lose()
            pushing.lose()
          } else if (what === 'loses the states') loseStates()
          else streaming.end()
          if (what === 'restarts') forgetConnections()
          isLost ||= what !== 'ends its answer' && what !== 'restarts'
        },
        /** The service is told later. */
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
        async 'events of Zoom'(_: Scheduled[], { how }: About) {
          world.zoom.webhooks.deliver({ ...usualOfZoom, ...(how as object) })
          isUntold ||= 'drop' in (how as object)
        },
        async 'a process is replaced'(_: Scheduled[], { nth = 0 }: About) {
          await processes.replace(nth)
          // What an Exchange server had on its way to it is lost.
          isLost ||= mixed
        },
        /** While it follows changes, renews subscriptions and compares calendars, or soon after. */
        async 'a process is killed'(all: Scheduled[], { days = 1, nth = 0, killed, one }: About) {
          if (!killed) return
          const match = killed.at === 'a call' ? killed.call.match : ''
          await processes.kill(killed, nth, async () => {
            for (const each of all) await does['move on a phone'](all, { one: each, days })
            if (match.startsWith('DELETE')) await does.delete(all, { one })
            if (match.startsWith('PUT')) await does['delete in Zoom'](all, { one })
            if (match.startsWith('POST')) world.graph.subscriptions.end()
            await sql(`update watches set due_at = now(), pass_at = now() where due_at < 'infinity'`)
          })
          isLost = isUnheard = true
          isOrphaned = true
        },
        /**
         * Its person sees an error, and tries again or not: the same key has one meeting then, or none. Zoom may make the
         * meeting of the first try after that of the next one.
         */
        async 'a process is killed while it makes a meeting'(
          all: Scheduled[],
          { days = 1, nth = 0, zoomIsDone, isTriedAgain }: About,
        ) {
          if (all.length === 4) return
          await settle()
          const key = newKey()
          const now = { subject: `${canary} appointment ${count++}`, timeZone: berlin, ...at(days) }
          const { subject, timeZone, start } = now
          const facts = { subject, timeZone, start, minutes: 30, recurring: false }
          const isDone = zoomIsDone === 'never' ? false : 'later'
          let first: Promise<unknown> = Promise.resolve()
          await processes.kill({ at: 'a call', call: making, isDone }, nth, async () => {
            first = people.ada.put(key, facts).catch(() => {})
          })
          await first
          isOrphaned = isUnheard = true
          if (zoomIsDone === 'before the next try') await world.faults.release()
          if (!isTriedAgain) return world.faults.release()
          isLost = true
          const { body } = await vi.waitFor(
            async () => {
              const answer = await people.ada.put(key, facts)
              expect(answer.status).toBe(200)
              return answer
            },
            { timeout: 60_000, interval: 50 },
          )
          await world.faults.release()
          const saved = {
            ...now,
            id: `made ${key}`,
            customProperties: { zoomMeeting: JSON.stringify({ key }) },
            locations: [{ displayName: String(body.joinUrl) }],
          }
          const change = (other: object) =>
            world.graph.calendars.put({ ...saved, ...other }, people.ada.emailAddress)
          change({})
          const one = { ...people.ada, key, saved, change, by: people.ada, now, link: String(body.joinUrl) }
          all.push({
            ...one,
            zoom: () => world.zoom.meetings().find(({ id }) => String(id) === body.id),
            remove: () => world.graph.calendars.delete(saved.id),
          } as unknown as Scheduled)
          await settle()
          await untilRead(key)
        },
        async 'both processes are down for a while'(_: Scheduled[], { how }: About) {
          await processes.down(how === 'kill' ? 'kill' : 'stop')
          isLost ||= mixed
          isOrphaned ||= how === 'kill'
          isUnheard ||= how === 'kill'
        },
        async 'PostgreSQL ends every session'() {
          isOrphaned = true
          await sql(`select pg_terminate_backend(pid) from pg_stat_activity
          where datname = current_database() and starts_with(application_name, 'process ')`)
        },
      }
      /** Zoom's id of its meeting. Empty: there is none. */
      async function idOf(one: Scheduled | undefined): Promise<string> {
        const [row] = await sql(`select zoom_meeting_id as id from meetings where key = '${one?.key}'`)
        return String(row?.id ?? '')
      }
      interface About {
        one?: Scheduled | undefined
        whose?: 'ada' | 'alan' | 'tim'
        days?: number
        isSeries?: boolean
        isDelegate?: boolean
        isDeleted?: boolean
        nth?: number
        killed?: Killed
        zoomIsDone?: 'never' | 'before the next try' | 'after it'
        isTriedAgain?: boolean
        where?: object
        way?: Partial<Fault>
        how?: object | string
        change?: MeetingChange
        what?: string
        event?: 'missed' | 'subscriptionRemoved' | 'reauthorizationRequired'
      }

      const byTopic = (one: { topic: unknown }, other: { topic: unknown }) =>
        String(one.topic).localeCompare(String(other.topic))
      /** Zoom gives a series no time. */
      const expected = (all: Scheduled[]) =>
        [...all, ...drafts]
          .map(({ now, link: join_url }: Pick<Scheduled, 'now' | 'link'>) => {
            const { subject: topic, start, end, timeZone, recurrence } = now
            if (recurrence) return { topic, join_url, type: 3 }
            const duration = (Date.parse(String(end)) - Date.parse(String(start))) / 60_000
            return {
              topic,
              join_url,
              type: 2,
              start_time: start,
              duration,
              timezone: zones[String(timeZone)],
            }
          })
          .sort(byTopic)
      const found = () =>
        world.zoom
          .meetings()
          .map(({ topic, join_url, type, start_time, duration, timezone }) =>
            type === 3
              ? { topic, join_url, type }
              : { topic, join_url, type, start_time, duration, timezone },
          )
          .sort(byTopic)

      const title = `Zoom has in the end what the calendars have: one meeting for each appointment, and no other${cast.app ? '; the app shows what its calendar has' : ''}`
      test(title, async () => {
        const runs = runsOf(cast)
        console.info(`${runs} histories of HISTORIES_SEED=${seed}`)
        await fc.assert(
          fc.asyncProperty(fc.array(stepOf(cast), { minLength: 3, maxLength: 12 }), async (history) => {
            // Most steps need an appointment.
            const first = [schedule(people.ada, 5), schedule(people[mixed ? 'tim' : 'alan'], 6)]
            all.push(...(await Promise.all(first)))
            for (const { does: what, ...about } of history) {
              const index = 'which' in about ? about.which : 0
              // Nobody removes what is deleted while nobody may look.
              if (isRevoked && removes.has(what)) continue
              await does[what](all, { ...about, one: all[index % Math.max(1, all.length)] } as never)
            }
            await processes.up()
            await expectNoContent()
            await settle()
            await expectZoom(all)
            await expectApp()
            await expectNoContent()
            await discardDrafts()
            all.splice(0)
            for (const { appointment } of world.graph.calendars.all())
              if (!appointment.id.startsWith(older)) world.graph.calendars.delete(appointment.id)
            isLost = true
            drafted = 0
            await settle()
            await expectZoom(all)
            await expectApp()
            await expectNothingLeft()
            isLost = isElsewhere = wasUnwatched = false
          }),
          { numRuns: runs, seed, endOnFailure: true },
        )
      }, 10_800_000)
    },
  )
}
