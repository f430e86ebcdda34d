import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  onTestFinished,
  test,
  vi,
} from 'vitest'
import { feedPaths } from '../../../src/contract/feed.ts'
import { paths } from '../../../src/contract/paths.ts'
import { mailboxes, type Person } from '../../../src/simulator/people.ts'
import { deactivated, outsider, userId } from '../../../src/simulator/zoom/users.ts'
import { newKey, nextSecond, putMeeting } from '../../kit.ts'
import { decide } from '../admin/kit.ts'
import { type Identity, openIdentity, publicUrl, tim, vint } from '../identity/kit.ts'
import { ada, engines } from '../kit.ts'
import { appAt, authorizeAddress, browser, issuer, proofKey, type Shown, withApps } from './kit.ts'

const alan: Person = mailboxes['no-bridge']
const zoomCallback = '/apps/sign-in/zoom'
const redirectUris = [publicUrl + paths.zoomLoginCallback, publicUrl + zoomCallback]

describe('a person without an account in Entra signs in to an app at Zoom', () => {
  let identity: Identity
  let origin: string
  let app: ReturnType<typeof appAt>
  let session: string
  beforeAll(async () => {
    identity = await openIdentity(engines.at(-1) ?? 'embedded', withApps, { redirectUris })
    origin = identity.service.origin
    app = appAt(origin)
  })
  beforeEach(async () => {
    session = (await sessionOf()).session
  })
  afterEach(() => identity.world.faults.clear())
  afterAll(() => identity.close())

  /** Goes to Zoom from the page of the sign-in. */
  async function toZoom(changes: Record<string, string> = {}) {
    const key = proofKey()
    const at = browser(origin)
    const zoom = await at.press(await at.go(authorizeAddress(key.challenge, changes)), { answer: 'zoom' })
    return { ...key, at, zoom }
  }
  /** Chooses a Zoom user on Zoom's page, and lets the app in. */
  const atZoom = (at: ReturnType<typeof browser>, { url }: Shown, id = userId(tim.emailAddress)) =>
    at.go(url, { person: id, allow: 'yes' })
  /**
   * A token that is revoked takes the others of its Zoom user with it. That of a sign-in is revoked a moment after its answer,
   * which no person is fast enough to meet.
   */
  const sessionOf = (...asked: Parameters<Identity['session']>) =>
    vi.waitFor(() => identity.session(...asked), { timeout: 10_000, interval: 50 })
  async function signInAs(id?: string) {
    const isFaulty = identity.world.faults.waiting().length > 0
    for (let tried = 0; ; tried++) {
      const answer = await signInOnce(id)
      if (isFaulty || answer.error_description !== 'zoom_unreachable' || tried === 20) return answer
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
  async function signInOnce(id?: string) {
    const { at, zoom, verifier } = await toZoom()
    const { url } = await atZoom(at, zoom, id)
    const answer = Object.fromEntries(url.searchParams)
    return { ...answer, verifier } as { code?: string; error?: string; error_description?: string } & {
      verifier: string
    }
  }
  const refusedAs = (why: string) => ({ error: 'access_denied', error_description: why, iss: issuer })

  test('in the browser, and the app schedules for them', async () => {
    const { code = '', verifier } = await signInAs()
    const { status, body } = await app.redeem(code, verifier)
    expect(status).toBe(200)
    expect((await putMeeting(origin, String(body.access_token), newKey())).status).toBe(200)
    expect(identity.world.zoom.meetings().at(-1)).toMatchObject({ host_email: tim.emailAddress })
    expect((await app.refresh(String(body.refresh_token))).status).toBe(200)
  })

  test('with a code on a device without a browser', async () => {
    const device = { client_id: 'upcoming-terminal', scope: 'feed' }
    const { user_code = '', device_code = '' } = (await app.post(feedPaths.deviceAuthorization, device))
      .body as Record<string, string>
    const at = browser(origin)
    const asked = await at.press(await at.go(feedPaths.device), { user_code })
    const choice = await at.press(asked, { confirm: 'yes' })
    expect(choice.text).toContain('Sign in with Microsoft')
    expect(choice.text).not.toContain('on this device')
    const done = await atZoom(at, await at.press(choice, { answer: 'zoom' }))
    expect(done.text).toContain('You are signed in.')
    const grant_type = 'urn:ietf:params:oauth:grant-type:device_code'
    expect((await app.token({ ...device, grant_type, device_code })).status).toBe(200)
  })

  test('on the page of the service itself, and their colleague at Microsoft', async () => {
    const upcoming = { client_id: 'upcoming', redirect_uri: `${issuer}/upcoming/` }
    const at = browser(origin)
    const choice = await at.go(authorizeAddress(proofKey().challenge, upcoming))
    expect(choice.url.pathname).toBe('/apps/sign-in')
    const back = await at.choose(await at.press(choice, { answer: 'entra' }))
    expect(back.url.searchParams.get('code')).toBeTruthy()
  })

  test.each<[string, object, string]>([
    ['does not answer about the code', { match: 'POST /oauth/token', status: 503 }, 'zoom_unreachable'],
    [
      'refuses the service',
      { match: 'POST /oauth/token', status: 401, body: { error: 'invalid_client' } },
      'zoom_misconfigured',
    ],
    ['does not say who it was', { match: 'GET /v2/users/me', status: 503 }, 'zoom_unreachable'],
  ])('again, if Zoom %s', async (_, how, why) => {
    identity.world.faults.add({ vendor: 'zoom', ...how })
    expect(await signInAs()).toMatchObject(refusedAs(why))
    expect((await signInAs()).code).toBeTruthy()
  })

  test('and cancels there: nobody was signed in', async () => {
    const { at, zoom } = await toZoom()
    const { url } = await at.go(zoom.url, { decline: 'yes' })
    expect(url.searchParams.get('error')).toBe('access_denied')
  })

  test('and an organisation that lets their mailbox sign in no more ends what the app may do', async () => {
    const { code = '', verifier } = await signInAs()
    const { body } = await app.redeem(code, verifier)
    for (const name of ['zoomSignIn', 'exchangeSignIn'] as const) {
      await decide(identity.world, identity.ask, [{ group: null, name, value: 'off' }])
      const why = name === 'zoomSignIn' ? 'zoom_sign_in_not_allowed' : 'exchange_sign_in_not_allowed'
      expect(await signInAs()).toMatchObject(refusedAs(why))
    }
    expect((await putMeeting(origin, String(body.access_token), newKey())).status).toBe(403)
    await decide(identity.world, identity.ask, [])
    expect((await putMeeting(origin, String(body.access_token), newKey())).status).toBe(200)
  })

  describe('and an attacker signs in as nobody by', () => {
    test('a Zoom user of another account', async () => {
      expect(await signInAs(outsider.id)).toMatchObject(refusedAs('zoom_other_account'))
    })

    test('a Zoom user whom only the sign-in name has found: a person of Entra signs in at Entra', async () => {
      await putMeeting(origin, await identity.world.token(ada), newKey())
      expect(await signInAs(userId(ada.emailAddress))).toMatchObject(refusedAs('link_required'))
    })

    test('a Zoom user who has the address of a mailbox, and never proved it', async () => {
      expect(await signInAs(userId(vint.emailAddress))).toMatchObject(refusedAs('link_required'))
      expect(await signInAs(userId(alan.emailAddress))).toMatchObject(refusedAs('link_required'))
    })

    test('a Zoom user of two mailboxes', async () => {
      await sessionOf(vint, tim.emailAddress)
      expect(await signInAs()).toMatchObject(refusedAs('link_required'))
      await sessionOf(vint, vint.emailAddress)
      expect((await signInAs()).code).toBeTruthy()
    })

    test('a user whom Zoom has deactivated', async () => {
      identity.world.zoom.portal.putUser(tim.emailAddress, { status: 'inactive' })
      onTestFinished(() => void identity.world.zoom.portal.putUser(tim.emailAddress, { status: 'active' }))
      expect(await signInAs()).toMatchObject(refusedAs('no_zoom_account'))
      expect((await signInAs(userId(deactivated))).code).toBeUndefined()
      // What has ended the person's proofs has ended those of the same second.
      await nextSecond()
    })

    test('a Zoom user who has disconnected', async () => {
      await identity.ask('DELETE', paths.me, { bearer: session })
      expect(await signInAs()).toMatchObject(refusedAs('link_required'))
      await nextSecond()
    })

    test('Zoom’s answer in the place of Entra’s, or the other way round (RFC 9700, 4.4)', async () => {
      const { at, zoom } = await toZoom()
      const answer = await codeOf(zoom, { person: userId(tim.emailAddress), allow: 'yes' })
      const moved = answer.replace(zoomCallback, '/apps/sign-in/callback')
      expect((await at.go(moved)).status).toBe(400)
      const other = browser(origin)
      const entra = await other.press(await other.go(authorizeAddress(proofKey().challenge)), {
        answer: 'entra',
      })
      const fromEntra = await codeOf(entra, { person: ada.objectId })
      expect((await other.go(fromEntra.replace('/apps/sign-in/callback', zoomCallback))).status).toBe(400)
    })

    test('an answer of Zoom a second time, or in another browser (RFC 9700, 4.7)', async () => {
      const { at, zoom } = await toZoom()
      const answer = await codeOf(zoom, { person: userId(tim.emailAddress), allow: 'yes' })
      const { at: victim } = await toZoom()
      expect((await victim.go(answer)).status).toBe(400)
      expect((await at.go(answer)).url.searchParams.get('code')).toBeTruthy()
      expect((await at.go(answer)).status).toBe(400)
    })

    test('a stolen code of Zoom in a sign-in of their own (RFC 9700, 4.5)', async () => {
      const { zoom } = await toZoom()
      const stolen = new URL(await codeOf(zoom, { person: userId(tim.emailAddress), allow: 'yes' }))
      const { at, zoom: own } = await toZoom()
      const answer = new URL(redirectUris[1] as string)
      answer.searchParams.set('state', own.url.searchParams.get('state') ?? '')
      answer.searchParams.set('code', stolen.searchParams.get('code') ?? '')
      const { url } = await at.go(answer)
      expect(Object.fromEntries(url.searchParams)).toMatchObject(refusedAs('link_expired'))
    })
  })
})

/** Where a provider's page sends the browser, which does not go there. */
async function codeOf({ url }: Shown, form: Record<string, string>): Promise<string> {
  const sent = await fetch(url, { method: 'POST', redirect: 'manual', body: new URLSearchParams(form) })
  return sent.headers.get('location') ?? ''
}
