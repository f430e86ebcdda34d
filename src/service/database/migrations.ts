import { sql } from 'kysely'
import type { Version } from './online.ts'

/** A caller: a person of an Entra directory, or a mailbox on an Exchange server. */
const subject = sql.raw(`check (subject ~ '^(entra:[0-9a-f-]{36}:[0-9a-f-]{36}|exch:[A-Za-z0-9_-]{43})$')`)
const zoomUserId = sql.raw(`check (zoom_user_id ~ '^[A-Za-z0-9_-]{1,64}$')`)
/** 32 bytes: a SHA-256, or a random secret that must be read again. */
const bytes = (column: string) => sql.raw(`check (octet_length(${column}) = 32)`)

const meetings: Version = {
  async up(db) {
    await sql`
      create table callers (
        subject text primary key ${subject},
        zoom_user_id text ${zoomUserId},
        valid_from timestamptz
      )`.execute(db)
    await sql`
      create table meetings (
        subject text not null ${subject},
        key text not null check (key ~ '^[A-Za-z0-9_-]{22}$'),
        zoom_meeting_id text check (zoom_meeting_id ~ '^[0-9]{9,12}$'),
        attempts integer not null default 1,
        lease uuid,
        leased_until timestamptz,
        ticket bytea ${bytes('ticket')},
        ticket_proved_at timestamptz,
        ticket_until timestamptz,
        primary key (subject, key)
      )`.execute(db)
    await sql`create index meetings_unmade on meetings (leased_until) where zoom_meeting_id is null`.execute(
      db,
    )
    await sql`create unique index meetings_ticket on meetings (ticket) where ticket is not null`.execute(db)
  },
}

const identity: Version = {
  async up(db) {
    await sql`
      create table sessions (
        secret bytea primary key ${bytes('secret')},
        subject text not null ${subject},
        proved_at timestamptz not null,
        until timestamptz not null
      )`.execute(db)
    await sql`create index sessions_subject on sessions (subject)`.execute(db)
    await sql`create index sessions_until on sessions (until)`.execute(db)
    await sql`
      create table zoom_logins (
        state bytea primary key ${bytes('state')},
        challenge bytea not null ${bytes('challenge')},
        verifier bytea not null ${bytes('verifier')},
        until timestamptz not null
      )`.execute(db)
    await sql`
      create table zoom_login_codes (
        code bytea primary key ${bytes('code')},
        challenge bytea not null ${bytes('challenge')},
        zoom_user_id text not null ${zoomUserId},
        until timestamptz not null
      )`.execute(db)
  },
}

const lifetime: Version = {
  async up(db) {
    await sql`alter table meetings add column id_ends timestamptz, add column look_at timestamptz`.execute(db)
    // What is there already is asked about once, to learn it.
    await sql`update meetings set look_at = now() where zoom_meeting_id is not null`.execute(db)
    await sql`create index meetings_look_at on meetings (look_at) where look_at is not null`.execute(db)
  },
}

const hosts: Version = {
  async up(db) {
    await sql`
      alter table meetings
        add column host_id text check (host_id ~ '^[A-Za-z0-9_-]{1,64}$'),
        add column delegated boolean not null default false,
        add column ticket_subject text
          check (ticket_subject ~ '^(entra:[0-9a-f-]{36}:[0-9a-f-]{36}|exch:[A-Za-z0-9_-]{43})$')`.execute(db)
    await sql`update meetings set ticket_subject = subject where ticket is not null`.execute(db)
    // A person who was two callers may have two meetings with one key: the other one keeps no host.
    await sql`
      update meetings set host_id = first.zoom_user_id
      from (
        select distinct on (zoom_user_id, key) subject, key, zoom_user_id
        from meetings join callers using (subject)
        where zoom_user_id is not null
        order by zoom_user_id, key, zoom_meeting_id is null, subject
      ) first
      where meetings.subject = first.subject and meetings.key = first.key`.execute(db)
    await sql`create unique index meetings_host on meetings (key, host_id)`.execute(db)
  },
}

const interrupted: Version = {
  async up(db) {
    await sql`alter table meetings add column search_at timestamptz`.execute(db)
    await sql`create index meetings_search_at on meetings (search_at) where search_at is not null`.execute(db)
  },
}

const failures: Version = {
  async up(db) {
    await sql`alter table meetings add column failures integer not null default 0`.execute(db)
  },
}

const zoomName: Version = {
  async up(db) {
    await sql`alter table callers add column zoom_name bytea check (octet_length(zoom_name) = 32)`.execute(db)
  },
}

const vault: Version = {
  async up(db) {
    // The key's id is one of the service's own key ring, or one of Azure Key Vault. A wrapped data key is 60 bytes with
    // the first, and 256 to 512 with the second.
    await sql`
      create table credentials (
        id uuid primary key,
        organisation text not null check (organisation ~ '^[A-Za-z0-9_-]{1,64}$'),
        caller text not null
          check (caller ~ '^(entra:[0-9a-f-]{36}:[0-9a-f-]{36}|exch:[A-Za-z0-9_-]{43}|app:[A-Za-z0-9_-]{1,64})$'),
        provider text not null check (provider ~ '^(zoom|microsoft|google|exchange)$'),
        purpose text not null check (purpose ~ '^[a-z-]{1,32}$'),
        version integer not null,
        key_id text check (key_id ~ '^([a-z0-9-]{1,32}|azure:[A-Za-z0-9-]{1,127}:[0-9a-f]{32})$'),
        wrapped bytea check (octet_length(wrapped) = 60 or octet_length(wrapped) between 256 and 512),
        sealed bytea check (octet_length(sealed) between 29 and 16384),
        expires_at timestamptz,
        replaced_at timestamptz,
        lease uuid,
        leased_until timestamptz,
        rewrap_at timestamptz,
        failures integer not null default 0,
        unique (organisation, caller, provider, purpose),
        check (num_nulls(key_id, wrapped, sealed) = case when version = 0 then 3 else 0 end)
      )`.execute(db)
    await sql`create index credentials_key_id on credentials (key_id, rewrap_at)`.execute(db)
    await sql`create index credentials_expires_at on credentials (expires_at)`.execute(db)
  },
}

const connections: Version = {
  async up(db) {
    await sql`
      create table connections (
        subject text not null ${subject},
        provider text not null check (provider ~ '^(microsoft)$'),
        permission text not null check (permission ~ '^(read|read-write)$'),
        state text not null check (state ~ '^(connected|needs_sign_in|revoked_by_provider|permission_lowered|provider_down|disconnected_by_administrator)$'),
        failures integer not null default 0,
        ask_at timestamptz,
        primary key (subject, provider)
      )`.execute(db)
    await sql`create index credentials_caller on credentials (caller)`.execute(db)
  },
}

const audit: Version = {
  async up(db) {
    await sql`
      create table audit (
        seq bigint primary key check (seq > 0),
        at timestamptz not null check (at = date_trunc('milliseconds', at)),
        act text not null check (act ~ '^(service started|key rotated|re-wrap begun|re-wrap finished|credential replaced|credential used|credential destroyed|zoom linked|disconnected|session started|proof refused|audit verified|audit exported)$'),
        caller text
          check (caller ~ '^(entra:[0-9a-f-]{36}:[0-9a-f-]{36}|exch:[A-Za-z0-9_-]{43}|app:[A-Za-z0-9_-]{1,64}|command-line)$'),
        organisation text check (organisation ~ '^(entra:[0-9a-f-]{36}|zoom:[A-Za-z0-9_-]{1,64})$'),
        subject text
          check (subject ~ '^(credential:[0-9a-f-]{36}|key:([a-z0-9-]{1,32}|azure:[A-Za-z0-9-]{1,127}:[0-9a-f]{32}))$'),
        detail text
          check (detail ~ '^(reason=[a-z_]{1,48}|provider=(zoom|microsoft|google|exchange)|purpose=[a-z-]{1,32}|(version|count|first|last)=[0-9]{1,15}|format=(jsonl|ocsf)|result=(intact|broken)|way=(zoom|name))( (reason=[a-z_]{1,48}|provider=(zoom|microsoft|google|exchange)|purpose=[a-z-]{1,32}|(version|count|first|last)=[0-9]{1,15}|format=(jsonl|ocsf)|result=(intact|broken)|way=(zoom|name))){0,3}$'),
        hash bytea not null ${bytes('hash')}
      )`.execute(db)
    await sql`create index audit_keys on audit (seq) where subject like 'key:%'`.execute(db)
    await sql`
      create table audit_head (
        id boolean primary key default true check (id),
        seq bigint not null,
        hash bytea not null ${bytes('hash')}
      )`.execute(db)
    await sql`insert into audit_head (seq, hash) values (0, decode(repeat('00', 32), 'hex'))`.execute(db)
    await sql`
      create function refuse_change() returns trigger language plpgsql as $$
        begin raise exception 'Audit records are only appended'; end
      $$`.execute(db)
    await sql`
      create trigger only_appended before update or delete or truncate on audit
      for each statement execute function refuse_change()`.execute(db)
    await sql`
      create trigger only_updated before delete or truncate on audit_head
      for each statement execute function refuse_change()`.execute(db)
  },
}

const calendarActs: Version = {
  async up(db) {
    const pair =
      '(reason=[a-z_]{1,48}|provider=(zoom|microsoft|google|exchange)|purpose=[a-z-]{1,32}|permission=(read|read-write)|(version|count|first|last)=[0-9]{1,15}|format=(jsonl|ocsf)|result=(intact|broken)|way=(zoom|name))'
    await sql`
      alter table audit
        drop constraint audit_act_check,
        add constraint audit_act_check check (act ~ '^(service started|key rotated|re-wrap begun|re-wrap finished|credential replaced|credential used|credential destroyed|zoom linked|disconnected|calendar connected|calendar stopped|calendar disconnected|session started|proof refused|audit verified|audit exported)$'),
        drop constraint audit_detail_check,
        add constraint audit_detail_check check (detail ~ ${sql.lit(`^${pair}( ${pair}){0,3}$`)})`.execute(db)
  },
}

