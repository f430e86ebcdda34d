import { expect, onTestFinished, test } from 'vitest'
import { adminPaths, personPath } from '../../src/contract/admin-paths.ts'
import { connectionPath, paths } from '../../src/contract/paths.ts'
import { mailboxes, type Person } from '../../src/simulator/people.ts'
import { findUser } from '../../src/simulator/zoom/users.ts'
import { newKey, putMeeting } from '../kit.ts'
import { adminToken } from './admin/kit.ts'
import { aDayLater, upTo } from './database/kit.ts'
import { asker } from './identity/kit.ts'
import { ada, entraClientSecret, hasPostgres, openWorld } from './kit.ts'
import { person, settings as syncing, until } from './sync/kit.ts'

const { tenantId, objectId, emailAddress } = mailboxes.hybrid
const entra = `entra:${tenantId}:${objectId}`
const exchange = `exch:${'x'.repeat(43)}`

test.skipIf(!hasPostgres)(
  'a database of before hosts were kept goes on: one person’s two meetings with a key too, and it is known whose the tickets are',
  async () => {
    const world = await openWorld('PostgreSQL')
    onTestFinished(world.close)
    await upTo('0002-identity', world.settings.DATABASE_URL as string)
    const [key, lone] = [newKey(), newKey()]
    const host = findUser(emailAddress)?.id
    const ticket = `'\\x${'00'.repeat(32)}'`
    await world.sql(`
      insert into callers (subject, zoom_user_id) values ('${entra}', '${host}'), ('${exchange}', '${host}');
      insert into meetings (subject, key, zoom_meeting_id, ticket) values
        ('${entra}', '${key}', null, null),
        ('${exchange}', '${key}', '81234567890', ${ticket}),
        ('${entra}', '${lone}', '81234567891', null)`)

    const { origin } = await world.startService()
    const rows = `select subject, key, host_id, ticket_subject from meetings order by key, subject`
    expect(await world.sql(rows)).toEqual([
      { subject: entra, key, host_id: null, ticket_subject: null },
      { subject: exchange, key, host_id: host, ticket_subject: exchange },
      { subject: entra, key: lone, host_id: host, ticket_subject: null },
    ])
    const token = await world.token(mailboxes.hybrid)
    expect((await putMeeting(origin, token, key)).status).toBe(200)
    expect((await putMeeting(origin, token, lone)).status).toBe(200)
    expect(world.zoom.meetings()).toHaveLength(2)
  },
)

test.skipIf(!hasPostgres)('a service goes on while a newer version of it adds to its tables', async () => {
  const world = await openWorld('PostgreSQL')
  onTestFinished(world.close)
  const { origin } = await world.startService()
  const token = await world.token(mailboxes.hybrid)
  const key = newKey()
  // Often enough for every connection to know its statements.
  const ask = async () => [
    (await putMeeting(origin, token, key)).status,
    (await fetch(`${origin}/me`, { headers: { authorization: `Bearer ${token}` } })).status,
  ]
  const asked = async () => Promise.all(Array.from({ length: 8 }, ask))
  for (let times = 0; times < 3; times++) await asked()
  await world.sql(`
      alter table callers add column newer text;
      alter table meetings add column newer text;
      alter table sessions add column newer text`)
  for (let times = 0; times < 3; times++) expect(new Set((await asked()).flat())).toEqual(new Set([200]))
})

test.skipIf(!hasPostgres)('a change of the tables ends no request, and no request ends it', async () => {
  const world = await openWorld('PostgreSQL')
  onTestFinished(world.close)
  await upTo('0062-shorter-owners', world.settings.DATABASE_URL as string)
  // `0064-service-accounts` changes these two tables in the other order.
  const request = await world.transaction()
  await request.query('select from policies')
  const starting = world.startService()
  await until(async () => (await world.sql(waiting)).length > 0)
  await request.query('select from connections')
  await request.commit()
  const { origin } = await starting
  expect((await putMeeting(origin, await world.token(), newKey())).status).toBe(200)
})

