import type { SyncState } from '../../contract/connections.ts'
import { syncPaths } from '../../contract/sync.ts'
import type { Audit } from '../audit/audit.ts'
import type { Caller } from '../caller.ts'
import type { Access } from '../connections/access.ts'
import type { ExchangeMailboxes } from '../connections/exchange-mailboxes.ts'
import { applicationIn } from '../connections/microsoft-application.ts'
import type { ConnectionsSettings } from '../connections/settings.ts'
import type { Database } from '../database/open.ts'
import type { Statements } from '../database/statements.ts'
import { withDeadline } from '../deadline.ts'
import type { Callers } from '../identity/callers.ts'
import { type EntraSettings, type IdentitySettings, servedBy } from '../identity/settings.ts'
import { createJobs, type EventJob } from '../jobs/jobs.ts'
import type { Late } from '../jobs/late.ts'
import type { Storable } from '../jobs/storing.ts'
import { type Log, reasonOf } from '../log.ts'
import type { Echoes } from '../meetings/echoes.ts'
import type { Follow } from '../meetings/follow.ts'
import { eventRecords, type KeptEvent } from '../meetings/records/events.ts'
import type { Discard } from '../meetings/unseen.ts'
import type { Policies } from '../policies/policies.ts'
import { exchangeProvider } from '../providers/exchange/exchange.ts'
import type { Hearer } from '../providers/exchange/streaming.ts'
import { graphProvider } from '../providers/graph/graph.ts'
import { exchangeLease } from '../providers/provider.ts'
import type { ServerSettings } from '../settings/server.ts'
import type { System } from '../system.ts'
import type { Spans } from '../telemetry/spans.ts'
import type { Credentials } from '../vault/credentials.ts'
import type { ZoomSettings } from '../zoom/settings.ts'
import { syncAdminRoutes } from './admin-routes.ts'
import { applicationTokens } from './application-tokens.ts'
import { attending } from './attending.ts'
import { type Before, readBefore } from './before.ts'
import { calendars } from './calendars.ts'
import { discarded } from './discarded.ts'
import { eventIds } from './event-ids.ts'
import { type Begun, followEvent } from './follow-event.ts'
import { allKeys, goneJobOf, heardKeys, jobOf } from './job-of.ts'
import { syncMeasures } from './measures.ts'
import { missingEvents } from './missing.ts'
import { movedMailboxes } from './moved.ts'
import { most as mostPasses, passes } from './pass.ts'
import { placesOf } from './places.ts'
import { polls } from './polls.ts'
import { pushRoutes } from './push-routes.ts'
import { pushes, pushRecords } from './pushes.ts'
import { syncRoutes } from './routes.ts'
import { syncAdministration } from './status.ts'
import { watchRecords } from './watches.ts'
import { watching } from './watching.ts'
import { zoomChange } from './zoom-change.ts'
import { type FromUsers, fromAccount, fromUsers, zoomRoutes } from './zoom-routes.ts'

interface Needs {
  settings: Pick<ServerSettings, 'PUBLIC_URL' | 'SWEEP_SECONDS'> &
    Pick<ConnectionsSettings, 'GRAPH_URL' | 'ENTRA_CLIENT_SECRET'> &
    EntraSettings &
    Pick<
      IdentitySettings,
      'ENTRA_TENANTS' | 'EXCHANGE' | 'ZOOM_USER_CLIENT_ID' | 'ZOOM_USER_WEBHOOK_SECRET_TOKEN'
    > &
    Pick<ZoomSettings, 'ZOOM_OAUTH_URL' | 'ZOOM_ACCOUNT_ID' | 'ZOOM_CLIENT_ID' | 'ZOOM_WEBHOOK_SECRET_TOKEN'>
  database: Database
  audit: Audit
  statements: Statements
  /** The add-in's id, from the manifest. */
  addinId: string
  access: Pick<Access, 'use'>
  exchangeMailboxes: ExchangeMailboxes
  zoomWithdrawn: FromUsers['withdrawn']
  left(subject: string): Promise<void>
  connectMailbox(subject: string, server: string, mailbox: string): Promise<void>
  arriveInMicrosoft365(subject: string): Promise<boolean>
  callers: Pick<Callers, 'zoomUserOf'>
  /** The sign-in name of a Zoom user. */
  addressOf(zoomUserId: string, signal: AbortSignal): Promise<string>
  meetings: Follow & Discard & { echoes: Pick<Echoes, 'isEcho'> }
  policies: Pick<Policies, 'explain' | 'of' | 'organisationOf' | 'valuesBy'>
  credentials: Credentials
  /** The calendars of these people have changed. It must not throw. */
  changed(subjects: readonly string[]): void
  spans: Spans
  log: Log
}

/** Seconds until an event is read whose meeting was changed by a request: until then an open appointment is mostly saved. */
const untilSaved = 4 * 3600

/** The same, of a request of which nothing is heard any more: its person was told to try again, and may have done so. */
const untilTold = 120

/** Seconds between two signs that a process runs. */
const beatSeconds = 60

/** Seconds between two questions to an Exchange server what has changed in a calendar. */
const pollSeconds = 10