/**
 * What administrators do. Their acts are about a person, so a record can name one. The list of people has an index for
 * each way to search it, in the order of bytes, which no setting of the database changes.
 */
const administration: Version = {
  async up(db) {
    await sql`create index callers_listed on callers (subject collate "C")`.execute(db)
    await sql`create index callers_zoom_user on callers (zoom_user_id) where zoom_user_id is not null`.execute(
      db,
    )
    await sql`create index callers_zoom_name on callers (zoom_name) where zoom_name is not null`.execute(db)
    await sql`create index connections_state on connections (state, subject collate "C")`.execute(db)
    await sql`create index connections_provider on connections (provider, subject collate "C")`.execute(db)
    await sql`create index meetings_ticket_subject on meetings (ticket_subject) where ticket is not null`.execute(
      db,
    )
    await sql`
      alter table audit
        drop constraint audit_act_check,
        drop constraint audit_subject_check,
        add constraint audit_act_check check (act ~ '^(service started|key rotated|re-wrap begun|re-wrap finished|credential replaced|credential used|credential destroyed|zoom linked|disconnected|calendar connected|calendar stopped|calendar disconnected|session started|proof refused|console opened|people viewed|person viewed|person revoked|person allowed|audit viewed|audit verified|audit exported|keys viewed|health viewed)$'),
        add constraint audit_subject_check
          check (subject ~ '^(credential:[0-9a-f-]{36}|key:([a-z0-9-]{1,32}|azure:[A-Za-z0-9-]{1,127}:[0-9a-f]{32})|person:(entra:[0-9a-f-]{36}:[0-9a-f-]{36}|exch:[A-Za-z0-9_-]{43}))$')`.execute(
      db,
    )
    await sql`create index audit_caller on audit (caller, seq)`.execute(db)
    await sql`create index audit_organisation on audit (organisation, seq)`.execute(db)
    await sql`create index audit_person on audit (subject, seq) where subject like 'person:%'`.execute(db)
  },
}

/**
 * Rules of organisations about their people, and whether a person is in a group that a rule names. A rule has one of the
 * values that its policy can have.
 */
const policies: Version = {
  async up(db) {
    const organisation = sql.raw(`check (organisation ~ '^entra:[0-9a-f-]{36}$')`)
    await sql`
      create table policies (
        organisation text not null ${organisation},
        group_id uuid,
        rank integer not null,
        name text not null check (name ~ '^(calendar|apps|zoomAccount)$'),
        value text not null check (value ~ '^[a-z-]{1,16}$'),
        check (
          (name = 'calendar' and value in ('off', 'read', 'read-write'))
          or (name = 'apps' and value in ('proxy', 'direct'))
          or (name = 'zoomAccount' and value in ('by-sign-in', 'by-name'))
        )
      )`.execute(db)
    await sql`create unique index policies_of_groups on policies (organisation, name, group_id) where group_id is not null`.execute(
      db,
    )
    await sql`create unique index policies_for_everybody on policies (organisation, name) where group_id is null`.execute(
      db,
    )
    await sql`
      create table policy_versions (
        organisation text primary key ${organisation},
        version integer not null
      )`.execute(db)
    await sql`
      create table memberships (
        subject text not null ${subject},
        group_id uuid not null,
        is_member boolean,
        primary key (subject, group_id)
      )`.execute(db)
    const value = '(none|off|read|read-write|proxy|direct|by-sign-in|by-name)'
    const pair = `(reason=[a-z_]{1,48}|provider=(zoom|microsoft|google|exchange)|purpose=[a-z-]{1,32}|permission=(read|read-write)|(version|count|first|last)=[0-9]{1,15}|format=(jsonl|ocsf)|result=(intact|broken)|way=(zoom|name)|policy=(calendar|apps|zoomAccount)|(old|new)=${value})`
    await sql`
      alter table audit
        drop constraint audit_act_check,
        drop constraint audit_subject_check,
        drop constraint audit_detail_check,
        add constraint audit_act_check check (act ~ '^(service started|key rotated|re-wrap begun|re-wrap finished|credential replaced|credential used|credential destroyed|zoom linked|disconnected|calendar connected|calendar stopped|calendar lowered|calendar disconnected|session started|proof refused|console opened|people viewed|person viewed|person revoked|person allowed|policies viewed|policy changed|policies moved|audit viewed|audit verified|audit exported|keys viewed|health viewed)$'),
        add constraint audit_subject_check
          check (subject ~ '^(credential:[0-9a-f-]{36}|key:([a-z0-9-]{1,32}|azure:[A-Za-z0-9-]{1,127}:[0-9a-f]{32})|person:(entra:[0-9a-f-]{36}:[0-9a-f-]{36}|exch:[A-Za-z0-9_-]{43})|group:[0-9a-f-]{36})$'),
        add constraint audit_detail_check check (detail ~ ${sql.lit(`^${pair}( ${pair}){0,3}$`)})`.execute(db)
  },
}

/**
 * Other providers: connections with Zoom, and sign-ins at a provider whose codes are exchanged when the caller is known.
 * Sign-ins in progress are lost, also at processes of an older version: they last ten minutes at most, and a person starts
 * one again.
 */
const ownZoom: Version = {
  async up(db) {
    const provider = sql.raw(`check (provider ~ '^(microsoft|zoom|google)$')`)
    await sql`drop table zoom_login_codes`.execute(db)
    await sql`drop table zoom_logins`.execute(db)
    await sql`
      create table logins (
        state bytea primary key ${bytes('state')},
        provider text not null ${provider},
        challenge bytea not null ${bytes('challenge')},
        verifier bytea not null ${bytes('verifier')},
        until timestamptz not null
      )`.execute(db)
    await sql`
      alter table connections
        drop constraint connections_provider_check,
        add constraint connections_provider_check ${provider}`.execute(db)
    await sql`
      alter table audit
        drop constraint audit_act_check,
        add constraint audit_act_check check (act ~ '^(service started|key rotated|re-wrap begun|re-wrap finished|credential replaced|credential used|credential destroyed|zoom linked|disconnected|(calendar|zoom) (connected|stopped|disconnected)|calendar lowered|session started|proof refused|console opened|people viewed|person viewed|person revoked|person allowed|policies viewed|policy changed|policies moved|audit viewed|audit verified|audit exported|keys viewed|health viewed)$')`.execute(
      db,
    )
  },
}

/**
 * Removals of keys that an administrator has asked for, and retired keys. The database itself refuses a credential that a
 * retired key has wrapped, so a process that still has the key cannot store one either.
 */
const keyRemovals: Version = {
  async up(db) {
    await sql`
      create table key_removals (
        key_id text primary key check (key_id ~ '^([a-z0-9-]{1,32}|azure:[A-Za-z0-9-]{1,127}:[0-9a-f]{32})$'),
        asked_by text not null check (asked_by ~ '^entra:[0-9a-f-]{36}:[0-9a-f-]{36}$'),
        asked_at timestamptz not null default now(),
        confirmed_by text check (confirmed_by ~ '^entra:[0-9a-f-]{36}:[0-9a-f-]{36}$' and confirmed_by <> asked_by),
        retired_at timestamptz,
        check (num_nulls(confirmed_by, retired_at) in (0, 2))
      )`.execute(db)
    await sql`
      create function refuse_retired_key() returns trigger language plpgsql as $$
        begin
          if exists (select from key_removals where key_id = new.key_id and retired_at is not null) then
            raise exception 'The key is retired';
          end if;
          return new;
        end
      $$`.execute(db)
    await sql`
      create trigger no_retired_key before insert or update of key_id on credentials
      for each row when (new.key_id is not null) execute function refuse_retired_key()`.execute(db)
    await sql`
      alter table audit
        drop constraint audit_act_check,
        add constraint audit_act_check check (act ~ '^(service started|key (rotated|removal asked|removal withdrawn|retired)|re-wrap begun|re-wrap finished|credential replaced|credential used|credential destroyed|zoom linked|disconnected|(calendar|zoom) (connected|stopped|disconnected)|calendar lowered|session started|proof refused|console opened|people viewed|person viewed|person revoked|person allowed|policies viewed|policy changed|policies moved|audit viewed|audit verified|audit exported|keys viewed|health viewed)$')`.execute(
      db,
    )
  },
}

/** Calendars on Exchange servers: which server a session is of, and passwords that a server has refused. */
const exchange: Version = {
  async up(db) {
    await sql`
      alter table sessions
        add column server text check (server ~ '^https://[A-Za-z0-9.-]+:[0-9]{1,5}(/[A-Za-z0-9_.-]+)+$')`.execute(
      db,
    )
    await sql`
      create table refused_passwords (
        subject text primary key ${subject},
        digest bytea not null ${bytes('digest')},
        until timestamptz not null
      )`.execute(db)
    await sql`
      alter table connections
        drop constraint connections_provider_check,
        add constraint connections_provider_check check (provider ~ '^(microsoft|zoom|google|exchange)$')`.execute(
      db,
    )
  },
}

