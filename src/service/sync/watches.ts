import { type RawBuilder, sql } from 'kysely'
import { textOnce } from '../database/built-once.ts'
import { type Database, isWithoutOlder } from '../database/open.ts'
import type { Statements } from '../database/statements.ts'
import { queues } from '../jobs/queues.ts'
import { isZoomUser, personOf } from '../person.ts'
import { exchangeLease } from '../providers/provider.ts'
import { halfOf, halves } from '../vault/hashed-secret.ts'
import { packedOnly, unpack } from '../vault/packed.ts'
import { day } from '../zoom/lifetime.ts'
import type { SyncTables } from './tables.ts'
import { windowAt } from './window.ts'

/** A calendar whose subscription is to be renewed or made. */
export interface DueWatch {
  readonly subject: string
  readonly subscription: string | null
  readonly dueAt: Date
  /** How often in a row it has failed. */
  readonly failures: number
}

/** A calendar that is to be compared. */
export interface DuePass {
  readonly subject: string
  readonly delta: string | null
  readonly windowFrom: Date | null
  /** Changes may have been lost that the token does not know. */
  readonly inDoubt: boolean
  /** Most of the events with a meeting were missing. */
  readonly isEmptied: boolean
  /** When it was compared last. */
  readonly checkedAt: Date | null
  readonly passAt: Date
  /** How often in a row it has failed. */
  readonly failures: number
}

/** What is compared with a notification. */
export interface Known {
  readonly subject: string
  readonly subscription: string
  readonly secret: Buffer
}

/** Who has connected a calendar, and where: its person, or an administrator. */
export type Way = 'microsoft' | 'microsoft-application' | 'exchange'
const ways = ['microsoft', 'microsoft-application', 'exchange'] as const satisfies Way[]
const isWay = sql`provider in (${sql.join(ways.map((way) => sql.lit(way)))})`

/** Instants in milliseconds. */
export interface Subscribed {
  id: string
  /** Undefined: the secret stays. */
  secret?: Buffer
  expiresAt: number
  renewAt: number
  /** Changes cannot be heard of at the moment: the failures stay. */
  isFailing?: boolean
}

export type Watches = ReturnType<typeof watchRecords>

/** That a row of `connections` connects the calendar of its person, one way or the other. */
const connects = sql`
  ${isWay} and state in ('connected', 'provider_down')
    and exists (select from callers where callers.id = connections.person
      and (starts_with(callers.subject, 'entra:') or starts_with(callers.subject, 'exch:')))
    and not exists (select from connections as ended
      where ended.person = connections.person and ended.state = 'disconnected_by_administrator')`

/** That the connection is still there, although it may need another sign-in, another permission or another policy. */
const mayComeBack = (person: RawBuilder<unknown>) => sql`
  exists (select from connections
    where connections.person = ${person} and ${isWay})
  and not exists (select from connections where connections.person = ${person} and state = 'disconnected_by_administrator')`

/** How this person's calendar is connected: one row, or none. */
export const connectedBy = (subject: string) => sql<{ provider: Way }>`
  select provider from connections where person = ${personOf(subject)} and ${connects}
  order by provider limit 1`

/**
 * A watch that has ended and may come back: of it only the token for changes is kept. It is never due by itself.
 */
export const isDormant = sql`watches.due_at = 'infinity'`

/** That the token for changes is known. */
export const hasToken = sql`num_nonnulls(delta, packed_delta) > 0`

/** That its subscription, or its last pass, has failed. */
export const hasFailed = sql`greatest(failures, pass_failures) > 0`

/** Seconds for which this person's mailbox is to be left alone: one row, or none. */
export const busyFor = (subject: string) => sql`
  select extract(epoch from busy_until - now())::float8 from watches
  where person = ${personOf(subject)} and busy_until > now()`

/** Whose calendar it is. */
const subjectOfWatch = sql`(select callers.subject from callers where callers.id = watches.person)`

