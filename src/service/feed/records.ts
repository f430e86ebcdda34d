import { type Kysely, sql } from 'kysely'
import { statesWithCredential } from '../connections/tables.ts'
import type { Database } from '../database/open.ts'
import { decrypt, encrypt } from '../vault/aes-gcm.ts'
import { sha256 } from '../vault/hashed-secret.ts'
import { lengthPrefixed } from '../vault/length-prefixed.ts'
import type { FeedTables } from './tables.ts'

/** What the authorization server stores of a record. `grantId`: the session's, in its own words. */
export interface Payload {
  [name: string]: unknown
  grantId?: string
  uid?: string
  userCode?: string
}

/** Seconds for which a session lives without new tokens. Source: Zoom's article, W5 in the requirements: 90 days. */
export const sessionSeconds = 90 * 24 * 3600
/** Seconds for which a sign-in at Entra counts, if Entra cannot be asked later whether it still has the person. Our choice. */
const proofSeconds = 24 * 3600
/** Whether Entra cannot be asked about the person of a session: it is, by the credential of their calendar in Microsoft 365. */
const cannotBeAsked = sql<boolean>`(starts_with(subject, 'entra:') and not exists (
  select from connections join callers on callers.id = connections.person
  where callers.subject = app_sessions.subject and provider = 'microsoft' and state = any(${statesWithCredential}::text[])))`
/** When a session ends without new tokens. */
const end = sql<Date>`case when ${cannotBeAsked} then proved_at + make_interval(secs => ${proofSeconds})
  else now() + make_interval(secs => ${sessionSeconds}) end`

/** Days for which a used refresh token is known, so that its second use ends the session. */
const reuseKnownDays = 7

const idOf = (kind: string, secret: string) => sha256(lengthPrefixed([kind, secret]))
/** What a session is found by. */
export const grantOf = (grantId: string) => idOf('Grant', grantId)

export type AppRecords = ReturnType<typeof appRecords>

/**
 * What the authorization server keeps: hashes of codes and tokens, and the rest sealed. Nothing works whose session has
 * ended. `key`: of the service, 32 bytes.
 */
export function appRecords(ground: Database, key: () => Promise<Buffer>) {
  const database = ground.withTables<FeedTables>()
  const about = (id: Buffer) => lengthPrefixed(['app record 1', id.toString('base64url')])
  const ofLivingSession = sql<boolean>`(grant_id is null or exists (
    select from app_sessions where app_sessions.grant_id = app_records.grant_id and app_sessions.until > now()))`

  async function open(condition: ReturnType<typeof sql<boolean>>): Promise<Payload | undefined> {
    const row = await database
      .selectFrom('app_records')
      .select(['id', 'sealed', 'consumed_at'])
      .where(condition)
      .where(sql<boolean>`until > now()`)
      .where(ofLivingSession)
      .executeTakeFirst()
    if (!row) return undefined
    const payload = JSON.parse(decrypt(await key(), row.sealed, about(row.id)).toString()) as Payload
    return { ...payload, ...(row.consumed_at && { consumed: Math.floor(row.consumed_at.getTime() / 1000) }) }
  }

  return {
    async put(kind: string, secret: string, payload: Payload, seconds: number): Promise<void> {
      const id = idOf(kind, secret)
      const other = payload.userCode ?? payload.uid
      const { grantId } = payload
      const { consumed: _, ...kept } = payload
      const row = {
        grant_id: kind === 'Grant' ? id : grantId ? grantOf(grantId) : null,
        other_id: other ? idOf(`${kind} other`, other) : null,
        sealed: encrypt(await key(), Buffer.from(JSON.stringify(kept)), about(id)),
        // A device that asks with an ended code is told so (RFC 8628, section 3.5).
        until: sql<Date>`now() + make_interval(secs => ${kind === 'DeviceCode' ? 2 * seconds : seconds})`,
      }
      await database
        .insertInto('app_records')
        .values({ id, ...row })
        .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
        .execute()
      if (kind === 'RefreshToken' && row.grant_id) await extend(row.grant_id)
    },

    find: (kind: string, secret: string) => open(sql`id = ${idOf(kind, secret)}`),
    findByOther: (kind: string, other: string) => open(sql`other_id = ${idOf(`${kind} other`, other)}`),

    /** False: it was used before, by any process. */
    async consume(kind: string, secret: string): Promise<boolean> {
      const { numUpdatedRows } = await database
        .updateTable('app_records')
        .set({
          consumed_at: sql<Date>`now()`,
          until: sql<Date>`least(until, now() + make_interval(days => ${reuseKnownDays}))`,
        })
        .where('id', '=', idOf(kind, secret))
        .where('consumed_at', 'is', null)
        .executeTakeFirstOrThrow()
      return numUpdatedRows > 0n
    },

    /** Whether this session goes on if its app gets new tokens now. */
    async lasts(grantId: string): Promise<boolean> {
      const row = await database
        .selectFrom('app_sessions')
        .select(sql<boolean>`${end} > now()`.as('lasts'))
        .where('grant_id', '=', grantOf(grantId))
        .executeTakeFirst()
      return row?.lasts === true
    },

    async remove(kind: string, secret: string): Promise<void> {
      await database.deleteFrom('app_records').where('id', '=', idOf(kind, secret)).execute()
    },

    /** Whose an access token is. Undefined: it has ended, or is none. */
    async session(
      accessToken: string,
    ): Promise<{ id: string; subject: string; provedAt: Date; scope: string } | undefined> {
      const id = idOf('AccessToken', accessToken)
      const row = await database
        .selectFrom('app_records')
        .innerJoin('app_sessions', 'app_sessions.grant_id', 'app_records.grant_id')
        .select(['app_sessions.id', 'subject', 'proved_at', 'sealed'])
        .where('app_records.id', '=', id)
        .where(sql<boolean>`app_records.until > now() and app_sessions.until > now()`)
        .executeTakeFirst()
      if (!row) return undefined
      const { scope } = JSON.parse(decrypt(await key(), row.sealed, about(id)).toString()) as {
        scope?: string
      }
      return { id: row.id, subject: row.subject, provedAt: row.proved_at, scope: scope ?? '' }
    },

    /** A session that becomes a longer one with its first tokens. `within`: the transaction with its audit record. */
    async begin(
      within: Kysely<FeedTables>,
      { grantId, ...session }: { grantId: string; subject: string; app: string; proved_at: Date },
    ): Promise<void> {
      const row = { ...session, grant_id: grantOf(grantId), until: sql<Date>`now() + interval '10 minutes'` }
      await within.insertInto('app_sessions').values(row).execute()
    },

    /** Removes what has ended. */
    async removeExpired(): Promise<void> {
      await database.deleteFrom('app_sessions').where(sql<boolean>`until < now()`).execute()
      await database
        .deleteFrom('app_records')
        .where((row) => row.or([row(sql`until`, '<', sql`now()`), row.not(ofLivingSession)]))
        .execute()
    },
  }

  async function extend(grant_id: Buffer): Promise<void> {
    await database
      .updateTable('app_sessions')
      .set({ used_at: sql<Date>`now()`, until: end })
      .where('grant_id', '=', grant_id)
      .execute()
  }
}
