import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { paths, zoomLoginPath } from '../../../src/contract/paths.ts'
import { mailboxes } from '../../../src/simulator/people.ts'
import { credentials } from '../../../src/simulator/zoom/apps.ts'
import { outsider } from '../../../src/simulator/zoom/users.ts'
import { newKey, putMeeting, untilHeld } from '../../kit.ts'
import { ada, engines } from '../kit.ts'
import { codeIn, type Identity, openIdentity, proofKey, signIn, tim, vint } from './kit.ts'

const mallory = mailboxes['account-switched'].emailAddress

describe.each(engines)('a sign-in to Zoom, on the %s database', (engine) => {
  let identity: Identity
  beforeAll(async () => {
    identity = await openIdentity(engine)
  })
  afterAll(() => identity.close())
  afterEach(() => identity.world.faults.clear())

  const token = (mailbox = tim) => identity.exchange.made.identityToken(mailbox)
  const begin = async ({ challenge } = proofKey()) =>
    (await identity.ask('GET', zoomLoginPath(challenge))).location
  const revocations = () =>
    identity.world.zoom.requests().filter(({ path, status }) => path === '/oauth/revoke' && status === 200)
  const refused = { status: 409, body: { code: 'link_expired' } }

  test('sends the browser to Zoom and comes back to the dialog, keeping nothing of Zoom’s', async () => {
    const before = revocations().length
    const { verifier, challenge } = proofKey()
    const begun = await identity.ask('GET', zoomLoginPath(challenge))
    expect(begun.status).toBe(303)
    const asked = new URL(begun.location)
    expect(Object.fromEntries(asked.searchParams)).toMatchObject({
      response_type: 'code',
      code_challenge_method: 'S256',
    })
    expect(asked.search).not.toContain(verifier)
    expect(asked.searchParams.get('code_challenge')).not.toBe(challenge)

    const done = await identity.ask('GET', await signIn(begun.location, tim.emailAddress))
    expect(done.status).toBe(303)
    expect(done.location).toMatch(/^\/addin\/dialog\/index\.html#link=[\w-]{43}\.[\w-]+$/)
    expect(done.headers.get('cache-control')).toBe('no-store')
    expect(done.headers.get('referrer-policy')).toBe('no-referrer')
    expect(done.headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
    expect(revocations().length - before).toBe(0)
    // Zoom’s code is exchanged once it is known who brings it.
    const link = { code: codeIn(done.location), verifier }
    expect((await identity.exchangeToken(await token(), link)).status).toBe(200)
    expect(revocations().length - before).toBe(1)
  })

  test('ties a mailbox that proves itself, and has the options of its Zoom user', async () => {
    const { session: bearer } = await identity.session()
    expect((await identity.ask('GET', paths.options, { bearer })).status).toBe(200)
  })

  test('ties a person of Entra to the Zoom user they say, whatever their address, and to the next they say', async () => {
    const bearer = await identity.world.token(mailboxes.cancels)
    for (const email of [tim.emailAddress, vint.emailAddress]) {
      const link = await identity.signInAtZoom(email)
      const answer = await identity.ask('PUT', paths.zoomAccount, { bearer, body: link })
      expect(answer).toMatchObject({ status: 200, body: { proof: 'entra', zoomLinked: true } })
      const { body } = await putMeeting(identity.service.origin, bearer, newKey())
      const made = identity.world.zoom.meetings().find(({ id }) => String(id) === body.id)
      expect(made?.host_email).toBe(email)
    }
  })

  test('counts, though a first meeting is just looking for the Zoom user of their address', async () => {
    const bearer = await identity.world.token(mailboxes['bridge-throws'])
    const link = await identity.signInAtZoom(tim.emailAddress)
    identity.world.faults.add({ vendor: 'zoom', match: 'GET /v2/users/', hold: true })
    const begun = putMeeting(identity.service.origin, bearer, newKey())
    await untilHeld(identity.world.faults)
    await identity.ask('PUT', paths.zoomAccount, { bearer, body: link })
    await identity.world.faults.release()
    const { body } = await begun
    const made = identity.world.zoom.meetings().find(({ id }) => String(id) === body.id)
    expect(made?.host_email).toBe(tim.emailAddress)
  })

  test('that somebody was sent to by a link ties nothing to whoever sent it', async () => {
    const attacker = proofKey()
    const link = await begin(attacker)
    const code = codeIn((await identity.ask('GET', await signIn(link, vint.emailAddress))).location)
    // The dialog is the victim's, so the code is too; the victim's add-in knows another verifier.
    const victims = { code, verifier: proofKey().verifier }
    expect(await identity.exchangeToken(await token(vint), victims)).toMatchObject(refused)
    // Nor does the attacker get it in by guessing.
    const guess = { code: `${proofKey().verifier}.x`, verifier: attacker.verifier }
    expect(await identity.exchangeToken(await token(), guess)).toMatchObject(refused)
    expect(await identity.exchangeToken(await token(vint))).toMatchObject({ body: { code: 'link_required' } })
  })

  test('of an attacker, whose answer was put into a victim’s dialog, ties the victim to nothing', async () => {
    const attackers = await identity.signInAtZoom(mallory)
    const forged = { code: attackers.code, verifier: proofKey().verifier }
    expect(await identity.exchangeToken(await token(vint), forged)).toMatchObject(refused)
    const bearer = await identity.world.token(ada)
    const again = { ...(await identity.signInAtZoom(mallory)), verifier: proofKey().verifier }
    expect(await identity.ask('PUT', paths.zoomAccount, { bearer, body: again })).toMatchObject(refused)
    expect(await identity.me(bearer)).toMatchObject({ zoomLinked: false })
  })

  test('whose answer Zoom gave for one attempt counts for no other', async () => {
    const key = proofKey()
    const mine = new URL(await signIn(await begin(), mallory), 'https://localhost:3001')
    const other = new URL(await begin(key))
    mine.searchParams.set('state', other.searchParams.get('state') ?? '')
    const back = await identity.ask('GET', mine.pathname + mine.search)
    const link = { code: codeIn(back.location), verifier: key.verifier }
    expect(await identity.exchangeToken(await token(), link)).toMatchObject(refused)
  })

  test('counts once: its way back, its code, and even a wrong try use it up', async () => {
    const key = proofKey()
    const begun = await begin(key)
    const backs = [await signIn(begun, tim.emailAddress), await signIn(begun, tim.emailAddress)]
    const links = await Promise.all(
      backs.map(async (back) => codeIn((await identity.ask('GET', back)).location)),
    )
    for (const [index, code] of [...links, ...links].entries()) {
      const { status } = await identity.exchangeToken(await token(), { code, verifier: key.verifier })
      expect(status).toBe(index === 0 ? 200 : 409)
    }

    const link = await identity.signInAtZoom()
    expect((await identity.exchangeToken(await token(), link)).status).toBe(200)
    expect(await identity.exchangeToken(await token(), link)).toMatchObject(refused)

    const tried = await identity.signInAtZoom()
    await identity.exchangeToken(await token(), { ...tried, verifier: proofKey().verifier })
    expect(await identity.exchangeToken(await token(), tried)).toMatchObject(refused)
  })

  test('is not used up by a forged identity token', async () => {
    const link = await identity.signInAtZoom()
    expect((await identity.exchangeToken('x.y.z', link)).status).toBe(401)
    expect((await identity.exchangeToken(await token(), link)).status).toBe(200)
  })

  test('of somebody who declines says so in the dialog, and ties nothing', async () => {
    const done = await identity.ask('GET', await signIn(await begin(), 'nobody'))
    expect(done.location).toBe(`${paths.dialog}#problem=sign_in_cancelled`)
  })

  test('of somebody of another account ties nothing, and leaves no token at Zoom either', async () => {
    const before = revocations().length
    const link = await identity.signInAtZoom(outsider.email)
    const answer = await identity.exchangeToken(await token(vint), link)
    expect(answer).toMatchObject({ status: 409, body: { code: 'zoom_other_account' } })
    expect(revocations().length - before).toBe(1)
    expect(await identity.exchangeToken(await token(vint))).toMatchObject({ body: { code: 'link_required' } })
  })

  test.each([
    [
      'does not know us',
      { match: 'POST /oauth/token', status: 400, body: { error: 'invalid_client' } },
      'zoom_misconfigured',
    ],
    [
      'does not answer the token request',
      { match: 'POST /oauth/token', drop: true, times: 2 },
      'zoom_unreachable',
    ],
    ['fails', { match: 'POST /oauth/token', status: 500 }, 'zoom_unreachable'],
    ['gives no token', { match: 'POST /oauth/token', status: 200, body: {} }, 'zoom_unreachable'],
    ['keeps silent', { match: 'POST /oauth/token', silence: true }, 'zoom_unreachable'],
    [
      'does not say who it is',
      { match: 'GET /v2/users/me', status: 200, body: { id: '../x', account_id: 'a' } },
      'zoom_unreachable',
    ],
    [
      'says who it is in an answer that is an error',
      { match: 'GET /v2/users/me', status: 500, body: { id: 'x', account_id: credentials.accountId } },
      'zoom_unreachable',
    ],
    [
      'sends us elsewhere',
      { match: 'GET /v2/users/me', status: 302, headers: { location: '/v2/users/me' } },
      'zoom_unreachable',
    ],
  ] as const)('when Zoom %s is a problem with a sentence', async (_, fault, problem) => {
    const link = await identity.signInAtZoom(tim.emailAddress)
    identity.world.faults.add({ vendor: 'zoom', ...fault })
    expect(await identity.exchangeToken(await token(), link)).toMatchObject({ body: { code: problem } })
  })

  test.each([
    ['cannot take its token back', { status: 500 }],
    ['cannot be reached to take its token back', { drop: true }],
  ])('works when Zoom %s, and the log says so', async (_, fault) => {
    const before = identity.world.logged.length
    identity.world.faults.add({ vendor: 'zoom', match: 'POST /oauth/revoke', ...fault })
    const link = await identity.signInAtZoom()
    expect((await identity.exchangeToken(await token(), link)).status).toBe(200)
    expect(identity.world.logged.slice(before).join('')).toContain('zoom token not revoked')
  })

  test.each([
    ['no challenge', paths.zoomLogin],
    ['a short challenge', zoomLoginPath('short')],
    ['a challenge of other letters', zoomLoginPath(`${'a'.repeat(42)}=`)],
  ])('with %s is refused', async (_, path) => {
    expect((await identity.ask('GET', path)).status).toBe(400)
  })

  test.each([
    ['a short state', '?code=x&state=x', 'link_expired'],
    ['a code of other letters', `?code=%0a&state=${proofKey().verifier}`, 'link_expired'],
    ['no state', '?code=x', 'link_expired'],
    ['no code', '?state=x', 'link_expired'],
    ['nothing', '', 'link_expired'],
    ['an error and script in it', '?error=%3Cscript%3E', 'sign_in_cancelled'],
  ])('that comes back with %s ends in a sentence', async (_, query, problem) => {
    const back = await identity.ask('GET', paths.zoomLoginCallback + query)
    expect(back).toMatchObject({ status: 303, location: `${paths.dialog}#problem=${problem}` })
  })

  test('with a body of another form is refused, naming the field', async () => {
    const bearer = await identity.world.token(ada)
    const put = (body: object) => identity.ask('PUT', paths.zoomAccount, { bearer, body })
    const { code, verifier } = { code: `${'c'.repeat(43)}.c`, verifier: 'v'.repeat(43) }
    expect(await put({ code })).toMatchObject({
      status: 400,
      body: { code: 'invalid_request', field: 'verifier' },
    })
    expect(await put({ code: 1, verifier })).toMatchObject({ status: 400, body: { field: 'code' } })
    expect(await put({ code, verifier, zoomUserId: 'x' })).toMatchObject({
      status: 400,
      body: { field: 'zoomUserId' },
    })
    const exchanged = await identity.ask('POST', paths.exchangeSession, {
      body: { token: 'x', link: { code } },
    })
    expect(exchanged).toMatchObject({ status: 400, body: { field: 'verifier' } })
  })

  test.skipIf(engine === 'embedded')('takes ten minutes at most', async () => {
    const age = (minutes: number) =>
      identity.sql(`update logins set until = until - interval '${minutes} minutes'`)
    const late = await identity.signInAtZoom()
    await age(9)
    const slow = await identity.signInAtZoom()
    expect((await identity.exchangeToken(await token(), slow)).status).toBe(200)
    await age(1)
    expect(await identity.exchangeToken(await token(), late)).toMatchObject(refused)
  })

  test.skipIf(engine === 'embedded')(
    'keeps neither the state nor the code nor what the add-in knows',
    async () => {
      const { verifier, challenge } = proofKey()
      const state = new URL(await begin({ verifier, challenge })).searchParams.get('state') ?? ''
      const link = await identity.signInAtZoom()
      const kept = JSON.stringify(await identity.sql('select * from logins'))
      expect(kept).toContain('challenge')
      for (const secret of [state, verifier, ...link.code.split('.'), link.verifier]) {
        expect(kept).not.toContain(JSON.stringify([...Buffer.from(secret, 'base64url')]).slice(1, -1))
        expect(kept).not.toContain(secret)
      }
    },
  )
})

test('without an app of ours at Zoom, the dialog says that this is not supported', async () => {
  const identity = await openIdentity('embedded', { ZOOM_USER_CLIENT_ID: undefined })
  const { location } = await identity.ask('GET', zoomLoginPath(proofKey().challenge))
  expect(location).toBe(`${paths.dialog}#problem=not_supported`)
  await identity.close()
})