/** That meetings of its events belong to none, because most events were missing. They may be back, or be gone for good. */
const isEmptied = sql`exists (
  select from meetings where event_of = ${subjectOfWatch} and event is null and unseen_since is not null)`

/** How a calendar is watched, in the reader's words. */
export const standingAs = ({ failing, starting, well }: Record<'failing' | 'starting' | 'well', string>) =>
  sql`case when ${hasFailed} then ${sql.lit(failing)} when ${isEmptied} then 'emptied'
    when subscription is null then ${sql.lit(starting)} else ${sql.lit(well)} end`

/** Whose calendar may be taken: of this person, and of nobody whose id begins like `lines`. */
interface Which {
  subject?: string
  lines?: readonly string[]
}

const isOf = ({ subject, lines = [] }: Which) => {
  const isTheirs = subject === undefined ? sql`true` : sql`person = ${personOf(subject)}`
  if (lines.length === 0) return isTheirs
  return sql`${isTheirs} and not exists (
    select from callers where callers.id = person and callers.subject ^@ any(${lines}::text[]))`
}

/** Of two rows of `callers`, that one is of a mailbox on a server, and the other one of a person in Entra. */
const isAtOther = sql`starts_with(own.subject, 'exch:') <> starts_with(callers.subject, 'exch:')`

interface Other {
  readonly subject: string
  readonly isOpen: boolean
  readonly isRefused: boolean
  readonly isGone: boolean
}

/** People whose calendar is not connected any more, and who may be the same person at the other provider. */
interface Pair {
  readonly left: string
  readonly here: string
}

const pairs = sql`
  select own.subject as left, callers.subject as here
  from callers as own join callers on ${isZoomUser(sql`own.zoom_user_id`)}`

const isElsewhere = sql`${isAtOther} and not exists (select from connections
  where person = callers.id and ((${isWay} and state in ('connected', 'provider_down'))
    or state = 'disconnected_by_administrator'))`

const areOf = (subjects: readonly string[]) =>
  sql`person in (select id from callers where subject = any(${subjects}::text[]))`

/** The number that no person has, because it is before the first. */
export const beforeAll = '0'

/** An insertion finds a watch that was there. */
const wakeIfDormant = sql`on conflict (person) do update set due_at = now() where ${isDormant}`

/** Those that are genuine. PostgreSQL plans a statement with a list anew each time, which takes it longer than the rest. */
const knownBy = (these: RawBuilder<unknown>) => sql<Known>`
  select callers.subject, subscription, secret from watches join callers on callers.id = person
  where subscription ${these} and secret is not null`
const knownOne = textOnce(({ subscription }: { subscription: string }) => knownBy(sql`= ${subscription}`))
const knownSome = textOnce(({ subscriptions }: { subscriptions: readonly string[] }) =>
  knownBy(sql`= any(${subscriptions}::text[])`),
)

const tokenIn = ({ delta, packed }: { delta: string | null; packed: Buffer | null }) =>
  packed ? unpack(packed) : (delta ?? undefined)

