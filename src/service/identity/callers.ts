import { type ExpressionBuilder, sql } from 'kysely'
import type { Caller, Proven } from '../caller.ts'
import type { Database } from '../database/open.ts'
import type { Tables } from '../database/tables.ts'
import { refused } from '../refused.ts'

export type Callers = ReturnType<typeof callerRecords>

/** What is settled about a caller: the Zoom user, and since when proofs count. */
export function callerRecords(database: Database) {
  const known = (subject: string) =>
    database
      .selectFrom('callers')
      .select(['zoom_user_id', 'valid_from'])
      .where('subject', '=', subject)
      .executeTakeFirst()

  return {
    /** Lets a checked proof pass. Refuses what was issued before its caller disconnected. */
    async admit(proven: Proven): Promise<Caller> {
      const row = await known(proven.subject)
      if (row?.valid_from && proven.provedAt < row.valid_from.getTime()) throw refused('disconnected')
      return { ...proven, admitted: true }
    },

    /** Undefined: it is not settled yet. */
    async zoomUserOf(subject: string): Promise<string | undefined> {
      return (await known(subject))?.zoom_user_id ?? undefined
    },

    /** Settles whose Zoom account the caller schedules with. `firstOnly`: unless it is settled. Returns whose it is now. */
    async tie(proven: Proven, zoomUserId: string, firstOnly = false): Promise<string> {
      const row = await database
        .insertInto('callers')
        .values({ subject: proven.subject, zoom_user_id: zoomUserId })
        .onConflict((conflict) =>
          conflict
            .column('subject')
            .doUpdateSet({
              zoom_user_id: firstOnly ? sql`coalesce(callers.zoom_user_id, ${zoomUserId})` : zoomUserId,
            })
            .where(provedSince(proven)),
        )
        .returning('zoom_user_id')
        .executeTakeFirst()
      if (!row?.zoom_user_id) throw refused('disconnected')
      return row.zoom_user_id
    },

    /**
     * Ends at once all that the caller has proved so far, and forgets the Zoom account. Proofs are dated to the second,
     * so those of the second that is running end with it.
     */
    async disconnect(subject: string): Promise<void> {
      const valid_from = sql<Date>`date_trunc('second', now()) + interval '1 second'`
      await database.transaction().execute(async (all) => {
        await all
          .insertInto('callers')
          .values({ subject, valid_from })
          .onConflict((conflict) =>
            conflict.column('subject').doUpdateSet({ valid_from, zoom_user_id: null }),
          )
          .execute()
        await all.deleteFrom('sessions').where('subject', '=', subject).execute()
        await all
          .updateTable('meetings')
          .set({ ticket: null, ticket_subject: null, ticket_proved_at: null, ticket_until: null })
          .where('ticket_subject', '=', subject)
          .execute()
      })
    },
  }
}

/** The caller has not disconnected since. */
function provedSince({ provedAt }: Proven) {
  return (row: ExpressionBuilder<Tables, 'callers'>) =>
    row.or([row('callers.valid_from', 'is', null), row('callers.valid_from', '<=', new Date(provedAt))])
}

/** The same in a statement about something else, which so needs no question before it. */
export function admitted({ subject, provedAt }: Proven) {
  return sql<boolean>`not exists (
    select from callers where subject = ${subject} and valid_from > ${new Date(provedAt)})`
}