/** Mailboxes that an administrator connects by the application's own permissions. */
const applicationMailboxes: Version = {
  async up(db) {
    await sql`
      alter table connections
        drop constraint connections_provider_check,
        add constraint connections_provider_check
          check (provider ~ '^(microsoft|zoom|google|exchange|microsoft-application)$')`.execute(db)
    await sql`
      alter table audit
        drop constraint audit_act_check,
        add constraint audit_act_check check (act ~ '^(service started|key (rotated|removal asked|removal withdrawn|retired)|re-wrap begun|re-wrap finished|credential replaced|credential used|credential destroyed|zoom linked|disconnected|(calendar|zoom) (connected|stopped|disconnected)|calendar lowered|session started|proof refused|console opened|people viewed|person viewed|person revoked|person allowed|policies viewed|policy changed|policies moved|mailboxes viewed|mailbox (connected|refused|checked|disconnected)|audit viewed|audit verified|audit exported|keys viewed|health viewed)$')`.execute(
      db,
    )
  },
}

/** More policies: whether the service follows the calendar, whether the add-in tidies, and ways of signing in. */
const morePolicies: Version = {
  async up(db) {
    const switches = 'sync|exchangeSignIn|zoomSignIn'
    const names = `calendar|apps|zoomAccount|tidy|${switches}`
    await sql`
      alter table policies
        drop constraint policies_name_check,
        drop constraint policies_check,
        add constraint policies_name_check check (name ~ ${sql.lit(`^(${names})$`)}),
        add constraint policies_check check (
          (name = 'calendar' and value in ('off', 'read', 'read-write'))
          or (name = 'apps' and value in ('proxy', 'direct'))
          or (name = 'zoomAccount' and value in ('by-sign-in', 'by-name'))
          or (name = 'tidy' and value in ('off', 'choice', 'on'))
          or (name ~ ${sql.lit(`^(${switches})$`)} and value in ('off', 'on'))
        )`.execute(db)
    const value = '(none|off|read|read-write|proxy|direct|by-sign-in|by-name|choice|on)'
    const pair = `(reason=[a-z_]{1,48}|provider=(zoom|microsoft|google|exchange)|purpose=[a-z-]{1,32}|permission=(read|read-write)|(version|count|first|last)=[0-9]{1,15}|format=(jsonl|ocsf)|result=(intact|broken)|way=(zoom|name)|policy=(${names})|(old|new)=${value})`
    await sql`
      alter table audit
        drop constraint audit_detail_check,
        add constraint audit_detail_check check (detail ~ ${sql.lit(`^${pair}( ${pair}){0,3}$`)})`.execute(db)
  },
}

/**
 * Calendar sync. `watches` has the subscription of each connected person. A meeting gets a keyed hash of the event that
 * it belongs to, so that the end of that event can be recognised.
 */
const sync: Version = {
  async up(db) {
    await sql`
      create table watches (
        subject text primary key ${subject},
        subscription text check (subscription ~ '^[A-Za-z0-9-]{1,64}$'),
        secret bytea ${bytes('secret')},
        expires_at timestamptz,
        due_at timestamptz not null default now(),
        pass_at timestamptz not null default now(),
        delta text check (delta ~ '^[A-Za-z0-9_.~%=-]+$' and length(delta) <= 8192),
        window_from timestamptz,
        changed_at timestamptz,
        checked_at timestamptz,
        failures integer not null default 0,
        pass_failures integer not null default 0
      )`.execute(db)
    await sql`create unique index watches_subscription on watches (subscription)`.execute(db)
    await sql`create index watches_due_at on watches (due_at)`.execute(db)
    await sql`create index watches_pass_at on watches (pass_at)`.execute(db)
    await sql`alter table meetings add column event bytea ${bytes('event')}`.execute(db)
    await sql`create index meetings_event on meetings (event) where event is not null`.execute(db)
  },
}

/** What administrators do about calendar sync. */
const syncActs: Version = {
  async up(db) {
    await sql`
      alter table audit
        drop constraint audit_act_check,
        add constraint audit_act_check check (act ~ '^(service started|key (rotated|removal asked|removal withdrawn|retired)|re-wrap begun|re-wrap finished|credential replaced|credential used|credential destroyed|zoom linked|disconnected|(calendar|zoom) (connected|stopped|disconnected)|calendar lowered|session started|proof refused|console opened|people viewed|person viewed|person revoked|person allowed|policies viewed|policy changed|policies moved|mailboxes viewed|mailbox (connected|refused|checked|disconnected)|sync (viewed|checked|retried)|audit viewed|audit verified|audit exported|keys viewed|health viewed)$')`.execute(
      db,
    )
  },
}

/** The sealed id of a meeting's event, by which it is read again after the meeting has changed in Zoom. */
const sealedEvents: Version = {
  async up(db) {
    await sql`
      alter table meetings
        add column event_of text check (event_of ~ '^entra:[0-9a-f-]{36}:[0-9a-f-]{36}$'),
        add column sealed_event bytea check (octet_length(sealed_event) between 29 and 1024),
        add column condemned boolean not null default false,
        add column differs text check (differs ~ '^(changed|gone)$'),
        add constraint meetings_sealed_event_of check (num_nulls(event_of, sealed_event) in (0, 2))`.execute(
      db,
    )
    await sql`create index meetings_event_of on meetings (event_of) where event_of is not null`.execute(db)
    await sql`create index meetings_zoom_meeting_id on meetings (zoom_meeting_id)`.execute(db)
  },
}

/**
 * More policies: whether every new appointment gets a meeting, what becomes of changes that are made in Zoom, and of
 * meetings whose appointment was discarded, and the options of new meetings.
 */
const meetingPolicies: Version = {
  async up(db) {
    const switches = 'sync|everyMeeting|exchangeSignIn|zoomSignIn'
    const options =
      'waitingRoom|meetingAuthentication|joinBeforeHost|muteUponEntry|hostVideo|participantVideo'
    const names = `calendar|apps|zoomAccount|tidy|zoomChanges|discarded|autoRecording|${options}|${switches}`
    await sql`
      alter table policies
        drop constraint policies_name_check,
        drop constraint policies_check,
        add constraint policies_name_check check (name ~ ${sql.lit(`^(${names})$`)}),
        add constraint policies_check check (
          (name = 'calendar' and value in ('off', 'read', 'read-write'))
          or (name = 'apps' and value in ('proxy', 'direct'))
          or (name = 'zoomAccount' and value in ('by-sign-in', 'by-name'))
          or (name = 'tidy' and value in ('off', 'choice', 'on'))
          or (name = 'zoomChanges' and value in ('show', 'repair'))
          or (name = 'discarded' and value in ('keep', 'remove'))
          or (name = 'autoRecording' and value ~ '^(zoom|(always-)?(none|local|cloud))$')
          or (name ~ ${sql.lit(`^(${options})$`)} and value ~ '^(zoom|(always-)?(on|off))$')
          or (name ~ ${sql.lit(`^(${switches})$`)} and value in ('off', 'on'))
        )`.execute(db)
    const value =
      '(none|off|read|read-write|proxy|direct|by-sign-in|by-name|choice|on|show|repair|keep|remove|zoom|local|cloud|always-(none|local|cloud|on|off))'
    const pair = `(reason=[a-z_]{1,48}|provider=(zoom|microsoft|google|exchange)|purpose=[a-z-]{1,32}|permission=(read|read-write)|(version|count|first|last)=[0-9]{1,15}|format=(jsonl|ocsf)|result=(intact|broken)|way=(zoom|name)|policy=(${names})|(old|new)=${value})`
    await sql`
      alter table audit
        drop constraint audit_detail_check,
        add constraint audit_detail_check check (detail ~ ${sql.lit(`^${pair}( ${pair}){0,3}$`)})`.execute(db)
  },
}

/** What metrics count has an index, however many people there are. */
const counted: Version = {
  async up(db) {
    await sql`create index watches_expires_at on watches (expires_at)`.execute(db)
    await sql`create index watches_failing on watches (subject) where failures + pass_failures > 0`.execute(
      db,
    )
    await sql`
      create index watches_starting on watches (subject)
      where subscription is null and failures + pass_failures = 0`.execute(db)
    await sql`create index connections_counted on connections (provider, state)`.execute(db)
  },
}

/** Since when the appointment of a meeting is expected in a calendar. */
const unseen: Version = {
  async up(db) {
    await sql`alter table meetings add column unseen_since timestamptz`.execute(db)
  },
}

/** How often the meetings of each Zoom user have been created or changed today. */
const zoomChanges: Version = {
  async up(db) {
    await sql`
      create table zoom_changes (
        day timestamptz not null,
        host_id text not null check (host_id ~ '^[A-Za-z0-9_-]{1,64}$'),
        changes integer not null,
        primary key (day, host_id)
      )`.execute(db)
  },
}

/** The options that people save as their defaults and as templates, sealed. */
const templates: Version = {
  async up(db) {
    await sql`
      create table templates (
        subject text ${subject} not null,
        id text not null check (id ~ '^(defaults|[A-Za-z0-9_-]{22})$'),
        sealed bytea not null check (octet_length(sealed) between 29 and 16384),
        created_at timestamptz not null default now(),
        primary key (subject, id)
      )`.execute(db)
    await sql`
      alter table audit
        drop constraint audit_act_check,
        add constraint audit_act_check check (act ~ '^(service started|key (rotated|removal asked|removal withdrawn|retired)|re-wrap begun|re-wrap finished|credential replaced|credential used|credential destroyed|zoom linked|disconnected|(calendar|zoom) (connected|stopped|disconnected)|calendar lowered|template (saved|deleted)|session started|proof refused|console opened|people viewed|person viewed|person revoked|person allowed|policies viewed|policy changed|policies moved|mailboxes viewed|mailbox (connected|refused|checked|disconnected)|sync (viewed|checked|retried)|audit viewed|audit verified|audit exported|keys viewed|health viewed)$')`.execute(
      db,
    )
  },
}

/**
 * Fewer bytes a person. A caller's id is 79 bytes in each index that orders it, so it is in one of each table, and what is
 * only compared has an index of hashes. An older process goes on: each conflict that it names has a unique index.
 */
