import { createHash, randomInt, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { sql } from 'kysely'
import { Problem } from '../../contract/problems.ts'
import type { Database } from '../database/open.ts'

/** There are a million codes only, so a digest is slow to guess. */
const derive = promisify<string, string, number, Buffer>(scrypt)
/** Minutes for which a code is valid, and attempts that it allows. */
const [validFor, mostAttempts] = [10, 5]
/** Codes a day, for a caller and for a mailbox: of all guesses that they allow, one in 20,000 is right. */
const mostCodes = 10
const day = 24 * 3600

export type MailboxCodes = ReturnType<typeof mailboxCodes>

/** The codes by which people prove that a mailbox on an Exchange server is theirs. A code is stored as its digest only. */
export function mailboxCodes(database: Database) {
  const digestOf = (code: string, subject: string, mailbox: Buffer) =>
    derive(code, `${subject} ${mailbox.toString('hex')}`, 32)

  return {
    /** A new code, which replaces the caller's last one. Throws `too_many_codes`. */
    async make(subject: string, server: string, address: string): Promise<string> {
      const mailbox = mailboxOf(server, address)
      const code = String(randomInt(1_000_000)).padStart(6, '0')
      const digest = await digestOf(code, subject, mailbox)
      const { rows } = await database.transaction().execute(async (all) => {
        // Of many requests at once, each counts those before it.
        await sql`lock table mailbox_codes in share row exclusive mode`.execute(all)
        return sql`
          insert into mailbox_codes (subject, mailbox, digest)
          select ${subject}, ${mailbox}::bytea, ${digest}::bytea
          where greatest(
            (select count(*) from mailbox_codes where subject = ${subject} and ${isOfToday}),
            (select count(*) from mailbox_codes where mailbox = ${mailbox} and ${isOfToday})
          ) < ${mostCodes} returning id`.execute(all)
      })
      if (rows.length === 0) throw new Problem('too_many_codes', { retryAfter: 3600 })
      return code
    },

    /** Uses the caller's last code up. Throws `code_wrong`. */
    async use(subject: string, server: string, address: string, code: string): Promise<void> {
      const mailbox = mailboxOf(server, address)
      const { rows } = await sql<{ id: string; digest: Buffer }>`
        update mailbox_codes set attempts = attempts + 1
        where id = (select max(id) from mailbox_codes where subject = ${subject})
          and attempts < ${mostAttempts} and sent_at > now() - make_interval(mins => ${validFor})
        returning id, digest`.execute(database)
      const [found] = rows
      if (!found || !timingSafeEqual(found.digest, await digestOf(code, subject, mailbox)))
        throw new Problem('code_wrong')
      await sql`update mailbox_codes set attempts = ${mostAttempts} where id = ${found.id}`.execute(database)
    },

    async forgetEnded(): Promise<void> {
      await sql`delete from mailbox_codes where not ${isOfToday}`.execute(database)
    },
  }
}

const isOfToday = sql<boolean>`sent_at > now() - make_interval(secs => ${day})`

const mailboxOf = (server: string, address: string) =>
  createHash('sha256').update(`${server} ${address}`).digest()
