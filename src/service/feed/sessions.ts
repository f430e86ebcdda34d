import { type Kysely, sql } from 'kysely'
import type { AppScope } from '../../contract/feed.ts'
import { directoryOf } from '../audit/append.ts'
import type { Audit } from '../audit/audit.ts'
import type { ActiveCaller, Caller } from '../caller.ts'
import type { Database } from '../database/open.ts'
import type { Callers } from '../identity/callers.ts'
import { refused } from '../refused.ts'
import { type AppRecords, grantOf } from './records.ts'
import type { FeedTables } from './tables.ts'

interface Needs {
  database: Database
  audit: Audit
  callers: Pick<Callers, 'hold'>
  records: AppRecords
  /** Whether the settings still name where this person is. */
  isServed(caller: { subject: string }): boolean
  /** Tells all processes that these sessions have ended. It must not throw. */
  ended(sessions: readonly string[]): void
}

/** Why a session ended. */
export type EndReason = 'reused' | 'signed_out' | 'administrator'

/** The form of an access token for apps: an access token of Entra has points. */
const accessTokenForm = /^[A-Za-z0-9_-]{43}$/
export const isAppToken = (bearer: string) => accessTokenForm.test(bearer)

export type AppSessions = ReturnType<typeof appSessions>

/** The sessions of apps that people have signed in to. */
export function appSessions({ database: ground, audit, callers, records, isServed, ended }: Needs) {
  const database = ground.withTables<FeedTables>()

  async function end(
    condition: (all: Kysely<FeedTables>) => Promise<{ id: string; subject: string; app: string }[]>,
    reason: EndReason,
    by?: string,
  ): Promise<number> {
    const gone = await audit.together(ground, async (all, record) => {
      const rows = await condition(all.withTables<FeedTables>())
      for (const { subject } of rows)
        await record({
          act: 'app session ended',
          caller: by ?? subject,
          organisation: directoryOf(subject),
          ...(by && { subject: `person:${subject}` }),
          detail: { reason },
        })
      return rows
    })
    if (gone.length > 0) ended(gone.map(({ id }) => id))
    return gone.length
  }

  return {
    /** Whose an app's access token is. Refuses one that has ended. */
    async check(bearer: string): Promise<Caller> {
      const session = await records.session(bearer)
      if (!session) throw refused('app_token')
      const { id, subject, provedAt, scope } = session
      if (!isServed({ subject })) throw refused('not_served', subject)
      const app = { session: id, scopes: scope.split(' ') as AppScope[] }
      return { subject, proof: 'entra', provedAt: provedAt.getTime(), app }
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
        await record({ act: 'app signed in', caller: subject })
      })
    },

    /** Ends the session of a grant, if there still is one. */
    endGrant: (grantId: string, reason: EndReason) =>
      end(
        (all) =>
          all
            .deleteFrom('app_sessions')
            .where('grant_id', '=', grantOf(grantId))
            .returning(['id', 'subject', 'app'])
            .execute(),
        reason,
      ),

    /** Ends this session of this person. 0: there is none. `by`: an administrator, or the person. */
    endOne: (subject: string, id: string, by?: string) =>
      end(
        (all) =>
          all
            .deleteFrom('app_sessions')
            .where('id', '=', id)
            .where('subject', '=', subject)
            .returning(['id', 'subject', 'app'])
            .execute(),
        by ? 'administrator' : 'signed_out',
        by,
      ),

    /** Which of these have not ended. */
    async stillThere(ids: readonly string[]): Promise<Set<string>> {
      const { rows } = await sql<{ id: string }>`
        select id from app_sessions where id = any(${ids}::bigint[]) and until > now()`.execute(ground)
      return new Set(rows.map(({ id }) => id))
    },

    /** The sessions of a person, the newest first. */
    async of(subject: string) {
      return database
        .selectFrom('app_sessions')
        .select(['id', 'app', 'begun_at', 'used_at', 'until'])
        .where('subject', '=', subject)
        .orderBy('id', 'desc')
        .execute()
    },
  }
}