const smallerIndexes: Version = {
  async up(db) {
    await sql`create unique index callers_ordered on callers (subject collate "C")`.execute(db)
    await sql`create index callers_subject on callers using hash (subject)`.execute(db)
    await sql`alter table callers replica identity using index callers_ordered, drop constraint callers_pkey`.execute(
      db,
    )
    await sql`drop index callers_listed, callers_zoom_user, callers_zoom_name`.execute(db)
    await sql`
      create index callers_zoom_user on callers using hash (zoom_user_id) where zoom_user_id is not null`.execute(
      db,
    )
    await sql`
      create index callers_zoom_name on callers using hash (zoom_name) where zoom_name is not null`.execute(
      db,
    )
    await sql`create unique index connections_ordered on connections (provider, subject collate "C")`.execute(
      db,
    )
    await sql`create index connections_subject on connections using hash (subject)`.execute(db)
    await sql`
      alter table connections
        replica identity using index connections_ordered, drop constraint connections_pkey`.execute(db)
    await sql`drop index connections_state, connections_provider`.execute(db)
    // Nearly everybody with a connection is `connected`, and is found among all people.
    await sql`
      create index connections_state on connections (state, subject collate "C") where state <> 'connected'`.execute(
      db,
    )
    await sql`create unique index credentials_owner on credentials (caller, provider, purpose, organisation)`.execute(
      db,
    )
    await sql`
      alter table credentials drop constraint credentials_organisation_caller_provider_purpose_key`.execute(
      db,
    )
    await sql`drop index credentials_caller, watches_subscription, watches_expires_at`.execute(db)
    await sql`
      alter table watches
        add constraint watches_subscription exclude using hash (subscription with =)`.execute(db)
  },
}

/** What a connection opens of the contacts, and the policy for it. */
const contacts: Version = {
  async up(db) {
    await sql`
      alter table connections
        add column contacts text check (contacts ~ '^(read|read-write)$')`.execute(db)
    const switches = 'sync|everyMeeting|exchangeSignIn|zoomSignIn'
    const options =
      'waitingRoom|meetingAuthentication|joinBeforeHost|muteUponEntry|hostVideo|participantVideo'
    const names = `calendar|contacts|apps|zoomAccount|tidy|zoomChanges|discarded|autoRecording|${options}|${switches}`
    await sql`
      alter table policies
        drop constraint policies_name_check,
        drop constraint policies_check,
        add constraint policies_name_check check (name ~ ${sql.lit(`^(${names})$`)}),
        add constraint policies_check check (
          (name ~ '^(calendar|contacts)$' and value in ('off', 'read', 'read-write'))
          or (name = 'apps' and value in ('proxy', 'direct'))
          or (name = 'zoomAccount' and value in ('by-sign-in', 'by-name'))
          or (name = 'tidy' and value in ('off', 'choice', 'on'))
          or (name = 'zoomChanges' and value in ('show', 'repair'))
          or (name = 'discarded' and value in ('keep', 'remove'))
          or (name = 'autoRecording' and value ~ '^(zoom|(always-)?(none|local|cloud))$')
          or (name ~ ${sql.lit(`^(${options})$`)} and value ~ '^(zoom|(always-)?(on|off))$')
          or (name ~ ${sql.lit(`^(${switches})$`)} and value in ('off', 'on'))
        )`.execute(db)
    const value =
      '(none|off|read|read-write|proxy|direct|by-sign-in|by-name|choice|on|show|repair|keep|remove|zoom|local|cloud|always-(none|local|cloud|on|off))'
    const pair = `(reason=[a-z_]{1,48}|provider=(zoom|microsoft|google|exchange)|purpose=[a-z-]{1,32}|permission=(read|read-write)|contacts=(off|read|read-write)|(version|count|first|last)=[0-9]{1,15}|format=(jsonl|ocsf)|result=(intact|broken)|way=(zoom|name)|policy=(${names})|(old|new)=${value})`
    await sql`
      alter table audit
        drop constraint audit_detail_check,
        add constraint audit_detail_check check (detail ~ ${sql.lit(`^${pair}( ${pair}){0,3}$`)})`.execute(db)
  },
}

/** What organisations write into their invitations, sealed, and whether a policy allows their logo in it. */
const invitations: Version = {
  async up(db) {
    await sql`
      create table invitations (
        organisation text primary key check (organisation ~ '^entra:[0-9a-f-]{36}$'),
        version integer not null check (version > 0),
        sealed bytea check (octet_length(sealed) between 29 and 16384)
      )`.execute(db)
    await sql`
      alter table audit
        drop constraint audit_act_check,
        add constraint audit_act_check check (act ~ '^(service started|key (rotated|removal asked|removal withdrawn|retired)|re-wrap begun|re-wrap finished|credential replaced|credential used|credential destroyed|zoom linked|disconnected|(calendar|zoom) (connected|stopped|disconnected)|calendar lowered|template (saved|deleted)|session started|proof refused|console opened|people viewed|person viewed|person revoked|person allowed|policies viewed|policy changed|policies moved|invitation (viewed|changed)|mailboxes viewed|mailbox (connected|refused|checked|disconnected)|sync (viewed|checked|retried)|audit viewed|audit verified|audit exported|keys viewed|health viewed)$')`.execute(
      db,
    )
    const switches = 'sync|everyMeeting|invitationLogo|exchangeSignIn|zoomSignIn'
    const options =
      'waitingRoom|meetingAuthentication|joinBeforeHost|muteUponEntry|hostVideo|participantVideo'
    const names = `calendar|contacts|apps|zoomAccount|tidy|zoomChanges|discarded|autoRecording|${options}|${switches}`
    await sql`
      alter table policies
        drop constraint policies_name_check,
        drop constraint policies_check,
        add constraint policies_name_check check (name ~ ${sql.lit(`^(${names})$`)}),
        add constraint policies_check check (
          (name ~ '^(calendar|contacts)$' and value in ('off', 'read', 'read-write'))
          or (name = 'apps' and value in ('proxy', 'direct'))
          or (name = 'zoomAccount' and value in ('by-sign-in', 'by-name'))
          or (name = 'tidy' and value in ('off', 'choice', 'on'))
          or (name = 'zoomChanges' and value in ('show', 'repair'))
          or (name = 'discarded' and value in ('keep', 'remove'))
          or (name = 'autoRecording' and value ~ '^(zoom|(always-)?(none|local|cloud))$')
          or (name ~ ${sql.lit(`^(${options})$`)} and value ~ '^(zoom|(always-)?(on|off))$')
          or (name ~ ${sql.lit(`^(${switches})$`)} and value in ('off', 'on'))
        )`.execute(db)
    const value =
      '(none|off|read|read-write|proxy|direct|by-sign-in|by-name|choice|on|show|repair|keep|remove|zoom|local|cloud|always-(none|local|cloud|on|off))'
    const pair = `(reason=[a-z_]{1,48}|provider=(zoom|microsoft|google|exchange)|purpose=[a-z-]{1,32}|permission=(read|read-write)|contacts=(off|read|read-write)|(version|count|first|last)=[0-9]{1,15}|format=(jsonl|ocsf)|result=(intact|broken)|way=(zoom|name)|policy=(${names})|(old|new)=${value})`
    await sql`
      alter table audit
        drop constraint audit_detail_check,
        add constraint audit_detail_check check (detail ~ ${sql.lit(`^${pair}( ${pair}){0,3}$`)})`.execute(db)
  },
}

/** A policy for every option of a meeting that has a list of values. */
const optionPolicies: Version = {
  async up(db) {
    const switches = 'sync|everyMeeting|invitationLogo|exchangeSignIn|zoomSignIn'
    const onOff =
      'waitingRoom|meetingAuthentication|joinBeforeHost|muteUponEntry|hostVideo|participantVideo|continuousMeetingChat|autoStartMeetingSummary|autoStartAiCompanionQuestions|languageInterpretation|signLanguageInterpretation|usePmi'
    const lists = {
      autoRecording: 'none|local|cloud',
      jbhTime: '5|10|15|any',
      audio: 'voip|telephony|both|thirdParty',
      encryptionType: 'e2ee|enhanced',
      whoWillReceiveSummary: 'host|hosts|organisation|everybody',
      approvalType: 'manual|automatic|none',
    }
    const ofLists = Object.entries(lists).map(
      ([name, values]) =>
        sql`or (name = ${sql.lit(name)} and value ~ ${sql.lit(`^(zoom|(always-)?(${values}))$`)})`,
    )
    const listed = Object.keys(lists).join('|')
    const names = `calendar|contacts|apps|zoomAccount|tidy|zoomChanges|discarded|${listed}|${onOff}|${switches}`
    await sql`
      alter table policies
        drop constraint policies_name_check,
        drop constraint policies_value_check,
        add constraint policies_value_check check (value ~ '^[A-Za-z0-9-]{1,32}$'),
        drop constraint policies_check,
        add constraint policies_name_check check (name ~ ${sql.lit(`^(${names})$`)}),
        add constraint policies_check check (
          (name ~ '^(calendar|contacts)$' and value in ('off', 'read', 'read-write'))
          or (name = 'apps' and value in ('proxy', 'direct'))
          or (name = 'zoomAccount' and value in ('by-sign-in', 'by-name'))
          or (name = 'tidy' and value in ('off', 'choice', 'on'))
          or (name = 'zoomChanges' and value in ('show', 'repair'))
          or (name = 'discarded' and value in ('keep', 'remove'))
          ${sql.join(ofLists, sql` `)}
          or (name ~ ${sql.lit(`^(${onOff})$`)} and value ~ '^(zoom|(always-)?(on|off))$')
          or (name ~ ${sql.lit(`^(${switches})$`)} and value in ('off', 'on'))
        )`.execute(db)
    const decisions = Object.values(lists).join('|')
    const value = `(none|off|read|read-write|proxy|direct|by-sign-in|by-name|choice|on|show|repair|keep|remove|zoom|(always-)?(${decisions}|on|off))`
    const pair = `(reason=[a-z_]{1,48}|provider=(zoom|microsoft|google|exchange)|purpose=[a-z-]{1,32}|permission=(read|read-write)|contacts=(off|read|read-write)|(version|count|first|last)=[0-9]{1,15}|format=(jsonl|ocsf)|result=(intact|broken)|way=(zoom|name)|policy=(${names})|(old|new)=${value})`
    await sql`
      alter table audit
        drop constraint audit_detail_check,
        add constraint audit_detail_check check (detail ~ ${sql.lit(`^${pair}( ${pair}){0,3}$`)})`.execute(db)
  },
}

