import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { paths } from '../../../src/contract/paths.ts'
import { newKey, putMeeting, quarterlyReview, untilHeld } from '../../kit.ts'
import { engines } from '../kit.ts'
import { type Identity, openIdentity, tim, vint } from './kit.ts'

describe.each(engines)('a ticket, on the %s database', (engine) => {
  let identity: Identity
  let bearer: string
  beforeAll(async () => {
    identity = await openIdentity(engine)
    bearer = await identity.world.token()
  })
  afterAll(() => identity.close())
  afterEach(() => identity.world.faults.clear())

  const put = (proof: string, key: string, changes: object = {}) =>
    putMeeting(identity.service.origin, proof, key, { ...quarterlyReview, ...changes })
  const meeting = (id: unknown) => identity.world.zoom.meetings().find((one) => String(one.id) === id)
  const reasonOf = ({ body }: { body: Record<string, string> }) => identity.reasonOf(body.requestId)

  /** An appointment with its meeting and its ticket. */
  async function scheduled(changes: object = {}, proof = bearer) {
    const key = newKey()
    const { body } = await put(proof, key, changes)
    return { key, id: body.id, ticket: body.ticket as string }
  }

  test('changes the facts of its meeting, and stays the same', async () => {
    const { key, id, ticket } = await scheduled()
    const moved = await put(ticket, key, { subject: 'Moved', start: '2030-12-04T09:00:00Z' })
    expect(moved).toMatchObject({ status: 200, body: { id, ticket } })
    expect(meeting(id)).toMatchObject({ topic: 'Moved', start_time: '2030-12-04T09:00:00Z' })
    expect((await put(ticket, key)).status).toBe(200)
  })

  test('of a mailbox on an Exchange server does the same', async () => {
    const { session } = await identity.session(tim)
    const { key, id, ticket } = await scheduled({}, session)
    expect(await put(ticket, key, { subject: 'Moved' })).toMatchObject({ status: 200, body: { id } })
    await identity.ask('DELETE', paths.me, { bearer: session })
    expect(await put(ticket, key)).toMatchObject({ status: 401 })
  })

  test('changes no other meeting, and makes none', async () => {
    const { ticket } = await scheduled()
    const other = await scheduled()
    const before = identity.world.zoom.meetings().length
    for (const key of [other.key, newKey()]) {
      const answer = await put(ticket, key, { subject: 'Stolen' })
      expect(answer.status).toBe(401)
      expect(reasonOf(answer)).toBe('ticket')
    }
    expect(meeting(other.id)?.topic).toBe('Quarterly review')
    expect(identity.world.zoom.meetings().length).toBe(before)
  })

  test('makes no meeting where its own was removed, and a person still can', async () => {
    const { key, ticket } = await scheduled()
    const before = identity.world.zoom.meetings().length
    const gone = { status: 404, body: { code: 3001, message: '' } }
    identity.world.faults.add({ vendor: 'zoom', match: 'GET /v2/meetings/', ...gone })
    expect(await put(ticket, key)).toMatchObject({ status: 410, body: { code: 'meeting_gone' } })
    expect(identity.world.zoom.meetings().length).toBe(before)
    expect((await put(bearer, key)).status).toBe(200)
  })

  test.each([
    ['GET', () => paths.me],
    ['DELETE', () => paths.me],
    ['PUT', () => paths.zoomAccount],
    ['GET', (key: string) => `/meetings/${key}`],
    ['DELETE', (key: string) => `/meetings/${key}`],
    ['POST', (key: string) => `/meetings/${key}`],
  ] as const)('is no proof for %s', async (method, path) => {
    const { key, ticket } = await scheduled()
    const body = method === 'PUT' || method === 'POST' ? { body: quarterlyReview } : {}
    const answer = await identity.ask(method, path(key), { bearer: ticket, ...body })
    expect(answer).toMatchObject({ status: 401, body: { code: 'sign_in_required' } })
    expect(identity.reasonOf(answer.body.requestId)).toBe('ticket_elsewhere')
  })

  test('is no session, and a session is no ticket', async () => {
    const { key, ticket } = await scheduled()
    const { session } = await identity.session(vint)
    expect((await put(ticket.replace('ticket_', 'session_'), key)).status).toBe(401)
    expect((await put(session.replace('session_', 'ticket_'), key)).status).toBe(401)
    const exchanged = await identity.ask('POST', paths.exchangeSession, { body: { token: ticket } })
    expect(exchanged.status).toBe(401)
  })

  test('ends when its person asks for a newer one', async () => {
    const { key, ticket } = await scheduled()
    const newer = (await put(bearer, key)).body.ticket as string
    expect(newer).not.toBe(ticket)
    expect((await put(ticket, key)).status).toBe(401)
    expect((await put(newer, key)).status).toBe(200)
  })

  test('that was replaced while it was used comes not back', async () => {
    const { key, ticket } = await scheduled()
    identity.world.faults.add({ vendor: 'zoom', match: 'GET /v2/meetings/', hold: true })
    const using = put(ticket, key, { subject: 'Late' })
    await untilHeld(identity.world.faults)
    const replacing = put(bearer, key)
    await identity.world.faults.release()
    const [used, newer] = await Promise.all([using, replacing])
    expect([used.status, newer.status]).toEqual([200, 200])
    expect((await put(ticket, key)).status).toBe(401)
    expect((await put(newer.body.ticket as string, key)).status).toBe(200)
  })

  test('that waits for its turn while its meeting is removed makes none', async () => {
    const { key, ticket } = await scheduled()
    identity.world.faults.add({ vendor: 'zoom', match: 'GET /v2/meetings/', hold: true })
    const first = put(bearer, key)
    await untilHeld(identity.world.faults)
    const removing = identity.ask('DELETE', `/meetings/${key}`, { bearer })
    await identity.me(bearer)
    const waiting = put(ticket, key)
    await identity.me(bearer)
    await identity.world.faults.release()
    const answers = await Promise.all([first, removing, waiting])
    expect(answers.map(({ status }) => status)).toEqual([200, 204, 401])
  })

  test.skipIf(engine === 'embedded')(
    'that is replaced while it waits for its record is refused',
    async () => {
      const { key, id, ticket } = await scheduled()
      const other = await identity.world.transaction()
      await other.query(`update meetings set ticket = sha256('newer') where key = '${key}'`)
      const begun = put(ticket, key, { subject: 'Late' })
      const waiting = `select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
      await expect.poll(() => identity.sql(waiting)).not.toEqual([])
      await other.commit()
      expect(await begun).toMatchObject({ status: 401 })
      expect(meeting(id)?.topic).toBe('Quarterly review')
    },
  )

  test('that is guessed or cut is refused', async () => {
    const { key, ticket } = await scheduled()
    for (const forged of [
      `ticket_${'A'.repeat(43)}`,
      ticket.slice(0, -1),
      `${ticket}A`,
      'ticket_',
      'ticket_undefined',
    ]) {
      expect((await put(forged, key)).status).toBe(401)
    }
  })

  test.skipIf(engine === 'embedded')(
    'ends thirty days after the meeting; of a series, after a year',
    async () => {
      const days = async (key: string) => {
        const [row] = await identity.sql(
          `select extract(epoch from ticket_until - now()) / 86400 as days from meetings where key = '${key}'`,
        )
        return Math.abs(Math.round(Number(row?.days)))
      }
      const inDays = (count: number) =>
        `${new Date(Date.now() + count * 86_400_000).toISOString().slice(0, 19)}Z`
      const soon = await scheduled({ start: inDays(10) })
      expect(await days(soon.key)).toBe(40)
      expect(await days((await scheduled({ recurring: true })).key)).toBe(365)
      expect(await days((await scheduled({ start: '9999-12-31T00:00:00Z' })).key)).toBe(730)
      await put(soon.ticket, soon.key, { start: inDays(20), minutes: 0 })
      expect(await days(soon.key)).toBe(50)

      await identity.sql(`update meetings set ticket_until = now() where key = '${soon.key}'`)
      expect((await put(soon.ticket, soon.key)).status).toBe(401)
    },
  )

  test.skipIf(engine === 'embedded')('is kept as its hash', async () => {
    const { key, ticket } = await scheduled()
    const [row] = await identity.sql(`select * from meetings where key = '${key}'`)
    expect(JSON.stringify(row)).not.toContain(ticket.slice(7))
    expect(row?.ticket).toHaveLength(32)
    expect(row?.ticket).not.toEqual(Buffer.from(ticket.slice(7), 'base64url'))
  })
})
