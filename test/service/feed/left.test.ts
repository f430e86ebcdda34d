import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { connectionPath } from '../../../src/contract/paths.ts'
import { mailboxes } from '../../../src/simulator/people.ts'
import { outsider, userId } from '../../../src/simulator/zoom/users.ts'
import { newKey, putMeeting } from '../../kit.ts'
import { type Identity, openIdentity, tim } from '../identity/kit.ts'
import { ada, engines } from '../kit.ts'
import { appAt, withApps, zoomRedirectUris } from './kit.ts'

const alan = mailboxes['no-bridge']
const gone = { status: 400, body: { error: 'invalid_grant' } }

describe('an app of a person who leaves', () => {
  let identity: Identity
  let origin: string
  let app: ReturnType<typeof appAt>
  /** Tim's session. */
  let tims: string
  beforeAll(async () => {
    const settings = { ...withApps, ZOOM_CONNECT: true }
    identity = await openIdentity(engines.at(-1) ?? 'embedded', settings, { redirectUris: zoomRedirectUris })
    origin = identity.service.origin
    app = appAt(origin)
    tims = (await identity.session()).session
  })
  afterEach(async () => {
    await identity.world.faults.clear()
    identity.world.entra.directory.reset()
    identity.world.zoom.portal.putUser(tim.emailAddress, { status: 'active' })
  })
  afterAll(() => identity.close())

  /** Signs in at Entra, as a person who has connected their calendar two hours ago. */
  async function atEntra() {
    const bearer = await identity.world.token(ada)
    const { status } = await identity.ask('PUT', connectionPath('microsoft'), { bearer })
    expect(status).toBe(200)
    const tokens = await app.signIn(ada)
    await identity.sql("update credentials set replaced_at = now() - interval '2 hours'")
    return tokens
  }
  const atZoom = () => app.signInAtZoom(userId(tim.emailAddress))
  type Tokens = { accessToken: string; refreshToken: string }
  type Call = { vendor: 'entra' | 'zoom'; match: string }

  /** Tim connects a Zoom account of his own, and disconnects it: nothing says any more which user of the organisation's he is. */
  async function forgetZoom(): Promise<void> {
    const bearer = tims
    const path = connectionPath('zoom')
    const body = await identity.signInAtZoom(outsider.email)
    expect(await identity.ask('PUT', path, { bearer, body })).toMatchObject({ status: 200 })
    expect(await identity.ask('DELETE', path, { bearer })).toMatchObject({ status: 204 })
  }

  const ways: [string, () => Promise<Tokens>, () => void, Call][] = [
    [
      'Entra refuses the credential of their calendar',
      atEntra,
      () => identity.world.entra.directory.revokeSessions(Date.now()),
      { vendor: 'entra', match: 'oauth2/v2.0/token' },
    ],
    [
      'Zoom has deactivated them',
      atZoom,
      () => void identity.world.zoom.portal.putUser(tim.emailAddress, { status: 'inactive' }),
      { vendor: 'zoom', match: `GET /v2/users/${userId(tim.emailAddress)}` },
    ],
  ]

  test.each(ways)('is signed out when it refreshes its tokens, if %s', async (_, signIn, leave) => {
    const { accessToken, refreshToken } = await signIn()
    leave()
    expect(await app.refresh(refreshToken)).toMatchObject(gone)
    expect((await putMeeting(origin, accessToken, newKey())).status).toBe(401)
    const [last] = await identity.sql(
      "select act, detail from audit where act like 'app %' order by seq desc limit 1",
    )
    expect(last).toEqual({ act: 'app session ended', detail: 'app=upcoming-terminal reason=refused' })
  })

  test.each(ways)(
    'goes on while nobody says so: not “%s”, but no answer',
    async (_, signIn, _leave, call) => {
      const { refreshToken } = await signIn()
      identity.world.faults.add({ ...call, status: 503, times: 3 })
      const { status, body } = await app.refresh(refreshToken)
      expect(status).toBe(200)
      await identity.world.faults.clear()
      expect((await app.refresh(String(body.refresh_token))).status).toBe(200)
    },
  )

  test('is signed out when it refreshes its tokens, if their mailbox has no Zoom user any more', async () => {
    const { refreshToken } = await atZoom()
    await forgetZoom()
    // A token that Zoom revokes takes the others of its user with it for a moment.
    onTestFinished(() => vi.waitFor(() => identity.session(), { timeout: 10_000 }).then(() => {}))
    expect(await app.refresh(refreshToken)).toMatchObject(gone)
  })

  describe('of whom nobody can be asked, because they have connected no calendar in Microsoft 365,', () => {
    /** Hours ago. */
    async function signedIn(hours: number) {
      const tokens = await app.signIn(alan)
      await identity.sql(
        `update app_sessions set proved_at = proved_at - interval '${hours} hours', until = until - interval '${hours} hours'`,
      )
      return tokens
    }

    test('goes on for a day after their sign-in, however often it refreshes its tokens, with a Zoom account of their own too', async () => {
      const { refreshToken } = await signedIn(23)
      const bearer = await identity.world.token(alan)
      const login = await identity.signInAtZoom(outsider.email)
      const path = connectionPath('zoom')
      expect(await identity.ask('PUT', path, { bearer, body: login })).toMatchObject({ status: 200 })
      onTestFinished(async () => void (await identity.ask('DELETE', path, { bearer })))
      const { status, body } = await app.refresh(refreshToken)
      expect(status).toBe(200)
      await identity.sql("update app_sessions set until = until - interval '1 hour'")
      expect(await app.refresh(String(body.refresh_token))).toMatchObject(gone)
      expect((await putMeeting(origin, String(body.access_token), newKey())).status).toBe(401)
    })

    test('goes on for longer once they have connected it, and is signed out when they disconnect it', async () => {
      const { refreshToken } = await signedIn(0)
      const bearer = await identity.world.token(alan)
      const path = connectionPath('microsoft')
      expect(await identity.ask('PUT', path, { bearer })).toMatchObject({ status: 200 })
      const next = await app.refresh(refreshToken)
      expect(next.status).toBe(200)
      await identity.sql(
        "update app_sessions set proved_at = proved_at - interval '25 hours', until = until - interval '25 hours'",
      )
      const last = await app.refresh(String(next.body.refresh_token))
      expect(last.status).toBe(200)
      expect(await identity.ask('DELETE', path, { bearer })).toMatchObject({ status: 204 })
      expect(await app.refresh(String(last.body.refresh_token))).toMatchObject(gone)
      expect((await putMeeting(origin, String(last.body.access_token), newKey())).status).toBe(401)
    })
  })
})