/** Every password that a server has refused. Older processes go on with `refused_passwords`, which has the last one only. */
const everyRefused: Version = {
  async up(db) {
    await sql`
      create table refused_digests (
        subject text not null ${subject},
        digest bytea not null ${bytes('digest')},
        until timestamptz not null,
        primary key (subject, digest)
      )`.execute(db)
  },
}

/** When a password may be tried again whose attempt an Exchange server did not answer. Its digest is no one's of before. */
const unansweredPasswords: Version = {
  async up(db) {
    await sql`alter table refused_digests add column again_at timestamptz`.execute(db)
  },
}

/** One more policy: whether people can name alternative hosts. */
const alternativeHosts: Version = {
  async up(db) {
    const switches = 'sync|everyMeeting|invitationLogo|exchangeSignIn|zoomSignIn'
    const onOff =
      'waitingRoom|meetingAuthentication|joinBeforeHost|muteUponEntry|hostVideo|participantVideo|continuousMeetingChat|autoStartMeetingSummary|autoStartAiCompanionQuestions|languageInterpretation|signLanguageInterpretation|usePmi'
    const lists = {
      autoRecording: 'none|local|cloud',
      jbhTime: '5|10|15|any',
      audio: 'voip|telephony|both|thirdParty',
      encryptionType: 'e2ee|enhanced',
      whoWillReceiveSummary: 'host|hosts|organisation|everybody',
      approvalType: 'manual|automatic|none',
    }
    const ofLists = Object.entries(lists).map(
      ([name, values]) =>
        sql`or (name = ${sql.lit(name)} and value ~ ${sql.lit(`^(zoom|(always-)?(${values}))$`)})`,
    )
    const listed = Object.keys(lists).join('|')
    const names = `calendar|contacts|apps|zoomAccount|tidy|zoomChanges|discarded|alternativeHosts|${listed}|${onOff}|${switches}`
    await sql`
      alter table policies
        drop constraint policies_name_check,
        drop constraint policies_value_check,
        add constraint policies_value_check check (value ~ '^[A-Za-z0-9-]{1,32}$'),
        drop constraint policies_check,
        add constraint policies_name_check check (name ~ ${sql.lit(`^(${names})$`)}),
        add constraint policies_check check (
          (name ~ '^(calendar|contacts)$' and value in ('off', 'read', 'read-write'))
          or (name = 'apps' and value in ('proxy', 'direct'))
          or (name = 'zoomAccount' and value in ('by-sign-in', 'by-name'))
          or (name = 'tidy' and value in ('off', 'choice', 'on'))
          or (name = 'alternativeHosts' and value in ('off', 'choice'))
          or (name = 'zoomChanges' and value in ('show', 'repair'))
          or (name = 'discarded' and value in ('keep', 'remove'))
          ${sql.join(ofLists, sql` `)}
          or (name ~ ${sql.lit(`^(${onOff})$`)} and value ~ '^(zoom|(always-)?(on|off))$')
          or (name ~ ${sql.lit(`^(${switches})$`)} and value in ('off', 'on'))
        )`.execute(db)
    const decisions = Object.values(lists).join('|')
    const value = `(none|off|read|read-write|proxy|direct|by-sign-in|by-name|choice|on|show|repair|keep|remove|zoom|(always-)?(${decisions}|on|off))`
    const pair = `(reason=[a-z_]{1,48}|provider=(zoom|microsoft|google|exchange)|purpose=[a-z-]{1,32}|permission=(read|read-write)|contacts=(off|read|read-write)|(version|count|first|last)=[0-9]{1,15}|format=(jsonl|ocsf)|result=(intact|broken)|way=(zoom|name)|policy=(${names})|(old|new)=${value})`
    await sql`
      alter table audit
        drop constraint audit_detail_check,
        add constraint audit_detail_check check (detail ~ ${sql.lit(`^${pair}( ${pair}){0,3}$`)})`.execute(db)
  },
}

/**
 * A person's id is 79 characters, so a credential has the number of the person instead: half of its bytes besides the secret.
 * Older processes read and write the id until `shorterCredentials`, and what either side writes gets the other's columns.
 */
const people: Version = {
  async before(tables) {
    // An upsert takes a number each time, so four bytes would not be enough.
    await tables.briefly(
      ['callers'],
      `create sequence if not exists callers_numbers;
      alter table callers add column if not exists id bigint, alter column id set default nextval('callers_numbers')`,
    )
    await tables.everyRow('callers', 'id is null', 'id = default')
    await tables.index('callers_id', 'unique index on callers (id)')
    await tables.briefly(
      ['credentials'],
      `alter table credentials add column if not exists person bigint;
      create or replace function know_person() returns trigger language plpgsql as $$
        begin
          if new.person is not null then
            select subject, split_part(subject, ':', 2) into new.caller, new.organisation from callers where id = new.person;
          elsif new.caller not like 'app:%' and new.organisation = split_part(new.caller, ':', 2) then
            ${findOrMake('new.caller')}
          end if;
          return new;
        end
      $$;
      drop trigger if exists know_person on credentials;
      create trigger know_person before insert on credentials for each row execute function know_person()`,
    )
    await tables.everyRow(
      'credentials',
      `person is null and caller not like 'app:%' and organisation = split_part(caller, ':', 2)`,
      'person = (select id from callers where subject = caller)',
      (part) => missing('caller', 'credentials', part),
    )
    await tables.index('credentials_person', 'unique index on credentials (person, provider, purpose)')
    await tables.index(
      'credentials_app',
      'unique index on credentials (organisation, caller, provider, purpose) where person is null',
    )
  },
  async up(db) {
    await sql`
      alter table callers
        alter column id drop default, alter column id set not null,
        alter column id add generated always as identity`.execute(db)
    await sql`select setval(pg_get_serial_sequence('callers', 'id'), nextval('callers_numbers'))`.execute(db)
    await sql`drop sequence callers_numbers`.execute(db)
  },
}

/**
 * Of a trigger. The row of the person is read first: `on conflict` waits for whoever changes it, who may wait for this
 * transaction.
 */
const findOrMake = (subject: string) =>
  `select id into new.person from callers where subject = ${subject};
            if not found then
              insert into callers (subject) values (${subject}) on conflict do nothing;
              select id into new.person from callers where subject = ${subject};
            end if;`

/** Makes a row of `callers` of each person who has none yet. */
const missing = (subject: string, table: string, part: string) => `
  insert into callers (subject) select distinct ${table}.${subject} from ${table}
  where ${part} and not exists (select from callers where callers.subject = ${table}.${subject})
  on conflict do nothing`

/** What only older processes needed of `people`, except for what they have stored: see `shorterOwners`. */
const shorterCredentials: Version = {
  async up(db) {
    await sql`drop trigger know_person on credentials`.execute(db)
    await sql`drop function know_person`.execute(db)
    await sql`drop index credentials_owner`.execute(db)
    await sql`
      alter table credentials
        alter column caller drop not null,
        alter column organisation drop not null`.execute(db)
  },
}

/** A credential has the number of its person, or an app's id. */
const shorterOwners: Version = {
  async before(tables) {
    await tables.everyRow(
      'credentials',
      'person is not null and caller is not null',
      'caller = null, organisation = null',
    )
    await tables.briefly(
      ['credentials'],
      `alter table credentials
        drop constraint if exists credentials_owner,
        add constraint credentials_owner
          check (num_nulls(caller, organisation) = case when person is null then 0 else 2 end) not valid`,
    )
    await tables.run('alter table credentials validate constraint credentials_owner')
  },
}

/** A watch has the number of its person instead of the id, as a credential has. */
const watchesOfPeople: Version = {
  async before(tables) {
    await tables.briefly(
      ['watches'],
      `alter table watches add column if not exists person bigint;
      create or replace function know_watched() returns trigger language plpgsql as $$
        begin
          if new.person is not null then
            select subject into new.subject from callers where id = new.person;
          else
            ${findOrMake('new.subject')}
          end if;
          return new;
        end
      $$;
      drop trigger if exists know_watched on watches;
      create trigger know_watched before insert on watches for each row execute function know_watched()`,
    )
    await tables.everyRow(
      'watches',
      'person is null',
      'person = (select id from callers where callers.subject = watches.subject)',
      (part) => missing('subject', 'watches', part),
    )
    await tables.index('watches_person', 'unique index on watches (person)')
  },
}

/** What only older processes needed of `watchesOfPeople`. A row gets shorter when its calendar is next compared. */
const shorterWatches: Version = {
  async up(db) {
    await sql`drop trigger know_watched on watches`.execute(db)
    await sql`drop function know_watched`.execute(db)
    // With its indexes.
    await sql`alter table watches drop column subject`.execute(db)
    await sql`alter table watches add primary key using index watches_person`.execute(db)
  },
}