const waiting = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`

test.skipIf(!hasPostgres)(
  'credentials open before, while and after their table gets shorter, and older processes go on meanwhile',
  async () => {
    const world = await openWorld('PostgreSQL')
    onTestFinished(world.close)
    const settings = { ENTRA_CLIENT_SECRET: entraClientSecret, CALENDAR_SYNC: false }
    const start = async () => asker((await world.startService(settings)).origin)
    const alan: Person = mailboxes['no-bridge']
    const grace: Person = mailboxes.hybrid
    const connect = async (ask: ReturnType<typeof asker>, person: Person) =>
      expect(
        (await ask('PUT', connectionPath('microsoft'), { bearer: await world.token(person) })).body,
      ).toMatchObject({
        state: 'connected',
      })
    /** Another access token than the one that this process has, for which it opens the credential. */
    const refresh = async (ask: ReturnType<typeof asker>, person: Person) => {
      const bearer = await world.token(person)
      const { status, body } = await ask('POST', paths.microsoftAccessToken, { bearer })
      expect(status, JSON.stringify(body)).toBe(200)
    }
    const columns = `id, version, organisation, caller, provider, purpose, key_id, wrapped, sealed, expires_at, replaced_at`
    const stored = (what: string) =>
      world.sql(`select ${what} from credentials where purpose = 'refresh-token' order by caller, person`)
    const version = (name: string) => `(select count(*)::int from kysely_migration where name ~ '^${name}')`

    // What a process of before has stored: the database of before, with what such a process seals.
    await upTo('0041-every-refused', world.settings.DATABASE_URL as string)
    await connect(await start(), ada)
    await world.sql(`
      create schema aside;
      create table aside.credentials as select ${columns} from credentials;
      create table aside.connections as
        select callers.subject, provider, permission, state from connections join callers on callers.id = person;
      drop schema public cascade; drop schema pgboss cascade; create schema public`)
    await upTo('0041-every-refused', world.settings.DATABASE_URL as string)
    await world.sql(`
      insert into credentials (${columns}) select ${columns} from aside.credentials;
      insert into connections (subject, provider, permission, state) table aside.connections`)

    const first = await start()
    expect(await world.sql(`select ${version('0045')} as people, ${version('0046')} as shorter`)).toEqual([
      { people: 1, shorter: 0 },
    ])
    await refresh(first, ada)
    await connect(first, alan)
    // As a process of before stores a credential, and as it reads those of newer ones.
    const other = `'${grace.tenantId}', 'entra:${grace.tenantId}:${grace.objectId}', 'microsoft', 'refresh-token'`
    const lease = `
      insert into credentials (id, organisation, caller, provider, purpose, version, lease, leased_until)
      select gen_random_uuid(), ${other}, 0, gen_random_uuid(), now()
      on conflict (organisation, caller, provider, purpose)
      do update set lease = excluded.lease where credentials.version = 0 returning id`
    expect(await world.sql(lease)).toEqual(await world.sql(lease))
    await connect(first, grace)
    expect(
      await stored(`organisation, split_part(caller, ':', 3) as object, octet_length(sealed) as bytes`),
    ).toEqual(
      [ada, alan, grace]
        .map(({ tenantId, objectId }) => ({
          organisation: tenantId,
          object: objectId,
          bytes: expect.any(Number),
        }))
        .sort((one, another) => (one.object < another.object ? -1 : 1)),
    )
    const [{ bytes: unpacked } = {}] = await stored(`octet_length(sealed) as bytes`)

    await world.sql(aDayLater)
    const second = await start()
    expect(await world.sql(`select ${version('0046')} as shorter`)).toEqual([{ shorter: 1 }])
    for (const ask of [first, second]) for (const person of [ada, alan, grace]) await refresh(ask, person)
    expect(new Set((await stored('caller, organisation')).map((row) => JSON.stringify(row)))).toEqual(
      new Set([JSON.stringify({ caller: null, organisation: null })]),
    )
    // The second process had no access token, so it has stored the next refresh tokens.
    for (const { bytes } of await stored('octet_length(sealed) as bytes'))
      expect(bytes).toBeLessThan(0.9 * Number(unpacked))
  },
)

test.skipIf(!hasPostgres)(
  'calendars are followed while and after their table gets shorter, and older processes go on meanwhile',
  async () => {
    const world = await openWorld('PostgreSQL')
    onTestFinished(world.close)
    await upTo('0046-shorter-credentials', world.settings.DATABASE_URL as string)
    const [followed, other, unconnected] = [ada, mailboxes['no-bridge'], mailboxes.hybrid].map(
      ({ tenantId, objectId }) => `entra:${tenantId}:${objectId}`,
    )
    const begin = (subject: string | undefined) =>
      world.sql(`
        insert into watches (subject, due_at) values ('${subject}', now() + interval '1 day')
        on conflict (subject) do update set due_at = now() where watches.due_at = 'infinity' returning *`)
    await world.sql(`
      insert into connections (subject, provider, permission, state) values ('${other}', 'microsoft', 'read', 'connected')`)
    expect(await begin(other)).toHaveLength(1)

    const first = await world.startService(syncing)
    const owner = person(world, first.origin)
    await owner.connect()
    const { change, zoom } = await owner.schedule()
    const moves = async (subject: string) => {
      change({ subject })
      await until(() => zoom()?.topic === subject)
    }
    await moves('While')
    const tokens = () =>
      world.sql(
        'select packed_delta is not null as packed from watches where num_nonnulls(delta, packed_delta) = 1',
      )
    await until(async () => (await tokens()).length === 1)
    expect(await tokens()).toEqual([{ packed: false }])
    const secrets = () =>
      world.sql('select octet_length(secret) as bytes from watches where secret is not null')
    expect(await secrets()).toEqual([{ bytes: 32 }])
    // As a process of before begins and reads.
    expect(await begin(unconnected)).toMatchObject([{ person: expect.any(String) }])
    expect(await begin(followed)).toEqual([])
    const people = await world.sql(`
      select watches.subject from watches join callers on callers.id = person and callers.subject = watches.subject
      where watches.subject <> '${unconnected}'`)
    expect(people.map(({ subject }) => subject).sort()).toEqual([followed, other].sort())

    await world.sql(aDayLater)
    const second = await world.startService(syncing)
    expect(
      await world.sql(
        `select from information_schema.columns where table_name = 'watches' and column_name = 'subject'`,
      ),
    ).toEqual([])
    await moves('After')
    await first.stop()
    await world.sql('update watches set subscription = null, due_at = now() where secret is not null')
    await until(async () => (await secrets())[0]?.bytes === 16)
    await moves('Long after')
    await world.sql(`update watches set pass_at = now()`)
    await until(async () => (await tokens()).every(({ packed }) => packed))
    expect((await person(world, second.origin).disconnect()).status).toBe(204)
    await until(
      async () => (await world.sql('select from watches where subscription is not null')).length === 0,
    )
  },
)

test.skipIf(!hasPostgres)(
  'connections are shown, made and ended while and after their table gets shorter, and older processes go on meanwhile',
  async () => {
    const world = await openWorld('PostgreSQL')
    onTestFinished(world.close)
    const settings = { ENTRA_CLIENT_SECRET: entraClientSecret, CALENDAR_SYNC: false }
    const start = async () => asker((await world.startService(settings)).origin)
    const [alan, grace]: Person[] = [mailboxes['no-bridge'], mailboxes.hybrid]
    const subjectOf = ({ tenantId, objectId }: Person = ada) => `entra:${tenantId}:${objectId}`
    /** As a process of before stores a connection. */
    const storedBefore = (person: Person | undefined, state: string) =>
      world.sql(`
        insert into connections (subject, provider, permission, state)
        values ('${subjectOf(person)}', 'microsoft', 'read', '${state}')
        on conflict (subject, provider) do update set state = excluded.state`)
    const readBefore = () => world.sql(`select state from connections where subject = '${subjectOf(ada)}'`)
    const shown = async (ask: ReturnType<typeof asker>, person: Person | undefined) =>
      (await ask('GET', paths.connections, { bearer: await world.token(person) })).body.microsoft
    const act = async (ask: ReturnType<typeof asker>, method: 'PUT' | 'DELETE') =>
      (await ask(method, connectionPath('microsoft'), { bearer: await world.token(ada) })).status

    await upTo('0050-shorter-watches', world.settings.DATABASE_URL as string)
    await storedBefore(alan, 'needs_sign_in')
    const first = await start()
    expect(await shown(first, alan)).toMatchObject({ state: 'needs_sign_in' })
    expect(await act(first, 'PUT')).toBe(200)
    expect(await readBefore()).toEqual([{ state: 'connected' }])
    await storedBefore(grace, 'revoked_by_provider')
    await storedBefore(alan, 'disconnected_by_administrator')
    /** The pages of the console that join tables. */
    const pagesOf = async (ask: ReturnType<typeof asker>) => {
      for (const path of [
        adminPaths.people,
        adminPaths.mailboxes,
        personPath(subjectOf(grace)),
        adminPaths.sync,
      ])
        expect([path, (await ask('GET', path, { bearer: await adminToken(world) })).status]).toEqual([
          path,
          200,
        ])
    }
    await pagesOf(first)
    const one = `insert into callers (subject) values ('${subjectOf(ada)}')`
    await world.sql(`${one} on conflict (subject) do update set subject = excluded.subject`)

    await world.sql(aDayLater)
    const second = await start()
    await expect(readBefore()).rejects.toThrow('subject')
    await expect(world.sql(one)).rejects.toThrow('callers_unique')
    for (const ask of [first, second]) {
      await pagesOf(ask)
      expect(await shown(ask, ada)).toMatchObject({ state: 'connected' })
      expect(await shown(ask, grace)).toMatchObject({ state: 'revoked_by_provider' })
      expect(await shown(ask, alan)).toMatchObject({ state: 'disconnected_by_administrator' })
    }
    expect(await act(first, 'DELETE')).toBe(204)
    expect(await act(second, 'PUT')).toBe(200)
    expect(await shown(first, ada)).toMatchObject({ state: 'connected' })
  },
)
