import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { meetingPath, paths } from '../../../src/contract/paths.ts'
import { mailboxes, type Person } from '../../../src/simulator/people.ts'
import { newKey, nextSecond, putMeeting, quarterlyReview, untilHeld } from '../../kit.ts'
import { engines } from '../kit.ts'
import { type Identity, openIdentity, tim, vint } from './kit.ts'

describe.each(engines)('whoever disconnects, on the %s database', (engine) => {
  let identity: Identity
  beforeAll(async () => {
    identity = await openIdentity(engine)
  })
  afterAll(() => identity.close())
  afterEach(() => identity.world.faults.clear())

  const put = (bearer: string, key = newKey()) => putMeeting(identity.service.origin, bearer, key)
  const disconnect = (bearer: string) => identity.ask('DELETE', paths.me, { bearer })
  const whois = (bearer: string) => identity.ask('GET', paths.me, { bearer })

  test('at Entra ends tokens and tickets at once; a new token begins anew', async () => {
    const person: Person = mailboxes['no-bridge']
    const bearer = await identity.world.token(person)
    const key = newKey()
    const { ticket } = (await put(bearer, key)).body
    expect(await identity.me(bearer)).toMatchObject({ zoomLinked: true })
    expect((await disconnect(bearer)).status).toBe(204)

    const answer = await whois(bearer)
    expect(answer.status).toBe(401)
    expect(identity.reasonOf(answer.body.requestId)).toBe('disconnected')
    const asked = identity.world.zoom.requests().length
    for (const proof of [bearer, ticket as string]) expect((await put(proof, key)).status).toBe(401)
    expect((await put(bearer)).status).toBe(401)
    expect((await identity.ask('DELETE', meetingPath(key), { bearer })).status).toBe(401)
    expect(identity.world.zoom.requests()).toHaveLength(asked)
    await nextSecond()
    expect(await identity.me(await identity.world.token(person))).toMatchObject({ zoomLinked: false })
    expect((await put(ticket as string, key)).status).toBe(401)
    expect((await put(await identity.world.token(person), key)).status).toBe(200)

    const since = identity.world.zoom.requests().length
    for (const method of ['PUT', 'DELETE']) {
      const body = method === 'PUT' ? { body: quarterlyReview } : {}
      expect((await identity.ask(method, meetingPath(key), { bearer, ...body })).status).toBe(401)
    }
    expect(identity.world.zoom.requests()).toHaveLength(since)
  })

  test.skipIf(engine === 'embedded')(
    'takes no lease and changes no record by a token of before',
    async () => {
      const person: Person = mailboxes['no-bridge']
      await nextSecond()
      const before = await identity.world.token(person)
      const key = newKey()
      expect((await put(before, key)).status).toBe(200)
      expect((await disconnect(before)).status).toBe(204)
      await nextSecond()
      const bearer = await identity.world.token(person)
      expect((await put(bearer, key)).status).toBe(200)
      const records = () => identity.sql('select * from meetings order by subject, key')
      const kept = await records()
      expect((await put(before, key)).status).toBe(401)
      expect((await put(before)).status).toBe(401)
      expect((await identity.ask('DELETE', meetingPath(key), { bearer: before })).status).toBe(401)
      expect(await records()).toEqual(kept)
      expect((await put(bearer, key)).status).toBe(200)
    },
  )

  test('on an Exchange server ends every session at once, and forgets whose Zoom account it was', async () => {
    const [one, two] = [await identity.session(vint), await identity.session(vint)]
    const other = await identity.session(tim)
    const key = newKey()
    const others = (await put(other.session, key)).body.ticket as string
    const kept = await identity.exchange.made.identityToken(vint)
    expect((await disconnect(one.session)).status).toBe(204)
    for (const { session } of [one, two]) expect((await whois(session)).status).toBe(401)
    const replayed = await identity.exchangeToken(kept)
    expect(replayed.status).toBe(401)
    expect(identity.reasonOf(replayed.body.requestId)).toBe('disconnected')
    expect((await whois(other.session)).status).toBe(200)
    expect((await put(others, key)).status).toBe(200)

    const link = await identity.signInAtZoom(vint.emailAddress)
    expect((await identity.exchangeToken(kept, link)).status).toBe(401)
    await nextSecond()
    const fresh = await identity.exchangeToken(await identity.exchange.made.identityToken(vint))
    expect(fresh).toMatchObject({ status: 409, body: { code: 'link_required' } })
  })

  test('while a meeting is being made for them learns nothing of it, and is tied to nothing', async () => {
    const person: Person = mailboxes['no-popups']
    const bearer = await identity.world.token(person)
    const key = newKey()
    identity.world.faults.add({ vendor: 'zoom', match: 'GET /v2/users/', hold: true })
    const begun = put(bearer, key)
    await untilHeld(identity.world.faults)
    expect((await disconnect(bearer)).status).toBe(204)
    await identity.world.faults.release()
    expect(await begun).toMatchObject({ status: 401, body: { code: 'sign_in_required' } })
    await nextSecond()
    expect(await identity.me(await identity.world.token(person))).toMatchObject({ zoomLinked: false })
  })

  test('while Zoom makes the meeting gets no ticket, and finds that meeting later', async () => {
    const person: Person = mailboxes['bridge-silent']
    const key = newKey()
    await put(await identity.world.token(person))
    const bearer = await identity.world.token(person)
    const before = identity.world.zoom.meetings().length
    identity.world.faults.add({ vendor: 'zoom', match: 'POST /v2/users/', hold: true })
    const begun = put(bearer, key)
    await untilHeld(identity.world.faults)
    await disconnect(bearer)
    await identity.world.faults.release()
    expect((await begun).status).toBe(401)
    if (engine === 'PostgreSQL') {
      const dead = `select ticket_proved_at < valid_from as dead from meetings join callers using (subject) where key = '${key}'`
      expect(await identity.sql(dead)).toEqual([{ dead: true }])
    }
    await nextSecond()
    expect((await put(await identity.world.token(person), key)).status).toBe(200)
    expect(identity.world.zoom.meetings().length - before).toBe(1)
  })

  test.skipIf(engine === 'embedded')('meets no more what a request on its way still wrote', async () => {
    await nextSecond()
    const { session } = await identity.session(vint)
    const key = newKey()
    const { ticket } = (await put(session, key)).body
    const late = `key = '${key}'`
    await identity.sql(`create table late_session as select * from sessions order by until desc limit 1`)
    await identity.sql(`create table late_ticket as select * from meetings where ${late}`)
    await disconnect(session)
    await nextSecond()
    await identity.sql('insert into sessions select * from late_session')
    await identity.sql(`update meetings set ticket = late.ticket, ticket_subject = late.ticket_subject, ticket_proved_at = late.ticket_proved_at,
      ticket_until = late.ticket_until from late_ticket late where meetings.${late}`)
    for (const answer of [
      await whois(session),
      await identity.ask('PUT', `/meetings/${key}`, { bearer: ticket as string, body: quarterlyReview }),
    ]) {
      expect(answer.status).toBe(401)
      expect(identity.reasonOf(answer.body.requestId)).toBe('disconnected')
    }
  })

  test.skipIf(engine === 'embedded')(
    'leaves neither session nor ticket behind; what is over is swept away',
    async () => {
      await nextSecond()
      const { session } = await identity.session(vint)
      await put(session)
      await disconnect(session)
      const left = `select 1 from sessions where subject in (select subject from callers where zoom_user_id is null)
      union all select 1 from meetings where ticket is not null and subject in
        (select subject from callers where zoom_user_id is null)`
      expect(await identity.sql(left)).toEqual([])

      await nextSecond()
      await identity.session(vint)
      await identity.ask('GET', `${paths.zoomLogin}?challenge=${'c'.repeat(43)}`)
      const tables = ['sessions', 'logins']
      for (const table of tables)
        await identity.sql(`update ${table} set until = now() - interval '1 second'`)
      const living = await identity.session(vint)
      const sweeper = await identity.world.startService({ SWEEP_SECONDS: 1 })
      const over = tables.map((table) => `select 1 from ${table} where until < now()`).join(' union all ')
      await expect.poll(() => identity.sql(over)).toEqual([])
      expect((await whois(living.session)).status).toBe(200)
      await sweeper.stop()
    },
  )

  test.skipIf(engine === 'embedded')(
    'a session ends after half an hour, and is kept as its hash',
    async () => {
      const { session } = await identity.session(vint)
      const [row] = await identity.sql(
        `select *, extract(epoch from until - now()) as seconds, date_trunc('second', proved_at) = proved_at as as_issued
       from sessions order by until desc limit 1`,
      )
      expect(Math.round(Number(row?.seconds) / 60)).toBe(30)
      expect(row?.as_issued).toBe(true)
      expect(row?.secret).toHaveLength(32)
      expect(row?.secret).not.toEqual(Buffer.from(session.slice(8), 'base64url'))
      await identity.sql('update sessions set until = now()')
      const answer = await whois(session)
      expect(answer.status).toBe(401)
      expect(identity.reasonOf(answer.body.requestId)).toBe('session')
    },
  )
})