/** A policy for each option of a meeting that has a text, if one text can be right for all meetings of an organisation. */
const textPolicies: Version = {
  async up(db) {
    const switches = 'sync|everyMeeting|invitationLogo|exchangeSignIn|zoomSignIn'
    const onOff =
      'waitingRoom|meetingAuthentication|joinBeforeHost|muteUponEntry|hostVideo|participantVideo|continuousMeetingChat|autoStartMeetingSummary|autoStartAiCompanionQuestions|languageInterpretation|signLanguageInterpretation|usePmi'
    const lists = {
      autoRecording: 'none|local|cloud',
      jbhTime: '5|10|15|any',
      audio: 'voip|telephony|both|thirdParty',
      encryptionType: 'e2ee|enhanced',
      whoWillReceiveSummary: 'host|hosts|organisation|everybody',
      approvalType: 'manual|automatic|none',
    }
    const ofLists = Object.entries(lists).map(
      ([name, values]) =>
        sql`or (name = ${sql.lit(name)} and value ~ ${sql.lit(`^(zoom|(always-)?(${values}))$`)})`,
    )
    const region = '[A-Z]{2}(;[A-Z]{2}){0,84}'
    const texts = {
      authenticationProfile: '[A-Za-z0-9]{1,16}_[A-Za-z0-9_-]{1,47}',
      dialInCountries: region,
      dataCenterRegions: region,
      countries: `(approve|deny):${region}`,
    }
    const ofTexts = Object.entries(texts).map(
      ([name, text]) =>
        sql`or (name = ${sql.lit(name)} and value ~ ${sql.lit(`^(zoom|(always-)?${text})$`)})`,
    )
    const listed = [...Object.keys(lists), ...Object.keys(texts)].join('|')
    const names = `calendar|contacts|apps|zoomAccount|tidy|zoomChanges|discarded|alternativeHosts|${listed}|${onOff}|${switches}`
    await sql`
      alter table policies
        drop constraint policies_name_check,
        drop constraint policies_value_check,
        add constraint policies_value_check check (value ~ '^[A-Za-z0-9:;_-]+$' and length(value) <= 263),
        drop constraint policies_check,
        add constraint policies_name_check check (name ~ ${sql.lit(`^(${names})$`)}),
        add constraint policies_check check (
          (name ~ '^(calendar|contacts)$' and value in ('off', 'read', 'read-write'))
          or (name = 'apps' and value in ('proxy', 'direct'))
          or (name = 'zoomAccount' and value in ('by-sign-in', 'by-name'))
          or (name = 'tidy' and value in ('off', 'choice', 'on'))
          or (name = 'alternativeHosts' and value in ('off', 'choice'))
          or (name = 'zoomChanges' and value in ('show', 'repair'))
          or (name = 'discarded' and value in ('keep', 'remove'))
          ${sql.join([...ofLists, ...ofTexts], sql` `)}
          or (name ~ ${sql.lit(`^(${onOff})$`)} and value ~ '^(zoom|(always-)?(on|off))$')
          or (name ~ ${sql.lit(`^(${switches})$`)} and value in ('off', 'on'))
        )`.execute(db)
    const decisions = Object.values(lists).join('|')
    // PostgreSQL copies what a pattern counts, and walks the copies for each record. So a pair is there once and captures
    // nothing, and the length of the whole limits a list. What is stored has a narrower form: the upgrade reads none of it.
    const inDetails = [texts.authenticationProfile, '((approve|deny):)?[A-Z]{2}(;[A-Z]{2})*']
    const value = `(none|off|read|read-write|proxy|direct|by-sign-in|by-name|choice|on|show|repair|keep|remove|zoom|(always-)?(${decisions}|on|off|${inDetails.join('|')}))`
    const pair = `(reason=[a-z_]{1,48}|provider=(zoom|microsoft|google|exchange)|purpose=[a-z-]{1,32}|permission=(read|read-write)|contacts=(off|read|read-write)|(version|count|first|last)=[0-9]{1,15}|format=(jsonl|ocsf)|result=(intact|broken)|way=(zoom|name)|policy=(${names})|(old|new)=${value})`
    await sql`
      alter table audit
        drop constraint audit_detail_check,
        add constraint audit_detail_check check (
          detail ~ '^[^ ]+( [^ ]+){0,3}$' and length(detail) <= 600
          and detail ~ ${sql.lit(`^(?:(?:^| )${pair.replaceAll('(', '(?:')})+$`)}
        ) not valid`.execute(db)
  },
}

/**
 * A connection has the number of its person instead of the id, as a credential and a watch have. A token for changes can be
 * packed, and what is found by a long value has an index of 7 bytes of it.
 */
const connectionsOfPeople: Version = {
  async before(tables) {
    await tables.briefly(
      ['connections'],
      `alter table connections add column if not exists person bigint;
      create or replace function know_connected() returns trigger language plpgsql as $$
        begin
          if new.person is not null then
            select subject into new.subject from callers where id = new.person;
          else
            ${findOrMake('new.subject')}
          end if;
          return new;
        end
      $$;
      drop trigger if exists know_connected on connections;
      create trigger know_connected before insert on connections for each row execute function know_connected()`,
    )
    await tables.everyRow(
      'connections',
      'person is null',
      'person = (select id from callers where callers.subject = connections.subject)',
      (part) => missing('subject', 'connections', part),
    )
    await tables.index('connections_person', 'unique index on connections (person, provider)')
    // What is packed begins with a zero, which no text has.
    await tables.briefly(
      ['watches'],
      `alter table watches
        add column if not exists packed_delta bytea,
        drop constraint if exists watches_packed_delta_check,
        add constraint watches_packed_delta_check
          check (get_byte(packed_delta, 0) = 0 and octet_length(packed_delta) <= 8192) not valid`,
    )
    await tables.run('alter table watches validate constraint watches_packed_delta_check')
    // Of all rows, although some have none: PostgreSQL knows how rare a part is by such an index only.
    await tables.index('callers_zoom_user_end', 'index on callers (right(zoom_user_id, 7))')
    await tables.index('callers_zoom_name_start', 'index on callers (substr(zoom_name, 1, 7))')
  },
}

/** What only older processes needed of `connectionsOfPeople`. */
const shorterConnections: Version = {
  async up(db) {
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
  },
}

/** The versions of the manifest, and the act of an administrator who has the deployment checked. */
const manifests: Version = {
  async up(db) {
    await sql`
      create table manifests (
        sequence integer primary key check (sequence between 0 and 65535),
        release integer not null,
        digest bytea not null ${bytes('digest')}
      )`.execute(db)
    await sql`
      alter table audit
        drop constraint audit_act_check,
        add constraint audit_act_check check (act ~ '^(service started|key (rotated|removal asked|removal withdrawn|retired)|re-wrap begun|re-wrap finished|credential replaced|credential used|credential destroyed|zoom linked|disconnected|(calendar|zoom) (connected|stopped|disconnected)|calendar lowered|template (saved|deleted)|session started|proof refused|console opened|people viewed|person viewed|person revoked|person allowed|policies viewed|policy changed|policies moved|invitation (viewed|changed)|mailboxes viewed|mailbox (connected|refused|checked|disconnected)|sync (viewed|checked|retried)|audit viewed|audit verified|audit exported|keys viewed|health viewed|deployment checked)$') not valid`.execute(
      db,
    )
  },
}

/** A meeting that sync has removed, because its event was gone, is known for a week: the event may come back. */
const removedMeetings: Version = {
  async up(db) {
    await sql`
      alter table meetings
        drop constraint meetings_differs_check,
        add constraint meetings_differs_check check (differs ~ '^(changed|gone|removed)$') not valid`.execute(
      db,
    )
  },
}

/** Meetings follow the calendars of mailboxes on Exchange servers too. */
const exchangeEvents: Version = {
  async up(db) {
    await sql`
      alter table meetings
        drop constraint meetings_event_of_check,
        add constraint meetings_event_of_check
          check (event_of ~ '^(entra:[0-9a-f-]{36}:[0-9a-f-]{36}|exch:[A-Za-z0-9_-]{43})$') not valid`.execute(
      db,
    )
  },
}

/**
 * People are listed by 7 characters of their ids: nothing else needs an index of whole ids in their order. Credentials of a
 * person are told apart by the lengths of two texts.
 */
const placesOfPeople: Version = {
  async before(tables) {
    await tables.index(
      'callers_place',
      `index on callers ((
        case when starts_with(callers.subject, 'exch:') then 'x' || substr(callers.subject, 6, 6)
          else substr(callers.subject, 7, 2) || substr(callers.subject, 44, 5) end collate "C"))`,
    )
    // No two providers, and no two purposes of a person, are of one length.
    await tables.index(
      'credentials_of_person',
      'unique index on credentials (person, length(provider), length(purpose))',
    )
    await tables.index(
      'watches_failed',
      'index on watches (person) where greatest(failures, pass_failures) > 0',
    )
    await tables.index(
      'watches_begun',
      `index on watches (person)
      where subscription is null and (greatest(failures, pass_failures) > 0) is not true`,
    )
  },
}

/** What only older processes needed of `placesOfPeople`. Two rows of one person are kept apart by hashes from now on. */
const shorterPlaces: Version = {
  async up(db) {
    await sql`
      alter table callers
        add primary key using index callers_id,
        replica identity default,
        add constraint callers_unique exclude using hash (subject with =)`.execute(db)
    await sql`drop index callers_ordered, callers_subject, credentials_person`.execute(db)
    // Of databases that were brought to `shorterWatches` when it made them.
    await sql`drop index if exists watches_failing, watches_starting`.execute(db)
    // Nearly nothing fails, and an absent count takes no bytes.
    const absent = (column: string) =>
      sql.raw(`alter column ${column} drop not null, alter column ${column} drop default`)
    await sql`alter table watches ${absent('failures')}, ${absent('pass_failures')}`.execute(db)
    // Half of a SHA-256 is stored from now on. What is there has the whole one, and is not looked through.
    const half = (column: string) => sql.raw(`check (octet_length(${column}) in (16, 32)) not valid`)
    await sql`
      alter table callers
        drop constraint callers_zoom_name_check, add constraint callers_zoom_name_check ${half('zoom_name')}`.execute(
      db,
    )
    await sql`
      alter table watches
        drop constraint watches_secret_check, add constraint watches_secret_check ${half('secret')}`.execute(
      db,
    )
  },
}