/** Which calendars are watched, and by which subscription. */
export function watchRecords(ground: Database) {
  const database = ground.withTables<SyncTables>()
  let [packs, halved] = [false, false]
  const stillPass = ({ subject, passAt }: DuePass) =>
    sql<boolean>`person = ${personOf(subject)} and pass_at = ${passAt}`
  const stillDue = ({ subject, dueAt }: DueWatch) =>
    sql<boolean>`person = ${personOf(subject)} and due_at = ${dueAt}`

  /** Stores a token for changes. */
  async function storing(token: string | undefined): Promise<RawBuilder<unknown>> {
    packs ||= await isWithoutOlder(database, '0053-shorter-connections')
    const packed = packs && token !== undefined ? packedOnly(token) : undefined
    return sql`delta = ${packed ? null : (token ?? null)}, packed_delta = ${packed ?? null}`
  }

  /** Runs a statement about `part`: the people after one, at most so many. */
  async function lastOf(statement: RawBuilder<unknown>, most: number): Promise<string> {
    const { rows } = await sql<{ last: string; count: number }>`
      ${statement} select max(person) as last, count(*)::int as count from part`.execute(database)
    return rows[0]?.count === most ? rows[0].last : beforeAll
  }

  return {
    /** A calendar is watched from now on, if it is not yet: its subscription is due. */
    async begin(subject: string): Promise<void> {
      await sql`
        insert into watches (person) select id from callers where subject = ${subject} ${wakeIfDormant}`.execute(
        database,
      )
    },

    /**
     * Begins for those whose calendar is connected and not watched. It looks at `most` people after this one. Returns the
     * last of them, or `beforeAll` at the end.
     */
    async beginMissing(after: string, most: number): Promise<string> {
      return lastOf(
        sql`
        with part as (
          select distinct person from connections where person > ${after} and ${connects} order by person limit ${most}
        ), begun as (
          insert into watches (person)
          select part.person from part
          where not exists (select from watches where watches.person = part.person and not ${isDormant})
          ${wakeIfDormant}
        )`,
        most,
      )
    },

    /** Makes those due whose calendar is not connected any more, so that they end. It looks at `most`, as above. */
    async endDisconnected(after: string, most: number): Promise<string> {
      return lastOf(
        sql`
        with part as (
          select person from watches where person > ${after} order by person limit ${most}
        ), ended as (
          update watches set due_at = now() from part
          where watches.person = part.person and due_at > now()
            and not (${isDormant} and ${mayComeBack(sql`part.person`)})
            and not exists (select from connections where connections.person = part.person and ${connects})
        )`,
        most,
      )
    },

    /**
     * Takes the one that is due first. Unless it is settled, it is due again in a minute. Another process's lease of a
     * mailbox is taken when it has ended. `leases`: how those of this process begin. `subject` and `lines`: as of `takePass`.
     */
    async take(leases: string, which: Which): Promise<DueWatch | undefined> {
      const { rows } = await sql<DueWatch>`
        with first as (
          select person from watches
          where due_at <= now() and ${isOf(which)}
            and (subscription is null or expires_at <= now() or not starts_with(subscription, ${exchangeLease})
              or starts_with(subscription, ${leases}))
          order by due_at limit 1 for update skip locked
        )
        update watches set due_at = date_trunc('milliseconds', now() + interval '1 minute')
        from first where watches.person = first.person
        returning ${subjectOfWatch} as subject, subscription, due_at as "dueAt", coalesce(failures, 0) as failures`.execute(
        database,
      )
      return rows[0]
    },

    /** How there is access to the person's calendar. Undefined: there is none. */
    async wayTo(subject: string): Promise<Way | undefined> {
      const { rows } = await sql<{ provider: Way }>`
        select provider from connections
        where person = ${personOf(subject)} and ${isWay} and state in ('connected', 'provider_down')
        order by provider limit 1`.execute(database)
      return rows[0]?.provider
    },

    /** How the calendar is watched: well, not yet, or with failures. */
    async standing(subject: string): Promise<'followed' | 'starting' | 'late' | 'emptied'> {
      const { rows } = await sql<{ standing: 'followed' | 'starting' | 'late' | 'emptied' }>`
        select ${standingAs({ failing: 'late', starting: 'starting', well: 'followed' })} as standing
        from watches where person = ${personOf(subject)}`.execute(database)
      return rows[0]?.standing ?? 'starting'
    },

    /** How the person's calendar is connected. Undefined: it is not, although there may still be access to it. */
    async connectedBy(subject: string): Promise<Way | undefined> {
      return (await connectedBy(subject).execute(database)).rows[0]?.provider
    },

    /**
     * Who schedules as the same Zoom user as this person, and has or had a calendar connected at the other provider, in
     * Microsoft 365 or on a server. `isOpen`: there is access to it. `isRefused`: the provider refuses the sign-in. `isGone`: it
     * has the mailbox no more.
     */
    async atOther(subject: string): Promise<Other[]> {
      const { rows } = await sql<Other>`
        select callers.subject, bool_or(state in ('connected', 'provider_down')) as "isOpen",
          bool_and(state = 'needs_sign_in') as "isRefused", bool_and(state = 'revoked_by_provider') as "isGone"
        from callers as own
        join callers on ${isZoomUser(sql`own.zoom_user_id`)}
        join connections on connections.person = callers.id
        where own.subject = ${subject} and ${isWay} and ${isAtOther}
          and state <> 'disconnected_by_administrator'
        group by callers.subject`.execute(database)
      return rows
    },

    /**
     * Who schedules as the same Zoom user as this person at the other provider, in Microsoft 365 or on a server, and has no
     * calendar connected there.
     */
    async unconnectedOf(subject: string): Promise<string[]> {
      const { rows } = await sql<Pair>`
        ${pairs} where own.subject = ${subject} and ${isElsewhere}`.execute(database)
      return rows.map(({ here }) => here)
    },

    /**
     * Whose calendar is not connected any more because its provider has it not, while meetings of theirs belong to no event,
     * with who is the same Zoom user at the other provider. It looks at `most` people after this one, and returns the last
     * of them, or `beforeAll` at the end.
     */
    async leftBehind(after: string, most: number): Promise<{ last: string; left: Pair[] }> {
      const { rows } = await sql<{ last: string; count: number; left: Pair[] }>`
        with part as (
          select distinct person from connections where person > ${after} order by person limit ${most}
        ), left_behind as (
          ${pairs} join part on part.person = own.id
          where ${isElsewhere}
            and exists (select from connections
              where person = own.id and ${isWay} and state = 'revoked_by_provider')
            and not exists (select from connections where person = own.id and ${connects})
            and exists (select from meetings
              where meetings.subject = own.subject and event is null and zoom_meeting_id is not null)
        )
        select max(person) as last, count(*)::int as count,
          (select coalesce(json_agg(left_behind), '[]') from left_behind) as left
        from part`.execute(database)
      const [{ last, count, left } = { last: beforeAll, count: 0, left: [] }] = rows
      return { last: count === most ? last : beforeAll, left }
    },

    /**
     * Stores a subscription. Changes before it may be unknown, so the calendar is compared if it is a new one: with what
     * the token does not know, unless it is a lease of a mailbox on an Exchange server, whose token knows every calendar.
     * False: the watch has ended meanwhile, or another process has it.
     */
    async store(
      watch: DueWatch,
      { id, secret, expiresAt, renewAt, isFailing }: Subscribed,
    ): Promise<boolean> {
      halved ||= await isWithoutOlder(database, halves)
      const change = secret ? { secret: halved ? halfOf(secret) : secret, pass_at: sql<Date>`now()` } : {}
      const isDoubtful = secret && !id.startsWith(exchangeLease)
      const { numUpdatedRows } = await database
        .updateTable('watches')
        .set({
          ...change,
          ...(isDoubtful && { in_doubt: true }),
          subscription: id,
          expires_at: new Date(expiresAt),
          due_at: new Date(Math.round(renewAt)),
          ...(!isFailing && { failures: sql<null>`default` }),
        })
        .where(stillDue(watch))
        .executeTakeFirstOrThrow()
      return numUpdatedRows > 0n
    },

    /** The provider has no such subscription any more. */
    async lose(watch: DueWatch): Promise<void> {
      await database
        .updateTable('watches')
        .set({ subscription: null, expires_at: null })
        .where(stillDue(watch))
        .execute()
    },

    /** It failed: it is due again in half a minute, then a minute, then two, an hour at most, or as the provider says. */
    async postpone(watch: DueWatch, retryAfter = 0): Promise<void> {
      const pause = sql`greatest(${retryAfter}, least(3600, 30 * 2 ^ least(coalesce(failures, 0), 10)) * (0.75 + random() / 2))`
      await database
        .updateTable('watches')
        .set({
          failures: sql<number>`coalesce(failures, 0) + 1`,
          due_at: sql<Date>`now() + make_interval(secs => ${pause})`,
        })
        .where(stillDue(watch))
        .execute()
    },

    /** The calendar is about to be disconnected: unless that fails, nothing begins anew. Returns the subscription. */
    async pause(subject: string): Promise<string | undefined> {
      const { rows } = await sql<{ subscription: string | null }>`
        with before as (
          select person, subscription from watches where person = ${personOf(subject)} for update
        )
        update watches set subscription = null, expires_at = null,
          due_at = date_trunc('milliseconds', now() + interval '1 minute')
        from before where watches.person = before.person
        returning before.subscription`.execute(database)
      return rows[0]?.subscription ?? undefined
    },

    /**
     * The calendar is not watched any more: no appointment is expected in it, and no job is left, neither waiting nor dead.
     * `stays`: its connection may come back. Then the token for changes stays, and the whole calendar is compared too.
     * `subscription`: the provider may still have it. Jobs have no index by person: one who never had a subscription has none.
     */
    async end(subject: string): Promise<{ subscription?: string; stays: boolean }> {
      await sql`
        update meetings set unseen_since = null
        where subject = ${subject} and unseen_since is not null and event_of is null
          and exists (select from watches where person = ${personOf(subject)} and not ${isDormant})`.execute(
        database,
      )
      const { rows } = await sql<{ subscription: string | null; stays: boolean }>`
        with before as (
          select person, subscription, ${mayComeBack(personOf(subject))} as stays,
            secret is not null or ${hasToken} as has_jobs
          from watches where person = ${personOf(subject)} for update
        ), forgotten as (
          delete from pgboss.job
          where name in (${queues.events.name}, ${queues.dead.name}) and data->>'subject' = ${subject}
            and exists (select from before where has_jobs)
        ), uncalled as (
          delete from pushes using before where pushes.person = before.person
        ), kept as (
          update watches set subscription = null, secret = null, expires_at = null, due_at = 'infinity',
            pass_at = 'infinity', window_from = 'epoch', changed_at = null, checked_at = null, failures = default, pass_failures = default, in_doubt = default
          from before where watches.person = before.person and stays
        ), ended as (
          delete from watches using before where watches.person = before.person and not stays
        )
        select subscription, stays from before`.execute(database)
      const { subscription = null, stays = false } = rows[0] ?? {}
      return { ...(subscription && { subscription }), stays }
    },

    /** Those of these subscriptions that exist. `execute`: by a connection that is asked for more. */
    async known(subscriptions: readonly string[], execute?: Statements['execute']): Promise<Known[]> {
      const [subscription = '', ...others] = subscriptions
      const asked =
        others.length === 0 ? knownOne(database, { subscription }) : knownSome(database, { subscriptions })
      const { sql, parameters } = asked
      const { rows } = await (execute ? execute(sql, [...parameters]) : database.executeQuery(asked))
      return rows as Known[]
    },

    /** The token for changes of the calendar that this lease is of. Undefined: there is none yet, or no such lease. */
    async deltaOf(subject: string, lease: string): Promise<string | undefined> {
      const { rows } = await sql<{ delta: string | null; packed: Buffer | null }>`
        select delta, packed_delta as packed from watches
        where person = ${personOf(subject)} and subscription = ${lease}`.execute(database)
      return rows[0] && tokenIn(rows[0])
    },

    /** Jobs for the changes since this token are stored. If another process was faster, they are stored twice. */
    async moveOn(subject: string, before: string, delta: string): Promise<void> {
      await sql`
        update watches set ${await storing(delta)}
        where person = ${personOf(subject)}
          and (delta = ${before} or packed_delta = ${packedOnly(before) ?? null})`.execute(database)
    },

    /** Changes of the calendar that this lease is of can neither be heard of nor asked for. */
    async fail(subject: string, lease: string): Promise<void> {
      await sql`
        update watches set failures = 1
        where person = ${personOf(subject)} and subscription = ${lease} and coalesce(failures, 0) = 0`.execute(
        database,
      )
    },

    /** They can be asked for again. */
    async recover(subject: string, lease: string): Promise<void> {
      await sql`
        update watches set failures = default where person = ${personOf(subject)} and subscription = ${lease}`.execute(
        database,
      )
    },

    /** The leases of a process. `leases`: how they begin. */
    async leasesOf(leases: string): Promise<Set<string>> {
      const { rows } = await sql<{ subscription: string }>`
        select subscription from watches where starts_with(subscription, ${leases})`.execute(database)
      return new Set(rows.map(({ subscription }) => subscription))
    },

    /** This process ends: others take its leases over at once. */
    async giveUp(leases: string): Promise<void> {
      await sql`
        update watches set subscription = null, expires_at = null, due_at = now()
        where starts_with(subscription, ${leases})`.execute(database)
    },

    /** The provider wants the subscriptions to be renewed now, or has ended them. One that is being made is not made twice. */
    async demand(subjects: readonly string[], isEnded: boolean): Promise<void> {
      const ended = isEnded ? sql`, subscription = null, expires_at = null, pass_at = now()` : sql``
      await sql`
        update watches set due_at = now() ${ended}
        where ${areOf(subjects)} and (subscription is not null or ${hasFailed} or ${isDormant})`.execute(
        database,
      )
    },

    /**
     * A job about this calendar is not done, because sync is off or there is no access: the watch ends in the next round. If
     * that has changed by then, the whole calendar is compared: no token knows what the job was about.
     */
    async drop(subject: string): Promise<void> {
      await sql`
        update watches set due_at = now(), pass_at = now(), window_from = 'epoch'
        where ${areOf([subject])} and not ${isDormant}`.execute(database)
    },

    /**
     * The provider wants no request about this mailbox for so many seconds: no process reads it for sync. What asks Exchange
     * servers leaves a busy one alone by itself, and pauses passwords: that says nothing about the mailbox.
     */
    async leaveAlone(subject: string, seconds: number): Promise<void> {
      if (subject.startsWith('exch:')) return
      await sql`
        update watches set busy_until = greatest(busy_until, now() + make_interval(secs => ${seconds}))
        where person = ${personOf(subject)}`.execute(database)
    },

    /**
     * Notifications may be lost: the calendar is to be compared, with what its token does not know. That of a mailbox on an
     * Exchange server knows every calendar.
     */
    async doubt(subjects: readonly string[]): Promise<void> {
      await sql`
        update watches set pass_at = now(),
          in_doubt = case when starts_with(subscription, ${exchangeLease}) then in_doubt else true end
        where ${areOf(subjects)}`.execute(database)
    },

    /** An event could not be followed, and no token knows of it any more: the next comparison looks at it again. */
    async lookAgain(subject: string): Promise<void> {
      await sql`
        update watches set in_doubt = true
        where person = ${personOf(subject)} and not ${isDormant} and in_doubt is not true`.execute(database)
    },

    /**
     * A process runs. After an hour in which none did, every calendar is in doubt: Microsoft Graph sends a notification again
     * for four hours, less and less often, and Zoom its event the last time after an hour. At most so many calendars at a
     * time, whatever becomes of this process: the next call, of any, continues.
     */
    async beat(most: number): Promise<void> {
      await sql`
        update heartbeat set at = now(),
          doubted_to = case when at < now() - interval '1 hour' then ${beforeAll} else doubted_to end`.execute(
        database,
      )
      await sql`
        with begun as (
          select doubted_to from heartbeat where doubted_to is not null for update skip locked
        ), part as (
          select person from watches, begun where person > doubted_to order by person limit ${most}
        ), doubted as (
          update watches set in_doubt = true, pass_at = least(pass_at, now())
          from part where watches.person = part.person and not ${isDormant}
        )
        update heartbeat set doubted_to = (select max(person) from part having count(*) = ${most})
        where exists (select from begun)`.execute(database)
    },

    /**
     * The event of this meeting is not known: the whole calendar of its creator or host is to be compared, which finds
     * it. About once a day at most. As if its window had ended: what the token knows is not lost.
     */
    async compareWhole({ subject, hostId }: { subject: string; hostId: string | null }): Promise<void> {
      await sql`
        update watches set window_from = 'epoch', pass_at = now()
        where window_from < ${new Date(windowAt(Date.now()).from - day)}
          and person in (
            select id from callers where subject = ${subject} union select id from callers where ${isZoomUser(hostId)}
          )`.execute(database)
    },

    /** An event could not be found, and nobody has reported it as deleted: the calendar is compared as a whole. */
    async lookForMissing(subject: string): Promise<void> {
      await sql`
        update watches set pass_at = now(), window_from = 'epoch'
        where ${areOf([subject])} and not ${isDormant}`.execute(database)
    },

    /** The mailbox of this person has moved: it may be another calendar of their Zoom user, compared as a whole. */
    async compareOthers(subject: string): Promise<void> {
      await sql`
        update watches set pass_at = now(), window_from = 'epoch'
        where not ${isDormant} and person in (
          select callers.id from callers as own join callers on ${isZoomUser(sql`own.zoom_user_id`)}
          where own.subject = ${subject} and callers.subject <> ${subject}
        )`.execute(database)
    },

    /**
     * Takes the calendar whose pass is due first. Unless the pass is recorded, it is due again in ten minutes. `subject`: only
     * this person's. `lines`: of nobody whose id begins like these.
     */
    async takePass(which: Which): Promise<DuePass | undefined> {
      const { rows } = await sql<DuePass & { packed: Buffer | null }>`
        with first as (
          select person from watches
          where pass_at <= now() and subscription is not null and (busy_until > now()) is not true and ${isOf(which)}
          order by pass_at limit 1 for update skip locked
        )
        update watches set pass_at = date_trunc('milliseconds', now() + interval '10 minutes')
        from first where watches.person = first.person
        returning ${subjectOfWatch} as subject, delta, packed_delta as packed, window_from as "windowFrom", pass_at as "passAt",
          in_doubt is true as "inDoubt", ${isEmptied} as "isEmptied", checked_at as "checkedAt",
          coalesce(pass_failures, 0) as failures`.execute(database)
      const [row] = rows
      return row && { ...row, delta: tokenIn(row) ?? null }
    },

    /**
     * The calendar has been compared: the next time in a day, with a random part, to the minute. After a demand meanwhile
     * nothing is recorded: it may be for the whole calendar, which this comparison was not. A doubt that has come meanwhile
     * is one of the next comparison.
     */
    async recordPass(pass: DuePass, token: string | undefined, windowFrom: number): Promise<void> {
      await sql`
        update watches set ${await storing(token)}, window_from = ${new Date(windowFrom)}, checked_at = now(),
          pass_failures = default, ${pass.inDoubt ? sql`in_doubt = default,` : sql``}
          pass_at = date_trunc('minute', now() + interval '1 day' * (0.8 + 0.2 * random()))
        where ${stillPass(pass)}`.execute(database)
    },

    /** It failed: again in a minute, then two, six hours at most, or as the provider says. */
    async postponePass(pass: DuePass, retryAfter = 0): Promise<void> {
      const pause = sql`greatest(${retryAfter}, least(21600, 60 * 2 ^ least(coalesce(pass_failures, 0), 10)) * (0.75 + random() / 2))`
      await database
        .updateTable('watches')
        .set({
          pass_failures: sql<number>`coalesce(pass_failures, 0) + 1`,
          pass_at: sql<Date>`date_trunc('milliseconds', now() + make_interval(secs => ${pause}))`,
        })
        .where(stillPass(pass))
        .execute()
    },

    /**
     * An event of this calendar has been followed. The time is kept to the minute: many changes are one write. False: the
     * calendar is not watched any more.
     */
    async recordChange(subject: string): Promise<boolean> {
      const { rows } = await sql`
        with recorded as (
          update watches set changed_at = now()
          where person = ${personOf(subject)} and not ${isDormant}
            and (changed_at < now() - interval '1 minute') is not false
        )
        select from watches where person = ${personOf(subject)} and not ${isDormant}`.execute(database)
      return rows.length > 0
    },
  }
}
