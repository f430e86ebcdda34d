import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { paths } from '../../../src/contract/paths.ts'
import { newKey, nextSecond, putMeeting } from '../../kit.ts'
import { engines } from '../kit.ts'
import { type Identity, openIdentity, tim, vint } from './kit.ts'

describe.each(engines)('a mailbox on an Exchange server, with the %s database', (engine) => {
  let identity: Identity
  beforeAll(async () => {
    identity = await openIdentity(engine)
  })
  afterAll(() => identity.close())
  const token = (mailbox = tim) => identity.exchange.made.identityToken(mailbox)

  test('is asked for its Zoom account first, and never guessed by its address', async () => {
    const answer = await identity.exchangeToken(await token(vint))
    expect(answer).toMatchObject({ status: 409, body: { code: 'link_required' } })
  })

  test('schedules with the Zoom account that its person signed in to, silently from then on', async () => {
    const { session, expiresIn } = await identity.session(tim)
    expect(expiresIn).toBe(1800)
    const { status, body } = await putMeeting(identity.service.origin, session, newKey())
    expect(status).toBe(200)
    const made = identity.world.zoom.meetings().find(({ id }) => String(id) === body.id)
    expect(made?.host_email).toBe(tim.emailAddress)
    expect((await identity.exchangeToken(await token())).status).toBe(200)
    expect(await identity.me(session)).toEqual({
      proof: 'exchange',
      zoomLinked: true,
      tidy: 'choice',
      everyMeeting: false,
    })
  })

  test.skipIf(engine === 'embedded')('schedules nothing where the Zoom account is not settled', async () => {
    const { session } = await identity.session(vint)
    await identity.sql('update callers set zoom_user_id = null')
    const answer = await putMeeting(identity.service.origin, session, newKey())
    expect(answer).toMatchObject({ status: 409, body: { code: 'link_required' } })
  })

  test('can disconnect, which ends everything at once', async () => {
    const { session } = await identity.session(vint)
    const old = await token(vint)
    expect((await identity.ask('DELETE', paths.me, { bearer: session })).status).toBe(204)
    expect((await identity.ask('GET', paths.me, { bearer: session })).status).toBe(401)
    expect((await identity.exchangeToken(old)).status).toBe(401)
    await nextSecond()
    expect(await identity.exchangeToken(await token(vint))).toMatchObject({
      status: 409,
      body: { code: 'link_required' },
    })
  })
})