/**
 * Service accounts that open mailboxes on Exchange servers: which server has one, the connections that it opens, the codes by
 * which people prove their mailboxes, and a policy.
 */
const serviceAccounts: Version = {
  async up(db) {
    const server = (column: string) => sql.raw(`check (${column} ~ '^[A-Za-z0-9_-]{43}$')`)
    // The server is the hash of its metadata address. The account's name and password are in `credentials`, sealed.
    await sql`
      create table service_accounts (
        server text primary key ${server('server')},
        state text not null check (state in ('accepted', 'refused')),
        since timestamptz not null
      )`.execute(db)
    await sql`
      alter table connections
        add column service_account text,
        add constraint connections_service_account_check ${server('service_account')} not valid,
        drop constraint connections_state_check,
        add constraint connections_state_check check (state ~ '^(connected|needs_sign_in|revoked_by_provider|permission_lowered|provider_down|needs_administrator|disconnected_by_administrator)$') not valid`.execute(
      db,
    )
    await sql`
      create index connections_service_account on connections (service_account) where service_account is not null`.execute(
      db,
    )
    // `mailbox`: a hash of the server and the address. `digest`: scrypt of the code, with both of them and the caller.
    await sql`
      create table mailbox_codes (
        id bigint primary key generated always as identity,
        subject text not null ${subject},
        mailbox bytea not null ${bytes('mailbox')},
        digest bytea not null ${bytes('digest')},
        attempts integer not null default 0,
        sent_at timestamptz not null default now()
      )`.execute(db)
    await sql`create index mailbox_codes_subject on mailbox_codes (subject, id)`.execute(db)
    await sql`create index mailbox_codes_mailbox on mailbox_codes (mailbox)`.execute(db)
    await sql`create index mailbox_codes_sent on mailbox_codes (sent_at)`.execute(db)
    await sql`
      alter table refused_digests
        drop constraint refused_digests_subject_check,
        add constraint refused_digests_subject_check
          check (subject ~ '^(entra:[0-9a-f-]{36}:[0-9a-f-]{36}|exch:[A-Za-z0-9_-]{43}|app:[A-Za-z0-9_-]{43})$')`.execute(
      db,
    )
    const switches = 'sync|everyMeeting|invitationLogo|exchangeSignIn|zoomSignIn'
    const onOff =
      'waitingRoom|meetingAuthentication|joinBeforeHost|muteUponEntry|hostVideo|participantVideo|continuousMeetingChat|autoStartMeetingSummary|autoStartAiCompanionQuestions|languageInterpretation|signLanguageInterpretation|usePmi'
    const lists = {
      autoRecording: 'none|local|cloud',
      jbhTime: '5|10|15|any',
      audio: 'voip|telephony|both|thirdParty',
      encryptionType: 'e2ee|enhanced',
      whoWillReceiveSummary: 'host|hosts|organisation|everybody',
      approvalType: 'manual|automatic|none',
    }
    const ofLists = Object.entries(lists).map(
      ([name, values]) =>
        sql`or (name = ${sql.lit(name)} and value ~ ${sql.lit(`^(zoom|(always-)?(${values}))$`)})`,
    )
    const region = '[A-Z]{2}(;[A-Z]{2}){0,84}'
    const texts = {
      authenticationProfile: '[A-Za-z0-9]{1,16}_[A-Za-z0-9_-]{1,47}',
      dialInCountries: region,
      dataCenterRegions: region,
      countries: `(approve|deny):${region}`,
    }
    const ofTexts = Object.entries(texts).map(
      ([name, text]) =>
        sql`or (name = ${sql.lit(name)} and value ~ ${sql.lit(`^(zoom|(always-)?${text})$`)})`,
    )
    const listed = [...Object.keys(lists), ...Object.keys(texts)].join('|')
    const names = `calendar|contacts|apps|zoomAccount|tidy|zoomChanges|discarded|alternativeHosts|exchangeAccess|${listed}|${onOff}|${switches}`
    await sql`
      alter table policies
        drop constraint policies_name_check,
        drop constraint policies_check,
        add constraint policies_name_check check (name ~ ${sql.lit(`^(${names})$`)}),
        add constraint policies_check check (
          (name ~ '^(calendar|contacts)$' and value in ('off', 'read', 'read-write'))
          or (name = 'apps' and value in ('proxy', 'direct'))
          or (name = 'zoomAccount' and value in ('by-sign-in', 'by-name'))
          or (name = 'tidy' and value in ('off', 'choice', 'on'))
          or (name = 'alternativeHosts' and value in ('off', 'choice'))
          or (name = 'zoomChanges' and value in ('show', 'repair'))
          or (name = 'exchangeAccess' and value in ('own-credential', 'service-account'))
          or (name = 'discarded' and value in ('keep', 'remove'))
          ${sql.join([...ofLists, ...ofTexts], sql` `)}
          or (name ~ ${sql.lit(`^(${onOff})$`)} and value ~ '^(zoom|(always-)?(on|off))$')
          or (name ~ ${sql.lit(`^(${switches})$`)} and value in ('off', 'on'))
        )`.execute(db)
    const decisions = Object.values(lists).join('|')
    // As in `textPolicies`: a pair is there once and captures nothing.
    const inDetails = [texts.authenticationProfile, '((approve|deny):)?[A-Z]{2}(;[A-Z]{2})*']
    const value = `(none|off|read|read-write|proxy|direct|by-sign-in|by-name|choice|on|show|repair|keep|remove|own-credential|service-account|zoom|(always-)?(${decisions}|on|off|${inDetails.join('|')}))`
    const pair = `(reason=[a-z_]{1,48}|provider=(zoom|microsoft|google|exchange)|purpose=[a-z-]{1,32}|permission=(read|read-write)|contacts=(off|read|read-write)|(version|count|first|last)=[0-9]{1,15}|format=(jsonl|ocsf)|result=(intact|broken)|way=(zoom|name)|policy=(${names})|(old|new)=${value})`
    await sql`
      alter table audit
        drop constraint audit_organisation_check,
        add constraint audit_organisation_check check (organisation ~ '^(entra:[0-9a-f-]{36}|(zoom|exchange):[A-Za-z0-9_-]{1,64})$') not valid,
        drop constraint audit_act_check,
        add constraint audit_act_check check (act ~ '^(service started|key (rotated|removal asked|removal withdrawn|retired)|re-wrap begun|re-wrap finished|credential replaced|credential used|credential destroyed|zoom linked|disconnected|(calendar|zoom) (connected|stopped|disconnected)|calendar lowered|template (saved|deleted)|session started|proof refused|console opened|people viewed|person viewed|person revoked|person allowed|policies viewed|policy changed|policies moved|invitation (viewed|changed)|mailboxes viewed|mailbox (connected|refused|checked|disconnected)|sync (viewed|checked|retried)|audit viewed|audit verified|audit exported|keys viewed|health viewed|deployment checked|code sent|service account (saved|refused|removed)|service accounts viewed)$') not valid,
        drop constraint audit_detail_check,
        add constraint audit_detail_check check (
          detail ~ '^[^ ]+(?: [^ ]+){0,3}$' and length(detail) < 601
          and detail ~ ${sql.lit(`^(?:(?:^| )${pair.replaceAll('(', '(?:')})+$`)}
        ) not valid
    `.execute(db)
  },
}

/**
 * Subscriptions by which an Exchange server calls, each of a lease. Hashes of its secret, of the server's id of it, and of the
 * last event that was heard of.
 */
const pushes: Version = {
  async up(db) {
    await sql`
      create table pushes (
        person bigint primary key,
        lease text not null check (lease ~ '^[A-Za-z0-9-]{1,64}$'),
        secret bytea not null ${bytes('secret')},
        subscription bytea ${bytes('subscription')},
        watermark bytea ${bytes('watermark')},
        heard_at timestamptz
      )`.execute(db)
  },
}

/**
 * What may have been lost is compared again: calendars that a token for changes does not speak for, and every calendar after
 * an hour in which no process ran.
 */
const doubts: Version = {
  async up(db) {
    await sql`alter table watches add column in_doubt boolean`.execute(db)
    await sql`
      create table heartbeat (
        id boolean primary key default true check (id),
        at timestamptz not null default now(),
        doubted_to bigint
      )`.execute(db)
    await sql`insert into heartbeat default values`.execute(db)
  },
}

/** Mailboxes that the provider wants to be left alone for a time. */
const busyMailboxes: Version = {
  async up(db) {
    await sql`alter table watches add column busy_until timestamptz`.execute(db)
  },
}

