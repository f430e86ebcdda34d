import { expect, onTestFinished, test } from 'vitest'
import { mailboxes } from '../../src/simulator/people.ts'
import { findUser } from '../../src/simulator/zoom/users.ts'
import { newKey, putMeeting } from '../kit.ts'
import { upTo } from './database/kit.ts'
import { hasPostgres, openWorld } from './kit.ts'

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
