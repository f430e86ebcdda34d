import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

const people: Migration = {
  async up(db: Kysely<unknown>) {
    // An upsert takes a number each time, so four bytes would not be enough.
    await sql`alter table callers add column id bigint generated always as identity`.execute(db)
    await sql`create unique index callers_id on callers (id)`.execute(db)
    await sql`alter table credentials add column person bigint`.execute(db)
    await sql`
      create function know_person() returns trigger language plpgsql as $$
        begin
          if new.person is not null then
            select subject, split_part(subject, ':', 2) into new.caller, new.organisation from callers where id = new.person;
          elsif new.caller not like 'app:%' and new.organisation = split_part(new.caller, ':', 2) then
            insert into callers (subject) values (new.caller) on conflict do nothing;
            select id into new.person from callers where subject = new.caller;
          end if;
          return new;
        end
      $$`.execute(db)
    await sql`
      insert into callers (subject)
      select distinct caller from credentials
      where caller not like 'app:%' and organisation = split_part(caller, ':', 2)
      on conflict do nothing`.execute(db)
    await sql`
      update credentials set person = callers.id from callers
      where subject = caller and organisation = split_part(caller, ':', 2)`.execute(db)
    await sql`
      create trigger know_person before insert on credentials
      for each row execute function know_person()`.execute(db)
    await sql`create unique index credentials_person on credentials (person, provider, purpose)`.execute(db)
    await sql`
      create unique index credentials_app on credentials (organisation, caller, provider, purpose)
      where person is null`.execute(db)
  },
}

const shorterCredentials: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`drop trigger know_person on credentials`.execute(db)
    await sql`drop function know_person`.execute(db)
    await sql`drop index credentials_owner`.execute(db)
    await sql`
      alter table credentials
        alter column caller drop not null,
        alter column organisation drop not null`.execute(db)
    await sql`update credentials set caller = null, organisation = null where person is not null`.execute(db)
    await sql`
      alter table credentials
        add constraint credentials_owner check (num_nulls(caller, organisation) = case when person is null then 0 else 2 end)`.execute(
      db,
    )
  },
}

const watchesOfPeople: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`alter table watches add column person bigint`.execute(db)
    await sql`
      insert into callers (subject)
      select subject from watches union select subject from connections on conflict do nothing`.execute(db)
    await sql`
      update watches set person = callers.id from callers where callers.subject = watches.subject`.execute(db)
    await sql`
      create function know_watched() returns trigger language plpgsql as $$
        begin
          if new.person is not null then
            select subject into new.subject from callers where id = new.person;
          else
            insert into callers (subject) values (new.subject) on conflict do nothing;
            select id into new.person from callers where subject = new.subject;
          end if;
          return new;
        end
      $$`.execute(db)
    await sql`
      create trigger know_watched before insert on watches
      for each row execute function know_watched()`.execute(db)
    await sql`create unique index watches_person on watches (person)`.execute(db)
  },
}

const shorterWatches: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`drop trigger know_watched on watches`.execute(db)
    await sql`drop function know_watched`.execute(db)
    // With its indexes.
    await sql`alter table watches drop column subject`.execute(db)
    await sql`alter table watches add primary key using index watches_person`.execute(db)
    await sql`create index watches_failing on watches (person) where failures + pass_failures > 0`.execute(db)
    await sql`
      create index watches_starting on watches (person)
      where subscription is null and failures + pass_failures = 0`.execute(db)
  },
}

const connectionsOfPeople: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`alter table connections add column person bigint`.execute(db)
    await sql`
      insert into callers (subject) select subject from connections on conflict do nothing`.execute(db)
    await sql`
      update connections set person = callers.id from callers where callers.subject = connections.subject`.execute(
      db,
    )
    await sql`
      create function know_connected() returns trigger language plpgsql as $$
        begin
          if new.person is not null then
            select subject into new.subject from callers where id = new.person;
          else
            insert into callers (subject) values (new.subject) on conflict do nothing;
            select id into new.person from callers where subject = new.subject;
          end if;
          return new;
        end
      $$`.execute(db)
    await sql`
      create trigger know_connected before insert on connections
      for each row execute function know_connected()`.execute(db)
    await sql`create unique index connections_person on connections (person, provider)`.execute(db)
    // What is packed begins with a zero, which no text has.
    await sql`
      alter table watches
        add column packed_delta bytea check (get_byte(packed_delta, 0) = 0 and octet_length(packed_delta) <= 8192)`.execute(
      db,
    )
    // Of all rows, although some have none: PostgreSQL knows how rare a part is by such an index only.
    await sql`create index callers_zoom_user_end on callers (right(zoom_user_id, 7))`.execute(db)
    await sql`create index callers_zoom_name_start on callers (substr(zoom_name, 1, 7))`.execute(db)
  },
}

const shorterConnections: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`drop trigger know_connected on connections`.execute(db)
    await sql`drop function know_connected`.execute(db)
    await sql`drop index callers_zoom_user, callers_zoom_name`.execute(db)
    // With its indexes, of which one was the replica identity.
    await sql`alter table connections drop column subject`.execute(db)
    await sql`
      alter table connections add primary key using index connections_person, replica identity default`.execute(
      db,
    )
    await sql`create index connections_state on connections (state) where state <> 'connected'`.execute(db)
    // These rows seldom change, so none would get shorter by itself.
    await sql`cluster connections using connections_person`.execute(db)
  },
}

const placesOfPeople: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      create index callers_place on callers ((
        case when starts_with(callers.subject, 'exch:') then 'x' || substr(callers.subject, 6, 6)
          else substr(callers.subject, 7, 2) || substr(callers.subject, 44, 5) end collate "C"))`.execute(db)
    // No two providers, and no two purposes of a person, are of one length.
    await sql`
      create unique index credentials_of_person on credentials (person, length(provider), length(purpose))`.execute(
      db,
    )
    await sql`create index watches_failed on watches (person) where greatest(failures, pass_failures) > 0`.execute(
      db,
    )
    await sql`
      create index watches_begun on watches (person)
      where subscription is null and (greatest(failures, pass_failures) > 0) is not true`.execute(db)
  },
}

/** Versions of the database as they were while each was one transaction. Some databases have been changed by these. */
export const oldForms: Record<string, Migration> = {
  '0045-people': people,
  '0046-shorter-credentials': shorterCredentials,
  '0049-watches-of-people': watchesOfPeople,
  '0050-shorter-watches': shorterWatches,
  '0052-connections-of-people': connectionsOfPeople,
  '0053-shorter-connections': shorterConnections,
  '0059-places-of-people': placesOfPeople,
}