/** Milliseconds for which a server that calls waits while it is asked what has changed. */
const catchingUp = 15_000

/** Meetings follow their appointments: changes in the calendar, made anywhere, reach Zoom. */
export async function syncSystem(needs: Needs) {
  const { settings, database, audit, statements, access, meetings, policies, credentials, spans, log } = needs
  const target = {
    url: `${settings.PUBLIC_URL}${syncPaths.notifications}`,
    lifecycleUrl: `${settings.PUBLIC_URL}${syncPaths.lifecycle}`,
  }
  const graph = graphProvider(
    { graph: settings.GRAPH_URL, zoom: new URL(settings.ZOOM_OAUTH_URL).origin },
    needs.addinId,
    target,
    log,
  )
  const hearer: Hearer = {
    changed: (subject, { ids, gone }) =>
      send([...ids.map((id) => jobOf(subject, id)), ...gone.map((id) => goneJobOf(subject, id))]),
    missed: (lease, subject) => withDeadline(60_000, (signal) => asking.poll(lease, subject, signal)),
  }
  const exchange = exchangeProvider(needs.addinId, hearer, log)
  const { leases, followed, drop, calledAt, push } = exchange
  const watches = watchRecords(database)
  // Nobody else has this database: the process that had the leases is gone.
  if (statements.kind === 'embedded') await watches.giveUp(exchangeLease)
  const ofApplication = applicationTokens(applicationIn(settings), log)
  const app = { accountId: settings.ZOOM_ACCOUNT_ID, clientId: settings.ZOOM_CLIENT_ID }
  const ids = eventIds(app, credentials, log)
  const events = eventRecords(database)
  const { exchangeMailboxes: mailboxes } = needs
  const { check } = mailboxes
  const { calendarOf, isOnline, shown, shownInRoom, onExchange, byApplication } = calendars({
    graph,
    exchange,
    access,
    ofApplication,
    mailboxes,
    watches,
  })
  const isServed = servedBy(settings)
  const before = readBefore({ database, statements, policies, isServed, ids })
  const moved = movedMailboxes({
    watches,
    events,
    isOnline,
    placesOf: placesOf({
      ...needs,
      mailboxes,
      onExchange,
      byApplication,
      connected: (subject) => inBackground(reconnected(subject)),
    }),
    calendarOf,
    end: (subject, hasMoved) => watch.end(subject, hasMoved),
    check,
    left: needs.left,
    log,
  })
  const watch = watching({ watches, events, policies, isServed, calendarOf, moved, leases, log })
  const jobs = await createJobs<Before, Begun>(statements, log)
  /** What is heard of a calendar is told to the apps of its person too. */
  async function send(queued: Parameters<typeof jobs.send>[0]): Promise<void> {
    await jobs.send(queued)
    const heard = queued.filter(({ cause, startAfter }) => cause !== 'zoom' && !startAfter)
    if (heard.length > 0) needs.changed(heard.map(({ job }) => job.subject))
  }
  const { wanted } = watch
  const isCalled = settings.EXCHANGE.some(({ callbackUrl }) => callbackUrl !== undefined)
  const calls = pushRecords(database)
  const asking = polls({
    ...{ watches, send, calendarOf, followed, leases, drop, check, log },
    pushes: isCalled ? pushes({ records: calls, leases, calledAt, push, log }) : undefined,
  })
  const discard = discarded({ meetings, wanted, calendarOf, send, log })
  async function keptIn(subject: string, which: 'all' | 'unreported' = 'all'): Promise<string[]> {
    const opened = await Promise.all((await events.in(subject, which)).map(ids.open))
    return opened.filter((id) => id !== undefined)
  }
  const unreportedIn = (subject: string) => keptIn(subject, 'unreported')
  const { stored } = jobs.late
  const deletedOf = missingEvents({ events, calendarOf, unreportedIn, idOf: ids.of, stored, log })
  const pass = passes({
    ...{ watches, send, discard, wanted, calendarOf, moved, keptIn, deletedOf, events, spans, log },
  })
  /** Subscribes and compares as far as that is due for this person. */
  async function attend(subject: string): Promise<void> {
    await watch.begin(subject)
    await pass.of(subject, AbortSignal.timeout(60_000))
  }
  /** The appointment is saved by then, or closed without being saved: the meeting is made as it is. */
  async function changing(kept: KeptEvent): Promise<Record<'soon' | 'later', Storable> | undefined> {
    const event = await ids.open(kept)
    if (event === undefined) return undefined
    const job = { ...jobOf(kept.calendar, event, 'put'), cause: 'pass' } as const
    const after = (startAfter: number) => jobs.storable({ ...job, startAfter })
    return { soon: after(untilTold), later: after(untilSaved) }
  }
  /** One that has changed the meeting has stored a job, which follows the event. */
  async function madeBy(kept: KeptEvent, isChanged: boolean): Promise<void> {
    const event = await ids.open(kept)
    if (event) await jobs.late.replace(heardKeys(kept.calendar, event), isChanged)
  }
  /** Undefined: its calendar is not followed, or is followed late. */
  async function followingOf(kept: KeptEvent): Promise<Late | 'followed' | undefined> {
    const event = await ids.open(kept)
    if (!event) return undefined
    const late = await jobs.late.of(heardKeys(kept.calendar, event))
    if (late || !(await wanted(kept.calendar))) return late
    return ['followed', 'emptied'].includes(await watches.standing(kept.calendar)) ? 'followed' : undefined
  }
  /** By one connection, in one message. */
  function lookAhead(subscription: string, job: EventJob) {
    if (!jobs.isIdle()) return undefined
    return statements.inOrder(({ execute }) =>
      Promise.all([watches.known([subscription], execute), before(job, execute).catch(() => undefined)]),
    )
  }
  async function reconnected(subject: string): Promise<void> {
    await watches.demand([subject], false)
    await watches.doubt([subject])
    await attend(subject)
  }
  const failed = (error: unknown) => log.warn('work failed', { work: 'watches', ...reasonOf(error) })
  const inBackground = (act: Promise<void>) => void act.catch(failed)
  const ending = new AbortController()

  const system: System = {
    measures: syncMeasures,
    routes(api) {
      const at = (subject: string) => inBackground(attend(subject))
      syncAdminRoutes(api, syncAdministration({ settings, database, audit, send, attend: at }))
      const some = attending((subject) => attend(subject).catch(failed), ending.signal)
      const attendAll = (subjects: readonly string[]) => inBackground(some(subjects))
      syncRoutes(api, { watches, send, lookAhead, attend: attendAll, log })
      const catchUp = (lease: string, subject: string) =>
        asking.catchUp(lease, subject, AbortSignal.timeout(catchingUp), false)
      if (isCalled) pushRoutes(api, { pushes: calls, watches, send, catchUp, attend: attendAll, log })
      const { accountId } = app
      const { ZOOM_WEBHOOK_SECRET_TOKEN: secret, ZOOM_USER_WEBHOOK_SECRET_TOKEN: userSecret } = settings
      const changed = zoomChange({ records: events, ids, watches, send, echoes: meetings.echoes })
      const { ZOOM_USER_CLIENT_ID: clientId = '' } = settings
      const withdrawn = needs.zoomWithdrawn
      const apps = [
        ...(secret ? [fromAccount({ secret, accountId, changed })] : []),
        ...(userSecret ? [fromUsers({ secret: userSecret, clientId, withdrawn, log })] : []),
      ]
      if (apps.length > 0) zoomRoutes(api, apps, log)
    },
    work: [
      { name: 'watches', interval: settings.SWEEP_SECONDS * 1000, round: watch.round },
      { name: 'passes', interval: settings.SWEEP_SECONDS * 1000, round: pass.round },
      { name: 'jobs', interval: settings.SWEEP_SECONDS * 1000, round: jobs.recover },
      // As many as a round of passes compares.
      {
        name: 'heartbeat',
        interval: Math.min(beatSeconds, settings.SWEEP_SECONDS) * 1000,
        round: () => watches.beat(mostPasses),
      },
      ...(settings.EXCHANGE.length > 0
        ? [
            {
              name: 'polls',
              interval: Math.min(pollSeconds, settings.SWEEP_SECONDS) * 1000,
              round: asking.round,
            },
            { name: 'moves', interval: settings.SWEEP_SECONDS * 1000, round: moved.round },
          ]
        : []),
    ],
  }
  return {
    ...system,
    /** Begins to work on jobs. The service answers by now: Graph asks it before it makes a subscription. */
    start(): void {
      const { act, begin } = followEvent({
        ...{ meetings, watches, events, before, ids, calendarOf, keptIn, log },
        send: jobs.send,
      })
      jobs.work({
        act: (...job) => spans.within('job', 'follow event', () => act(...job)),
        begin,
        keysOf: allKeys,
        giveUp: ({ subject }) => watches.lookAgain(subject),
      })
    },
    isWorking: jobs.isWorking,
    shown,
    shownInRoom,
    async stop() {
      ending.abort()
      await Promise.all([jobs.stop(), pass.settled(), watch.settled()])
      if (followed.size === 0) return
      exchange.stop()
      await watches.giveUp(leases)
    },
    /**
     * What changed while there was no access is found by a comparison, although nothing noticed that there was none. The
     * provider may have ended the subscription with the access: to renew it tells.
     */
    connected: (subject: string) => inBackground(reconnected(subject)),
    looked: ({ subject }: Caller) => moved.looked(subject),
    /** It must not keep a person from disconnecting. */
    syncOf: async (caller: Caller): Promise<SyncState> =>
      (await policies.of(caller)).sync === 'off' ? 'off' : watches.standing(caller.subject),
    ending: (subject: string) => watch.pause(subject).catch(failed),
    /** A request changes the meeting of this event. Without the key of its id, it does so without a job. */
    changing: (kept: KeptEvent) => changing(kept).catch(failed),
    made: (kept: KeptEvent, isChanged: boolean) => inBackground(madeBy(kept, isChanged)),
    followingOf,
    gone: (subject: string) => inBackground(watch.end(subject)),
  }
}
