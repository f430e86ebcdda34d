import { type Kysely, type Migration, sql } from 'kysely'

const meetings: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      create table hosts (
        subject text primary key check (subject ~ '^entra:[0-9a-f-]{36}:[0-9a-f-]{36}$'),
        zoom_user_id text not null check (zoom_user_id ~ '^[A-Za-z0-9_-]{1,64}$')
      )`.execute(db)
    await sql`
      create table meetings (
        subject text not null check (subject ~ '^entra:[0-9a-f-]{36}:[0-9a-f-]{36}$'),
        key text not null check (key ~ '^[A-Za-z0-9_-]{22}$'),
        zoom_meeting_id text check (zoom_meeting_id ~ '^[0-9]{9,12}$'),
        attempts integer not null default 1,
        lease uuid,
        leased_until timestamptz,
        primary key (subject, key)
      )`.execute(db)
    await sql`create index meetings_unmade on meetings (leased_until) where zoom_meeting_id is null`.execute(
      db,
    )
  },
}

/** Every version of the database, in order. A version that has been released is never edited. */
export const migrations: Record<string, Migration> = {
  '0001-meetings': meetings,
}
