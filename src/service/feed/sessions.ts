import { type Expression, type ExpressionBuilder, type SqlBool, sql } from 'kysely'
import type { AppScope } from '../../contract/feed.ts'
import { directoryOf } from '../audit/append.ts'
import type { Audit } from '../audit/audit.ts'
import type { ActiveCaller, Caller } from '../caller.ts'
import type { Database } from '../database/open.ts'
import { appsChannel, type Callers } from '../identity/callers.ts'
import { refused } from '../refused.ts'
import { changeOf } from './channel.ts'
import { type AppRecords, grantOf } from './records.ts'
import type { FeedTables } from './tables.ts'

interface Needs {
  database: Database
  audit: Audit
  callers: Pick<Callers, 'hold'>
  records: AppRecords
  /** Refuses a person whom the settings or a policy let sign in no more. */
  requireSignIn(caller: Caller): Promise<Caller>
  /** These sessions have ended. Other processes hear it from the database. It must not throw. */
  ended(sessions: readonly string[]): void
}

/** Why a session ended. */
type EndReason = 'reused' | 'signed_out' | 'person' | 'administrator' | 'refused'

/** The form of an access token for apps: an access token of Entra has points. */
const accessTokenForm = /^[A-Za-z0-9_-]{43}$/
export const isAppToken = (bearer: string) => accessTokenForm.test(bearer)

export type AppSessions = ReturnType<typeof appSessions>

/** The sessions of apps that people have signed in to. */
export function appSessions({ database: ground, audit, callers, records, requireSignIn, ended }: Needs) {
  async function end(which: Which, reason: EndReason, by?: string): Promise<void> {
    const gone = await endSessions(ground, audit, which, reason, by)
    if (gone.length > 0) ended(gone)
  }

  return {
    /** Whose an app's access token is. Refuses one that has ended. */
    async check(bearer: string): Promise<Caller> {
      const session = await records.session(bearer)
      if (!session) throw refused('app_token')
      const { id, subject, provedAt, scope } = session
      const app = { session: id, scopes: scope.split(' ') as AppScope[] }
      const proof = subject.startsWith('entra:') ? 'entra' : 'exchange'
      return requireSignIn({ subject, proof, provedAt: provedAt.getTime(), app })
    },

    /** The person has signed in to the app. Refuses one who has disconnected since the proof was issued. */
    async begin(caller: ActiveCaller, app: string, grantId: string): Promise<void> {
      await audit.together(ground, async (all, record) => {
        await callers.hold(caller, all)
        const { subject, provedAt } = caller
        await records.begin(all.withTables<FeedTables>(), {
          grantId,
          subject,
          app,
          proved_at: new Date(provedAt),
        })
        // Of what changed while the person had no app no process was told.
        await sql`select pg_notify(${appsChannel}, ${changeOf(subject)})`.execute(all)
        await record({ act: 'app signed in', caller: subject, detail: { app } })
      })
    },

    /** Ends the session of a grant, if there still is one. */
    endGrant: (grantId: string, reason: EndReason) =>
      end((row) => row('grant_id', '=', grantOf(grantId)), reason),

    /** The sessions of this person that have not ended, the newest first. `app`: its id. */
    async of(subject: string): Promise<{ id: string; app: string; begunAt: Date; usedAt: Date }[]> {
      return ground
        .withTables<FeedTables>()
        .selectFrom('app_sessions')
        .select(['id', 'app', 'begun_at as begunAt', 'used_at as usedAt'])
        .where('subject', '=', subject)
        .where(sql<boolean>`until > now()`)
        .orderBy('id', 'desc')
        .execute()
    },

    /** The person ends one of their sessions, if there still is one. */
    endByPerson: (subject: string, id: string) => end(ofPerson(subject, id), 'person'),

    /** Ends this session of this person, if there still is one. `by`: an administrator. */
    endByAdministrator: (subject: string, id: string, by: string) =>
      end(ofPerson(subject, id), 'administrator', by),

    /** Which of these have not ended. */
    async stillThere(ids: readonly string[]): Promise<Set<string>> {
      const { rows } = await sql<{ id: string }>`
        select id from app_sessions where id = any(${ids}::bigint[]) and until > now()`.execute(ground)
      return new Set(rows.map(({ id }) => id))
    },
  }
}

type Which = (row: ExpressionBuilder<FeedTables, 'app_sessions'>) => Expression<SqlBool>

/** One session of a person. */
export const ofPerson =
  (subject: string, id: string): Which =>
  (row) =>
    row.and([row('id', '=', id), row('subject', '=', subject)])

/** Ends these sessions: their tokens and codes end with them, and every process hears it. Returns their ids. */
export async function endSessions(
  ground: Database,
  audit: Audit,
  which: Which,
  reason: EndReason,
  by?: string,
): Promise<string[]> {
  return audit.together(ground, async (all, record) => {
    const rows = await all
      .withTables<FeedTables>()
      .deleteFrom('app_sessions')
      .where(which)
      .returning(['id', 'subject', 'app'])
      .execute()
    for (const { id } of rows) await sql`select pg_notify(${appsChannel}, ${`session ${id}`})`.execute(all)
    for (const { subject, app } of rows)
      await record({
        act: 'app session ended',
        caller: by ?? subject,
        organisation: directoryOf(subject),
        ...(by && { subject: `person:${subject}` }),
        detail: { app, reason },
      })
    return rows.map(({ id }) => id)
  })
}
