import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { revocationPath } from '../../../src/contract/admin-paths.ts'
import { feedPaths } from '../../../src/contract/feed.ts'
import { paths, signedInAppPath } from '../../../src/contract/paths.ts'
import { signedInAppsFrom } from '../../../src/contract/signed-in-apps.ts'
import { mailboxes, type Person } from '../../../src/simulator/people.ts'
import { newKey, nextSecond, putMeeting } from '../../kit.ts'
import { adminToken, subjectOf } from '../admin/kit.ts'
import { asker } from '../identity/kit.ts'
import { ada, engines, openWorld, type World } from '../kit.ts'
import { appAt, authorizeAddress, browser, issuer, proofKey, withApps } from './kit.ts'

const alan: Person = mailboxes['no-bridge']
const gone = { status: 400, body: { error: 'invalid_grant' } }

describe('a person signs in to an app', () => {
  let world: World
  let origin: string
  let other: string
  let app: ReturnType<typeof appAt>
  beforeAll(async () => {
    const engine = engines.at(-1) ?? 'embedded'
    world = await openWorld(engine)
    origin = (await world.startService(withApps)).origin
    other = engine === 'PostgreSQL' ? (await world.startService(withApps)).origin : origin
    app = appAt(origin)
  })
  afterAll(() => world.close())

  test('in the browser, and the app schedules for them on any process', async () => {
    const { accessToken } = await app.signIn()
    await putMeeting(origin, await world.token(), newKey())
    for (const at of [origin, other]) {
      const { status } = await putMeeting(at, accessToken, newKey())
      expect(status).toBe(200)
    }
  })

  test('and it cannot do what the person has not let it do', async () => {
    const { accessToken } = await app.signIn()
    for (const path of [paths.me, paths.connections, paths.templates, paths.options])
      expect((await app.get(path, accessToken)).status).toBe(401)
    const { back, verifier } = await app.authorize({ scope: 'feed' })
    const { body } = await app.redeem(back.url.searchParams.get('code') ?? '', verifier)
    expect(body.scope).toBe('feed')
    expect((await putMeeting(origin, String(body.access_token), newKey())).status).toBe(401)
  })

  test('and refresh tokens work once: the second use of one ends the session on every process', async () => {
    const { accessToken, refreshToken } = await app.signIn()
    const next = await app.refresh(refreshToken)
    expect(next.status).toBe(200)
    expect((await putMeeting(other, String(next.body.access_token), newKey())).status).toBe(200)
    expect(await appAt(other).refresh(refreshToken)).toMatchObject(gone)
    expect(await app.refresh(String(next.body.refresh_token))).toMatchObject(gone)
    for (const token of [accessToken, String(next.body.access_token)])
      expect((await putMeeting(origin, token, newKey())).status).toBe(401)
  })

  test('and of two uses of a refresh token at the same time one succeeds', async () => {
    const { refreshToken } = await app.signIn()
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, index) => appAt(index % 2 ? origin : other).refresh(refreshToken)),
    )
    expect(answers.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(1)
    for (const { status, body } of answers)
      if (status === 200) expect(await app.refresh(String(body.refresh_token))).toMatchObject(gone)
  })

  test.each<[fault: string, how: object]>([
    ['fails', { status: 503 }],
    ['refuses the service', { status: 401, body: { error: 'invalid_client' } }],
    ['cuts the connection', { drop: true }],
  ])('again, if Entra %s in the middle, and the app is told that nobody signed in', async (_, how) => {
    world.faults.add({ vendor: 'entra', match: 'oauth2/v2.0/token', ...how })
    const { back } = await app.authorize()
    expect(Object.fromEntries(back.url.searchParams)).toMatchObject({
      error: 'access_denied',
      error_description: expect.stringMatching(/^(sign_in_unavailable|calendar_misconfigured)$/),
      state: 'the-state',
    })
    await app.signIn()
  })

  test('each time at Entra, although the browser knows them', async () => {
    const upcoming = { client_id: 'upcoming', redirect_uri: `${issuer}/upcoming/` }
    const at = browser(origin)
    const first = await at.go(authorizeAddress(proofKey().challenge, upcoming))
    expect(first.url.origin).toBe(new URL(world.settings.ENTRA_AUTHORITY).origin)
    const back = await at.choose(first)
    expect(back.url.searchParams.get('code')).toBeTruthy()
    const again = await at.go(authorizeAddress(proofKey().challenge, upcoming))
    expect(again.url.origin).toBe(new URL(world.settings.ENTRA_AUTHORITY).origin)
  })

  test.each(['the browser', 'a device'])(
    'and another person after them, in the same browser, for %s',
    async (way) => {
      const at = browser(origin)
      for (const who of [ada, alan]) {
        const device = { client_id: 'upcoming-terminal', scope: 'feed' }
        if (way === 'a device') {
          const { user_code = '', device_code = '' } = (await app.post(feedPaths.deviceAuthorization, device))
            .body as Record<string, string>
          const asked = await at.press(await at.go(feedPaths.device), { user_code })
          const done = await at.choose(await at.press(asked, { confirm: 'yes' }), who)
          expect(done.text).toContain('You are signed in.')
          const granted = {
            ...device,
            grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
            device_code,
          }
          expect((await app.token(granted)).status).toBe(200)
          continue
        }
        const { challenge, verifier } = proofKey()
        const entra = await at.press(await at.go(authorizeAddress(challenge)), { answer: 'entra' })
        const back = await at.choose(entra, who)
        expect(back.url.origin).toBe('http://127.0.0.1:49152')
        expect((await app.redeem(back.url.searchParams.get('code') ?? '', verifier)).status).toBe(200)
      }
    },
  )

  test('for as long as it is used: 90 days after its last refresh, and not after the sign-in', async () => {
    let { refreshToken } = await app.signIn()
    const began = Date.now()
    vi.useFakeTimers({ toFake: ['Date'] })
    onTestFinished(() => void vi.useRealTimers())
    for (const days of [60, 120]) {
      vi.setSystemTime(began + days * 86_400_000)
      const { status, body } = await app.refresh(refreshToken)
      expect({ days, status }).toEqual({ days, status: 200 })
      refreshToken = String(body.refresh_token)
    }
    vi.setSystemTime(began + 211 * 86_400_000)
    expect(await app.refresh(refreshToken)).toMatchObject(gone)
  })

  test('and out again', async () => {
    const { accessToken, refreshToken } = await app.signIn()
    const { status } = await app.post(feedPaths.revoke, {
      client_id: 'upcoming-terminal',
      token: refreshToken,
    })
    expect(status).toBe(200)
    expect((await putMeeting(origin, accessToken, newKey())).status).toBe(401)
    expect(await app.refresh(refreshToken)).toMatchObject(gone)
  })

  test('and the audit trail names the app, when they sign in and when its session ends', async () => {
    const { refreshToken: token } = await app.signIn()
    await app.post(feedPaths.revoke, { client_id: 'upcoming-terminal', token })
    const records = await world.sql(
      "select act, caller, detail from audit where act like 'app %' order by seq desc limit 2",
    )
    expect(records).toEqual([
      {
        act: 'app session ended',
        caller: subjectOf(ada),
        detail: 'app=upcoming-terminal reason=signed_out',
      },
      { act: 'app signed in', caller: subjectOf(ada), detail: 'app=upcoming-terminal' },
    ])
  })

  test('and sees which apps they are signed in to, and ends one of them on every process', async () => {
    const [first, last] = [await app.signIn(), await app.signIn()]
    const bearer = await world.token()
    const mine = async () =>
      signedInAppsFrom((await asker(other)('GET', paths.signedInApps, { bearer })).body)
    const all = await mine()
    const [newest] = all
    expect(newest?.name).toBe('Upcoming in a terminal')
    for (const at of [newest?.begunAt, newest?.usedAt])
      expect(Math.abs(Date.now() - Date.parse(at ?? ''))).toBeLessThan(600_000)
    const end = async (at: string, bearer: string) =>
      (await asker(at)('DELETE', signedInAppPath(newest?.id ?? ''), { bearer })).status
    // Neither an app nor somebody else.
    expect((await app.get(paths.signedInApps, first.accessToken)).status).toBe(401)
    expect(await end(origin, first.accessToken)).toBe(401)
    expect(await end(origin, await world.token(alan))).toBe(204)
    expect(await mine()).toEqual(all)
    for (const at of [other, origin]) expect(await end(at, bearer)).toBe(204)
    expect(await mine()).toEqual(all.slice(1))
    expect((await putMeeting(origin, last.accessToken, newKey())).status).toBe(401)
    expect(await app.refresh(last.refreshToken)).toMatchObject(gone)
    expect((await putMeeting(origin, first.accessToken, newKey())).status).toBe(200)
    const records = await world.sql(
      "select act, caller, detail from audit where act = 'app session ended' order by seq desc limit 1",
    )
    expect(records).toEqual([
      { act: 'app session ended', caller: subjectOf(ada), detail: 'app=upcoming-terminal reason=person' },
    ])
  })

  test('and an administrator who revokes the person ends every app at once', async () => {
    const { accessToken, refreshToken } = await app.signIn()
    const { back, verifier } = await app.authorize()
    const admin = asker(origin)
    const bearer = await adminToken(world)
    const subject = subjectOf(ada)
    expect((await admin('PUT', revocationPath(subject), { bearer })).status).toBe(204)
    expect(await app.redeem(back.url.searchParams.get('code') ?? '', verifier)).toMatchObject(gone)
    expect((await putMeeting(other, accessToken, newKey())).status).toBe(401)
    expect(await app.refresh(refreshToken)).toMatchObject(gone)
    await admin('DELETE', revocationPath(subject), { bearer })
    await nextSecond()
  })

  test('with a code on a device without a browser', async () => {
    const device = { client_id: 'upcoming-terminal', scope: 'feed' }
    const { status, body } = await app.post(feedPaths.deviceAuthorization, device)
    expect(status).toBe(200)
    expect(body).toEqual({
      device_code: expect.any(String),
      user_code: expect.stringMatching(/^[B-Z]{4}-[B-Z]{4}$/),
      verification_uri: issuer + feedPaths.device,
      expires_in: 600,
    })
    const ask = () =>
      app.token({
        grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
        client_id: 'upcoming-terminal',
        device_code: String(body.device_code),
      })
    expect(await ask()).toMatchObject({ status: 400, body: { error: 'authorization_pending' } })
    expect(await ask()).toMatchObject({ status: 400, body: { error: 'slow_down' } })

    const at = browser(other)
    const wrong = await at.press(await at.go(feedPaths.device), { user_code: 'BBBB-BBBB' })
    expect(wrong.text).toContain('This did not work.')
    const asked = await at.press(wrong, { user_code: String(body.user_code).toLowerCase() })
    expect(asked.text).toContain('Upcoming in a terminal')
    expect(asked.text).toContain(String(body.user_code))
    const done = await at.choose(await at.press(asked, { confirm: 'yes' }))
    expect(done.text).toContain('You are signed in.')
    const tokens = await ask()
    expect(tokens).toMatchObject({ status: 200, body: { scope: 'feed', token_type: 'Bearer' } })
    expect(await ask()).toMatchObject(gone)
  })

  test('and neither the database nor the log has a token or a code', async () => {
    const { back, verifier } = await app.authorize()
    const code = back.url.searchParams.get('code') ?? ''
    const { body } = await app.redeem(code, verifier)
    const rows = JSON.stringify(await world.sql('select * from app_records'), (_, value) =>
      value?.type === 'Buffer' ? Buffer.from(value.data).toString('latin1') : value,
    )
    for (const secret of [code, verifier, String(body.access_token), String(body.refresh_token)]) {
      expect(secret.length).toBeGreaterThan(40)
      expect([rows, ...world.logged].some((text) => text.includes(secret))).toBe(false)
    }
  })
})