/** Apps that people sign in to: their sessions, and the codes and tokens of the authorization server, as hashes or sealed. */
const apps: Version = {
  async up(db) {
    await sql`
      create table app_sessions (
        id bigint primary key generated always as identity,
        grant_id bytea not null unique ${bytes('grant_id')},
        subject text not null ${subject},
        app text not null check (app ~ '^[a-z0-9][a-z0-9._-]{2,47}$'),
        proved_at timestamptz not null,
        begun_at timestamptz not null default now(),
        used_at timestamptz not null default now(),
        until timestamptz not null
      )`.execute(db)
    await sql`create index app_sessions_subject on app_sessions (subject)`.execute(db)
    await sql`create index app_sessions_until on app_sessions (until)`.execute(db)
    await sql`
      create table app_records (
        id bytea primary key ${bytes('id')},
        grant_id bytea ${bytes('grant_id')},
        other_id bytea ${bytes('other_id')},
        sealed bytea not null check (octet_length(sealed) < 16384),
        consumed_at timestamptz,
        until timestamptz not null
      )`.execute(db)
    await sql`create index app_records_other on app_records (other_id) where other_id is not null`.execute(db)
    await sql`create index app_records_until on app_records (until)`.execute(db)
    await sql`
      alter table audit
        drop constraint audit_act_check,
        add constraint audit_act_check check (act ~ '^(service started|key (rotated|removal asked|removal withdrawn|retired)|re-wrap begun|re-wrap finished|credential replaced|credential used|credential destroyed|zoom linked|disconnected|(calendar|zoom) (connected|stopped|disconnected)|calendar lowered|template (saved|deleted)|session started|proof refused|console opened|people viewed|person viewed|person revoked|person allowed|policies viewed|policy changed|policies moved|invitation (viewed|changed)|mailboxes viewed|mailbox (connected|refused|checked|disconnected)|sync (viewed|checked|retried)|audit viewed|audit verified|audit exported|keys viewed|health viewed|deployment checked|code sent|service account (saved|refused|removed)|service accounts viewed|app signed in|app session ended)$') not valid
    `.execute(db)
  },
}

/** The state of a calendar with tens of thousands of appointments on an Exchange server has a place. */
const longerStates: Version = {
  async up(db) {
    await sql`
      alter table watches
        drop constraint watches_delta_check,
        add constraint watches_delta_check
          check (delta ~ '^[A-Za-z0-9_.~%=-]+$' and length(delta) <= 65535) not valid,
        drop constraint watches_packed_delta_check,
        add constraint watches_packed_delta_check
          check (get_byte(packed_delta, 0) = 0 and octet_length(packed_delta) <= 65535) not valid
    `.execute(db)
  },
}

/** A record of the audit trail names the app that it is about. The other words are those of the version before. */
const appNames: Version = {
  async up(db) {
    const { rows } = await sql<{ before: string }>`
      select pg_get_constraintdef(oid) as before from pg_constraint
      where conrelid = 'audit'::regclass and conname = 'audit_detail_check'`.execute(db)
    const [first, ...rest] = (rows[0]?.before ?? '').split('(?:^| )(?:')
    if (rest.length !== 1) throw new Error('The check of details in the audit trail has another form')
    const check = `${first}(?:^| )(?:app=[a-z0-9][a-z0-9._-]{2,47}|${rest[0]}`
    await sql`
      alter table audit
        drop constraint audit_detail_check,
        add constraint audit_detail_check ${sql.raw(check)}`.execute(db)
  },
}

/** Rooms, which administrators add apart from people, and the screens that show them. Their names are sealed. */
const rooms: Version = {
  async up(db) {
    await sql`
      create table rooms (
        id bigint primary key generated always as identity,
        subject text not null unique ${subject},
        directory uuid not null,
        address bytea not null ${bytes('address')},
        connects boolean not null,
        sealed bytea not null check (octet_length(sealed) < 16384),
        unique (directory, address)
      )`.execute(db)
    await sql`
      create table room_screens (
        id bigint primary key generated always as identity,
        token bytea not null unique ${bytes('token')},
        directory uuid not null,
        room bigint references rooms on delete cascade,
        sealed bytea check (octet_length(sealed) < 16384),
        paired_at timestamptz not null default now(),
        seen_at timestamptz not null default now()
      )`.execute(db)
    await sql`create index room_screens_room on room_screens (room)`.execute(db)
    await sql`create index room_screens_directory on room_screens (directory)`.execute(db)
    await sql`
      create table room_pairings (
        code bytea primary key ${bytes('code')},
        secret bytea not null unique ${bytes('secret')},
        screen bigint references room_screens on delete cascade,
        until timestamptz not null
      )`.execute(db)
    await sql`create index room_pairings_until on room_pairings (until)`.execute(db)
    await sql`
      alter table audit
        drop constraint audit_act_check,
        add constraint audit_act_check check (act ~ '^(service started|key (rotated|removal asked|removal withdrawn|retired)|re-wrap begun|re-wrap finished|credential replaced|credential used|credential destroyed|zoom linked|disconnected|(calendar|zoom) (connected|stopped|disconnected)|calendar lowered|template (saved|deleted)|session started|proof refused|console opened|people viewed|person viewed|person revoked|person allowed|policies viewed|policy changed|policies moved|invitation (viewed|changed)|mailboxes viewed|mailbox (connected|refused|checked|disconnected)|sync (viewed|checked|retried)|audit viewed|audit verified|audit exported|keys viewed|health viewed|deployment checked|code sent|service account (saved|refused|removed)|service accounts viewed|app signed in|app session ended|rooms viewed|room (added|removed)|screen (paired|removed))$') not valid
    `.execute(db)
  },
}

/** The room systems of rooms. Where each is and its account are sealed. */
const roomSystems: Version = {
  async up(db) {
    await sql`
      create table room_systems (
        room bigint primary key references rooms on delete cascade,
        kind text not null check (kind ~ '^(cisco)$'),
        sealed bytea not null check (octet_length(sealed) < 16384),
        state text not null default 'new' check (state ~ '^[a-z_]{1,16}$'),
        state_at timestamptz not null default now(),
        holder uuid not null,
        held_until timestamptz not null
      )`.execute(db)
    await sql`create index room_systems_held on room_systems (held_until)`.execute(db)
    await sql`create index room_systems_holder on room_systems (holder)`.execute(db)
    const { rows } = await sql<{ before: string }>`
      select pg_get_constraintdef(oid) as before from pg_constraint
      where conrelid = 'audit'::regclass and conname = 'audit_act_check'`.execute(db)
    const [first, ...rest] = (rows[0]?.before ?? '').split('|room (added|removed)')
    if (rest.length !== 1) throw new Error('The check of acts in the audit trail has another form')
    await sql`
      alter table audit
        drop constraint audit_act_check,
        add constraint audit_act_check
          ${sql.raw(`${first}|room (added|removed)|room system (saved|removed)${rest[0]}`)}`.execute(db)
  },
}

/** Who has a password tried at the moment: the lease of a credential ends with it, and an attempt may outlive it. */
const passwordAttempts: Version = {
  async up(db) {
    await sql`
      create table password_attempts (
        subject text primary key
          check (subject ~ '^(entra:[0-9a-f-]{36}:[0-9a-f-]{36}|exch:[A-Za-z0-9_-]{43}|app:[A-Za-z0-9_-]{43})$'),
        lease uuid not null,
        until timestamptz not null
      )`.execute(db)
  },
}

/** Every version of the database, in order. A version that has been released is never edited. */
export const migrations: Record<string, Version> = {
  '0001-meetings': meetings,
  '0002-identity': identity,
  '0003-lifetime': lifetime,
  '0004-hosts': hosts,
  '0005-interrupted': interrupted,
  '0006-failures': failures,
  '0007-zoom-name': zoomName,
  '0008-vault': vault,
  '0009-audit': audit,
  '0010-connections': connections,
  '0011-calendar-acts': calendarActs,
  '0012-administration': administration,
  '0013-policies': policies,
  '0014-own-zoom': ownZoom,
  '0015-key-removals': keyRemovals,
  '0016-exchange': exchange,
  '0017-application-mailboxes': applicationMailboxes,
  '0018-more-policies': morePolicies,
  '0019-sync': sync,
  '0020-sync-acts': syncActs,
  '0021-sealed-events': sealedEvents,
  '0022-counted': counted,
  '0023-unseen': unseen,
  '0024-meeting-policies': meetingPolicies,
  '0027-zoom-changes': zoomChanges,
  '0029-templates': templates,
  '0030-smaller-indexes': smallerIndexes,
  '0033-contacts': contacts,
  '0035-invitations': invitations,
  '0036-option-policies': optionPolicies,
  '0037-alternative-hosts': alternativeHosts,
  '0041-every-refused': everyRefused,
  '0045-people': people,
  '0046-shorter-credentials': shorterCredentials,
  '0047-text-policies': textPolicies,
  '0048-manifests': manifests,
  '0049-watches-of-people': watchesOfPeople,
  '0050-shorter-watches': shorterWatches,
  '0052-connections-of-people': connectionsOfPeople,
  '0053-shorter-connections': shorterConnections,
  '0054-removed-meetings': removedMeetings,
  '0055-exchange-events': exchangeEvents,
  '0056-unanswered-passwords': unansweredPasswords,
  '0059-places-of-people': placesOfPeople,
  '0060-shorter-places': shorterPlaces,
  '0062-shorter-owners': shorterOwners,
  '0064-service-accounts': serviceAccounts,
  '0071-pushes': pushes,
  '0073-doubts': doubts,
  '0080-apps': apps,
  '0084-longer-states': longerStates,
  '0085-app-names': appNames,
  '0090-rooms': rooms,
  '0092-room-systems': roomSystems,
  '0093-password-attempts': passwordAttempts,
  '0094-busy-mailboxes': busyMailboxes,
}

/**
 * The versions that take away what older processes need, and the version after which none was started. Such a version comes
 * with the first start a day later: an upgrade takes minutes. This code goes on with both.
 */
export const removals: Record<string, string> = {
  '0046-shorter-credentials': '0045-people',
  '0050-shorter-watches': '0049-watches-of-people',
  '0053-shorter-connections': '0052-connections-of-people',
  '0060-shorter-places': '0059-places-of-people',
  '0062-shorter-owners': '0045-people',
}

/** Their names: an older version of the service knows by it that it cannot go on with such a database. */
export const removesSomething = /^\d{4}-shorter-/

/** The version that this code needs. */
export const newest = Object.keys(migrations)
  .filter((name) => !removals[name])
  .sort()
  .at(-1)
