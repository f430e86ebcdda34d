import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { connectionPath, paths } from '../../../src/contract/paths.ts'
import { userId } from '../../../src/simulator/zoom/users.ts'
import { newKey, putMeeting } from '../../kit.ts'
import { type Identity, openIdentity, publicUrl, tim } from '../identity/kit.ts'
import { ada, engines } from '../kit.ts'
import { appAt, authorizeAddress, browser, proofKey, withApps } from './kit.ts'

const redirectUris = [paths.zoomLoginCallback, '/apps/sign-in/zoom'].map((path) => publicUrl + path)
const gone = { status: 400, body: { error: 'invalid_grant' } }

describe('an app of a person who leaves', () => {
  let identity: Identity
  let origin: string
  let app: ReturnType<typeof appAt>
  beforeAll(async () => {
    identity = await openIdentity(engines.at(-1) ?? 'embedded', withApps, { redirectUris })
    origin = identity.service.origin
    app = appAt(origin)
    await identity.session()
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
  async function atZoom() {
    const { challenge, verifier } = proofKey()
    const at = browser(origin)
    const zoom = await at.press(await at.go(authorizeAddress(challenge)), { answer: 'zoom' })
    const { url } = await at.go(zoom.url, { person: userId(tim.emailAddress), allow: 'yes' })
    const { body } = await app.redeem(url.searchParams.get('code') ?? '', verifier)
    return { accessToken: String(body.access_token), refreshToken: String(body.refresh_token) }
  }

  type Tokens = { accessToken: string; refreshToken: string }
  type Call = { vendor: 'entra' | 'zoom'; match: string }
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

  test('goes on if they have connected no calendar in Microsoft 365, and nobody is asked', async () => {
    const { refreshToken } = await app.signIn(ada)
    expect((await app.refresh(refreshToken)).status).toBe(200)
  })
})
