import { createHash, createHmac } from 'node:crypto'
import { Hono } from 'hono'
import moment from 'moment-timezone'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Faults } from '../../src/simulator/kit/faults.ts'
import { createZoom } from '../../src/simulator/zoom/api.ts'
import { credentials, userCredentials } from '../../src/simulator/zoom/apps.ts'
import { granularScopes } from '../../src/simulator/zoom/oauth.ts'
import { timeZones } from '../../src/simulator/zoom/time-zones.ts'
import { deactivated, findUser, outsider, unlicensed } from '../../src/simulator/zoom/users.ts'
import { opened } from './serve.ts'

const ada = 'ada@contoso.example'
const alan = 'alan@contoso.example'
const day = 86_400_000
const morning = Date.parse('2026-11-23T08:00:00Z')
const afternoon = { topic: 'Budget', type: 2, start_time: '2026-11-23T14:00:00Z', duration: 30 }

const redirectUri = 'https://addin.example/link/zoom/callback'
const clock = { now: morning }
const scopes = [...granularScopes]
let zoom: Awaited<ReturnType<typeof openZoom>>
const openZoom = () =>
  opened((origin) =>
    createZoom({
      faults: new Faults(),
      origin,
      scopes,
      now: () => clock.now,
      redirectUris: [redirectUri],
    }),
  )

beforeAll(async () => {
  zoom = await openZoom()
})
afterAll(() => zoom.close())
beforeEach(() => {
  zoom.reset()
  clock.now = morning
  scopes.splice(0, scopes.length, ...granularScopes)
})

const basic = `Basic ${btoa(`${credentials.clientId}:${credentials.clientSecret}`)}`
const account = { grant_type: 'account_credentials', account_id: credentials.accountId }

async function answered(response: Response) {
  const text = await response.text()
  const body: Record<string, unknown> = text ? JSON.parse(text) : {}
  return { status: response.status, headers: response.headers, body }
}

async function askToken(form: Record<string, string> = account, authorization = basic) {
  const request = { method: 'POST', headers: { authorization }, body: new URLSearchParams(form) }
  return answered(await fetch(`${zoom.origin}/oauth/token`, request))
}

async function signedIn() {
  return asking((await askToken()).body.access_token)
}

function asking(token: unknown) {
  const authorization = `Bearer ${token}`
  return async (call: string, content?: unknown) => {
    const [method = '', path = ''] = call.split(' ')
    const response = await fetch(`${zoom.origin}/v2${path}`, {
      method,
      headers: { authorization, ...(content !== undefined && { 'content-type': 'application/json' }) },
      ...(content !== undefined && {
        body: typeof content === 'string' ? content : JSON.stringify(content),
      }),
    })
    return answered(response)
  }
}

/** The fields that a refusal names. */
const named = (body: Record<string, unknown>) =>
  Array.isArray(body.errors) ? body.errors.map((error: { field: string }) => error.field) : []

describe('signing in', () => {
  it('the account gets a token for an hour', async () => {
    const { status, body } = await askToken()
    expect(status).toBe(200)
    expect(body).toMatchObject({ token_type: 'bearer', expires_in: 3600, scope: granularScopes.join(' ') })
  })

  it('the token can also be requested by query, as the documentation shows', async () => {
    const address = `${zoom.origin}/oauth/token?${new URLSearchParams(account)}`
    expect((await fetch(address, { method: 'POST', headers: { authorization: basic } })).status).toBe(200)
  })

  it.each([
    ['a wrong secret', account, `Basic ${btoa('someone:else')}`, 'invalid_client'],
    ['another account', { ...account, account_id: 'other' }, basic, 'invalid_request'],
    ['a grant it does not have', { grant_type: 'password' }, basic, 'unsupported_grant_type'],
  ])('%s is refused', async (_, form, authorization, error) => {
    const { status, body } = await askToken(form, authorization)
    expect({ status, error: body.error }).toEqual({ status: 400, error })
    expect(body.reason).toBeTypeOf('string')
  })

  it('a call without a token is refused', async () => {
    const { status, body } = await answered(await fetch(`${zoom.origin}/v2/users/${ada}`))
    expect({ status, code: body.code }).toEqual({ status: 401, code: 124 })
  })

  it('a token expires after an hour', async () => {
    const ask = await signedIn()
    clock.now += 3_599_999
    expect((await ask(`GET /users/${ada}`)).status).toBe(200)
    clock.now += 1
    expect(await ask(`GET /users/${ada}`)).toMatchObject({ status: 401, body: { code: 124 } })
  })

  it('a new token ends the last one, unless it has its own index', async () => {
    const first = await signedIn()
    await askToken({ ...account, index: '1' })
    expect((await first(`GET /users/${ada}`)).status).toBe(200)
    await askToken()
    expect(await first(`GET /users/${ada}`)).toMatchObject({ status: 401, body: { code: 124 } })
  })

  it('a token survives a reset of the simulator', async () => {
    const ask = await signedIn()
    zoom.reset()
    expect((await ask(`GET /users/${ada}`)).status).toBe(200)
    zoom.endTokens()
    expect(await ask(`GET /users/${ada}`)).toMatchObject({ status: 401, body: { code: 124 } })
  })

  it('a missing scope is named', async () => {
    scopes.splice(0, scopes.length, 'user:read:user:admin')
    const ask = await signedIn()
    const { status, body } = await ask(`POST /users/${ada}/meetings`, afternoon)
    expect({ status, code: body.code }).toEqual({ status: 400, code: 4711 })
    expect(body.message).toContain('meeting:write:meeting:admin')
  })
})

describe('signing in with Zoom on a page', () => {
  const verifier = 'a verifier that only the service knows, as long as it has to be'
  const question = {
    response_type: 'code',
    client_id: userCredentials.clientId,
    redirect_uri: redirectUri,
    state: 'state-1',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  }
  const basicOfUserApp = `Basic ${btoa(`${userCredentials.clientId}:${userCredentials.clientSecret}`)}`

  const authorize = (changes: object = {}, form?: Record<string, string>) =>
    fetch(`${zoom.origin}/oauth/authorize?${new URLSearchParams({ ...question, ...changes })}`, {
      redirect: 'manual',
      ...(form && { method: 'POST', body: new URLSearchParams(form) }),
    })
  const returned = (response: Response) => {
    const to = new URL(response.headers.get('location') ?? 'nowhere:')
    expect(`${to.origin}${to.pathname}`).toBe(redirectUri)
    return Object.fromEntries(to.searchParams)
  }
  const allow = async (email = ada) => {
    const person = email === outsider.email ? outsider.id : (findUser(email)?.id ?? '')
    return returned(await authorize({}, { person, allow: 'yes' }))
  }
  const redemption = (code = '') => ({
    grant_type: 'authorization_code',
    code,
    redirect_uri: redirectUri,
    code_verifier: verifier,
  })
  const redeem = (form: Record<string, string>) => askToken(form, basicOfUserApp)
  const me = async (token: unknown, path = 'users/me') =>
    answered(
      await fetch(`${zoom.origin}/v2/${path}`, { headers: { authorization: `Bearer ${String(token)}` } }),
    )

  it('the page lists who can sign in, says that it is simulated, and refuses to be framed', async () => {
    const response = await authorize()
    expect(response.headers.get('x-frame-options')).toBe('DENY')
    const page = await response.text()
    expect(page).toContain('Sign in as Ada Lovelace')
    expect(page).toContain('stand-in')
    expect(page).not.toContain(deactivated)
  })

  it('a person must consent before an app learns who they are', async () => {
    const person = findUser(ada)?.id ?? ''
    const page = await (await authorize({}, { person })).text()
    expect(page).toContain('https://addin.example wants to see your name')
    expect(returned(await authorize({}, { person, decline: 'yes' }))).toEqual({
      error: 'access_denied',
      state: 'state-1',
    })
  })

  it('the code gives the app the person and their account', async () => {
    const { code, state } = await allow()
    expect(state).toBe('state-1')
    const { body } = await redeem(redemption(code))
    expect(body).toMatchObject({
      token_type: 'bearer',
      expires_in: 3600,
      scope: expect.stringContaining('user:read:user '),
    })
    expect((await me(body.access_token)).body).toMatchObject({
      id: findUser(ada)?.id,
      account_id: credentials.accountId,
      email: ada,
      type: 2,
    })
  })

  it('a person from another Zoom account has that account’s id', async () => {
    const { code } = await allow(outsider.email)
    const { body } = await redeem(redemption(code))
    expect((await me(body.access_token)).body).toMatchObject({
      email: outsider.email,
      account_id: 'another-account-id',
    })
    const ask = await signedIn()
    expect(await ask(`GET /users/${outsider.email}`)).toMatchObject({ status: 404, body: { code: 1001 } })
  })

  it('a person’s token works for that person and scope only, and expires', async () => {
    const { body } = await redeem(redemption((await allow()).code))
    expect(await me(body.access_token, `users/${unlicensed}`)).toMatchObject({ body: { code: 4711 } })
    expect(await me(body.access_token, 'users/me/assistants')).toMatchObject({ body: { code: 4711 } })
    clock.now += 3_600_000
    expect(await me(body.access_token)).toMatchObject({ status: 401, body: { code: 124 } })
  })

  it('a person’s token schedules for that person, in another account too, and reaches no other meeting', async () => {
    const { body } = await redeem(redemption((await allow(outsider.email)).code))
    const ask = asking(body.access_token)
    const { body: made } = await ask('POST /users/me/meetings', afternoon)
    expect(made).toMatchObject({ host_id: outsider.id })
    expect((await ask('GET /users/me/meetings')).body).toMatchObject({ total_records: 1 })
    const account = await signedIn()
    expect(await account(`GET /meetings/${made.id}`)).toMatchObject({ status: 404, body: { code: 3001 } })
    const { body: other } = await account(`POST /users/${ada}/meetings`, afternoon)
    expect(await ask(`GET /meetings/${other.id}`)).toMatchObject({ status: 400, body: { code: 3003 } })
    expect((await ask(`DELETE /meetings/${made.id}`)).status).toBe(204)
  })

  it('a refresh token counts once, and gives the next one', async () => {
    const first = (await redeem(redemption((await allow()).code))).body
    const refresh = (token: unknown) => redeem({ grant_type: 'refresh_token', refresh_token: String(token) })
    const second = (await refresh(first.refresh_token)).body
    expect((await me(second.access_token)).status).toBe(200)
    expect(second.refresh_token).not.toBe(first.refresh_token)
    for (const token of [first.refresh_token, 'invented'])
      expect(await refresh(token)).toMatchObject({
        status: 400,
        body: { reason: 'Invalid Token!', error: 'invalid_grant' },
      })
    expect((await refresh(second.refresh_token)).status).toBe(200)
  })

  it('a person who removes the app, or revokes a token, ends every token of theirs', async () => {
    for (const end of ['uninstall', 'revoke']) {
      const { body } = await redeem(redemption((await allow()).code))
      const later = (await redeem({ grant_type: 'refresh_token', refresh_token: String(body.refresh_token) }))
        .body
      if (end === 'uninstall') expect(zoom.marketplace.uninstall(ada)).toBe(true)
      else
        await fetch(`${zoom.origin}/oauth/revoke`, {
          method: 'POST',
          headers: { authorization: basicOfUserApp },
          body: new URLSearchParams({ token: String(later.access_token) }),
        })
      for (const token of [body.access_token, later.access_token]) expect((await me(token)).status).toBe(401)
      const form = { grant_type: 'refresh_token', refresh_token: String(later.refresh_token) }
      expect(await redeem(form)).toMatchObject({ body: { error: 'invalid_grant' } })
    }
    expect(zoom.marketplace.uninstall('nobody@contoso.example')).toBe(false)
  })

  it('a code works once, and a failed try uses it up', async () => {
    const { code } = await allow()
    await redeem({ ...redemption(code), code_verifier: 'guessed' })
    expect(await redeem(redemption(code))).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
  })

  it('a code expires after five minutes', async () => {
    const { code } = await allow()
    clock.now += 300_000
    expect(await redeem(redemption(code))).toMatchObject({
      status: 400,
      body: { error: 'invalid_grant', reason: 'Code is expired.' },
    })
  })

  it.each([
    ['a code nobody was given', { code: 'invented' }, 'invalid_grant'],
    ['another verifier', { code_verifier: 'guessed' }, 'invalid_grant'],
    ['another way back', { redirect_uri: `${redirectUri}/` }, 'invalid_request'],
    ['the grant of the other app', account, 'unsupported_grant_type'],
  ])('%s is refused', async (_, change, error) => {
    const { code } = await allow()
    expect(await redeem({ ...redemption(code), ...change })).toMatchObject({ status: 400, body: { error } })
  })

  it('the account’s app cannot redeem a code for the other app', async () => {
    const { code } = await allow()
    expect(await askToken(redemption(code))).toMatchObject({ body: { error: 'unsupported_grant_type' } })
  })

  it('a revoked token is invalid, and only its own app can revoke it', async () => {
    const { body } = await redeem(redemption((await allow()).code))
    const token = String(body.access_token)
    const revoke = async (authorization: string) =>
      answered(
        await fetch(`${zoom.origin}/oauth/revoke`, {
          method: 'POST',
          headers: { authorization },
          body: new URLSearchParams({ token }),
        }),
      )
    expect(await revoke(basic)).toMatchObject({ status: 400, body: { error: 'invalid_request' } })
    expect(await revoke(basicOfUserApp)).toMatchObject({ status: 200, body: { status: 'success' } })
    expect(await me(token)).toMatchObject({ status: 401, body: { code: 124 } })
    expect(JSON.stringify(zoom.requests())).not.toContain(token)
  })

  it.each([
    ['another app', { client_id: credentials.clientId }, '4,702'],
    ['a way back that is not registered', { redirect_uri: `${redirectUri}?x` }, '4,700'],
  ])('%s is never sent anywhere', async (_, change, number) => {
    const response = await authorize(change)
    expect({ status: response.status, location: response.headers.get('location') }).toEqual({
      status: 400,
      location: null,
    })
    expect(await response.text()).toContain(number)
  })

  it.each([
    ['without PKCE', { code_challenge: '' }],
    ['with PKCE in plain', { code_challenge_method: 'plain' }],
    ['for tokens without a code', { response_type: 'token' }],
  ])('a request %s goes back with an error', async (_, change) => {
    expect(returned(await authorize(change))).toHaveProperty('error')
  })
})

describe('a user', () => {
  it('is found by address in any case, and by id', async () => {
    const ask = await signedIn()
    const { body } = await ask('GET /users/Ada@Contoso.example')
    expect(body).toMatchObject({ email: ada, type: 2, status: 'active', id: findUser(ada)?.id })
    expect((await ask(`GET /users/${body.id}`)).body).toMatchObject({ email: ada })
  })

  it.each(['nobody@contoso.example', 'me'])('%s is unknown', async (who) => {
    const ask = await signedIn()
    expect(await ask(`GET /users/${who}`)).toMatchObject({
      status: 404,
      body: { code: 1001, message: `User does not exist: ${who}.` },
    })
  })

  it.each([
    [unlicensed, 3161],
    [deactivated, 3000],
  ])('%s may not schedule', async (who, code) => {
    const ask = await signedIn()
    expect(await ask(`POST /users/${who}/meetings`, afternoon)).toMatchObject({ status: 400, body: { code } })
  })
})

describe('creating', () => {
  it('a meeting has an id, a passcode and a link', async () => {
    const ask = await signedIn()
    const { status, body } = await ask(`POST /users/${ada}/meetings`, afternoon)
    expect(status).toBe(201)
    expect(body).toMatchObject({
      ...afternoon,
      status: 'waiting',
      host_email: ada,
      host_id: findUser(ada)?.id,
      created_at: '2026-11-23T08:00:00Z',
      join_url: `${zoom.origin}/j/${body.id}?pwd=${body.encrypted_password}`,
    })
    expect(String(body.id)).toMatch(/^\d{11}$/)
    expect(body.password).toMatch(/^\d{6}$/)
    expect(body.settings).toMatchObject({ global_dial_in_numbers: [{ country: 'US' }, { country: 'GB' }] })
  })

  it('a meeting created twice is two meetings', async () => {
    const ask = await signedIn()
    await ask(`POST /users/${ada}/meetings`, afternoon)
    await ask(`POST /users/${ada}/meetings`, afternoon)
    expect(new Set(zoom.meetings().map((meeting) => meeting.id)).size).toBe(2)
  })

  it('a recurring meeting has no start', async () => {
    const ask = await signedIn()
    const { body } = await ask(`POST /users/${ada}/meetings`, { ...afternoon, type: 3 })
    expect(body).toMatchObject({ type: 3 })
    expect(body).not.toHaveProperty('start_time')
  })

  it('a scheduled meeting without a start becomes an instant one', async () => {
    const ask = await signedIn()
    expect((await ask(`POST /users/${ada}/meetings`, { type: 2 })).body).toMatchObject({ type: 1 })
  })

  it.each([
    ['2026-11-23T14:00:00Z', 'Europe/Berlin', '2026-11-23T14:00:00Z'],
    ['2026-11-23T14:00:00', 'Europe/Berlin', '2026-11-23T13:00:00Z'],
    ['2026-07-23T14:00:00', 'Europe/Berlin', '2026-07-23T12:00:00Z'],
    ['2026-11-23T14:00:00', 'Asia/Kolkata', '2026-11-23T08:30:00Z'],
    ['2026-11-23T14:00:00', undefined, '2026-11-23T19:00:00Z'],
    ['2026-11-23T14:00:00', 'America/Vancouver', '2026-11-23T21:00:00Z'],
    ['2026-11-23T14:00:00', 'America/Edmonton', '2026-11-23T20:00:00Z'],
    ['2026-11-23T14:00:00', 'America/Winnipeg', '2026-11-23T19:00:00Z'],
    ['2026-11-23T14:00:00', 'Africa/Casablanca', '2026-11-23T14:00:00Z'],
  ])('%s in %s is %s', async (start_time, timezone, start) => {
    clock.now = Date.parse('2026-07-01T08:00:00Z')
    const ask = await signedIn()
    const { body } = await ask(`POST /users/${ada}/meetings`, { type: 2, start_time, timezone })
    expect(body.start_time).toBe(start)
  })

  it('every time zone in Zoom’s list is accepted', () => {
    for (const zone of timeZones) expect(moment.tz.zone(zone), zone).not.toBeNull()
    expect(timeZones.size).toBe(135)
  })

  it.each([
    ['an unknown field', { start_date: '2026-11-23' }, 'start_date'],
    ['a misspelt setting', { settings: { participants_video: true } }, 'settings.participants_video'],
    ['a name every object has', { constructor: 1 }, 'constructor'],
    ['a wrong type', { duration: '30' }, 'duration'],
    ['half a minute', { duration: 0.5 }, 'duration'],
    ['a setting with a value Zoom has not', { settings: { jbh_time: 7 } }, 'settings.jbh_time'],
    ['a topic of 201 characters', { topic: 'x'.repeat(201) }, 'topic'],
    ['an agenda of 2001 characters', { agenda: 'x'.repeat(2001) }, 'agenda'],
    ['a passcode of 11 characters', { password: '12345678901' }, 'password'],
    ['a passcode with a blank', { password: 'open me' }, 'password'],
    ['a day the calendar has not', { start_time: '2026-02-30T14:00:00Z' }, 'start_time'],
    ['a start with an offset', { start_time: '2026-11-23T14:00:00+01:00' }, 'start_time'],
    ['a start without seconds', { start_time: '2026-11-23T14:00Z' }, 'start_time'],
    ['a zone by its Windows name', { timezone: 'W. Europe Standard Time' }, 'timezone'],
    ['a zone outside the list', { timezone: 'Pacific/Chatham' }, 'timezone'],
    [
      'something deep inside',
      { settings: { meeting_invitees: [{ mail: 'x@y' }] } },
      'settings.meeting_invitees[0].mail',
    ],
    ['a type it does not play', { type: 8 }, 'type'],
  ])('%s is refused, naming it', async (_, wrong, field) => {
    const ask = await signedIn()
    const { status, body } = await ask(`POST /users/${ada}/meetings`, { ...afternoon, ...wrong })
    expect({ status, code: body.code, fields: named(body) }).toEqual({
      status: 400,
      code: 300,
      fields: [field],
    })
    expect(zoom.meetings()).toEqual([])
  })

  it.each(['[]', 'null', '{"topic":', ''])('%j is refused as a body', async (body) => {
    const ask = await signedIn()
    expect(await ask(`POST /users/${ada}/meetings`, body)).toMatchObject({ status: 400, body: { code: 300 } })
  })

  it.each([unlicensed, deactivated, 'claude@contoso.example', 'nobody@contoso.example'])(
    'not for %s, who has not given the privilege',
    async (schedule_for) => {
      const ask = await signedIn()
      expect(await ask(`POST /users/${ada}/meetings`, { ...afternoon, schedule_for })).toMatchObject({
        status: 400,
        body: { code: 3000, message: `You cannot schedule a meeting for ${schedule_for}` },
      })
      expect(zoom.meetings()).toEqual([])
    },
  )

  it('an instant meeting for another user is refused, even with the privilege', async () => {
    const ask = await signedIn()
    const instant = { topic: 'Now', type: 1, schedule_for: alan }
    expect(await ask(`POST /users/${ada}/meetings`, instant)).toMatchObject({ body: { code: 3000 } })
  })
})

describe('scheduling for another', () => {
  it('needs their privilege, and the meeting is theirs', async () => {
    const ask = await signedIn()
    const answer = await ask(`POST /users/${ada}/meetings`, { ...afternoon, schedule_for: alan })
    expect(answer).toMatchObject({ status: 201, body: { host_email: alan } })
  })

  it('is listed for assistants and for schedulers', async () => {
    const ask = await signedIn()
    const { body: given } = await ask(`GET /users/${alan}/assistants`)
    expect(given.assistants).toContainEqual({ id: findUser(ada)?.id, email: ada })
    const { body: got } = await ask(`GET /users/${ada}/schedulers`)
    expect(got.schedulers).toContainEqual({ id: findUser(alan)?.id, email: alan })
  })

  it('ends when the privilege is withdrawn', async () => {
    const ask = await signedIn()
    expect((await ask(`DELETE /users/${alan}/assistants/${findUser(ada)?.id}`)).status).toBe(204)
    const { body: left } = await ask(`GET /users/${alan}/assistants`)
    expect(left.assistants).not.toContainEqual({ id: findUser(ada)?.id, email: ada })
    const answer = await ask(`POST /users/${ada}/meetings`, { ...afternoon, schedule_for: alan })
    expect(answer).toMatchObject({ status: 400, body: { code: 3000 } })
  })
})

describe('changing', () => {
  async function scheduled(meeting: object = afternoon) {
    const ask = await signedIn()
    const { body } = await ask(`POST /users/${ada}/meetings`, meeting)
    const path = `/meetings/${body.id}`
    return { ask, path, created: body, current: async () => (await ask(`GET ${path}`)).body }
  }

  it('an update keeps the link and every field that it does not contain', async () => {
    const { ask, path, created, current } = await scheduled()
    const answer = await ask(`PATCH ${path}`, {
      topic: 'Budget, second reading',
      settings: { host_video: true },
    })
    expect({ status: answer.status, body: answer.body }).toEqual({ status: 204, body: {} })
    const { start_url: _, settings, ...same } = created
    expect(await current()).toMatchObject({ ...same, topic: 'Budget, second reading' })
    expect((await current()).settings).toEqual({ ...(settings as object), host_video: true })
  })

  it('a start in the past is ignored', async () => {
    const { ask, path, current } = await scheduled()
    await ask(`PATCH ${path}`, { topic: 'Moved', start_time: '2026-11-22T14:00:00Z' })
    expect(await current()).toMatchObject({ topic: 'Moved', start_time: afternoon.start_time })
    await ask(`PATCH ${path}`, { start_time: '2026-11-24T14:00:00Z' })
    expect(await current()).toMatchObject({ start_time: '2026-11-24T14:00:00Z' })
  })

  it('a meeting becomes a series, and a series a meeting', async () => {
    const { ask, path, current } = await scheduled()
    await ask(`PATCH ${path}`, { type: 3 })
    expect(await current()).not.toHaveProperty('start_time')
    expect((await ask(`PATCH ${path}`, { type: 2 })).body).toMatchObject({ code: 300 })
    await ask(`PATCH ${path}`, { type: 2, start_time: '2026-11-25T09:00:00Z' })
    expect(await current()).toMatchObject({ type: 2, start_time: '2026-11-25T09:00:00Z' })
  })

  it('an update refuses fields that only create accepts', async () => {
    const { ask, path } = await scheduled()
    expect(named((await ask(`PATCH ${path}`, { default_password: true })).body)).toEqual(['default_password'])
  })

  it('a deleted meeting is gone', async () => {
    const { ask, path } = await scheduled()
    expect((await ask(`DELETE ${path}`)).status).toBe(204)
    for (const call of [`GET ${path}`, `DELETE ${path}`, `PATCH ${path}`])
      expect(await ask(call, call.startsWith('PATCH') ? {} : undefined)).toMatchObject({
        status: 404,
        body: { code: 3001 },
      })
    expect(zoom.meetings()).toEqual([])
  })

  it('a meeting without occurrences refuses an occurrence id', async () => {
    const { ask, path, current } = await scheduled({ ...afternoon, type: 3 })
    expect(await ask(`DELETE ${path}?occurrence_id=1`)).toMatchObject({ status: 400, body: { code: 300 } })
    expect(await current()).toMatchObject({ type: 3 })
  })

  it.each([
    [
      'a scheduled meeting lives 30 days after its date',
      afternoon,
      Date.parse(afternoon.start_time) + 30 * day,
    ],
    ['a series lives 365 days', { type: 3 }, morning + 365 * day],
    [
      'a start before its date does not make it die earlier',
      afternoon,
      Date.parse(afternoon.start_time) + 30 * day,
      0,
    ],
    ['a start lets it live 30 days more', afternoon, morning + 60 * day, 30],
    ['a start lets a series live 365 days more', { type: 3 }, morning + 465 * day, 100],
  ])('%s', async (_, meeting, end, startedAfterDays?: number) => {
    const { path, created } = await scheduled(meeting)
    if (startedAfterDays !== undefined) {
      clock.now = morning + startedAfterDays * day
      expect(zoom.start(String(created.id))).toBe(true)
    }
    clock.now = end - 1
    expect((await (await signedIn())(`GET ${path}`)).status).toBe(200)
    clock.now = end
    expect((await (await signedIn())(`GET ${path}`)).body).toMatchObject({ code: 3001 })
  })

  it('past instances are listed while the meeting exists', async () => {
    const { ask, path, created, current } = await scheduled()
    const instances = `GET /past_meetings/${created.id}/instances`
    expect(await ask(instances)).toMatchObject({ status: 200, body: { meetings: [] } })
    zoom.start(String(created.id))
    expect((await ask(instances)).body).toEqual({
      meetings: [{ uuid: created.uuid, start_time: '2026-11-23T08:00:00Z' }],
    })
    expect((await current()).uuid).not.toBe(created.uuid)
    await ask(`DELETE ${path}`)
    expect(await ask(instances)).toMatchObject({ status: 404, body: { code: 3001 } })
    expect(zoom.start(String(created.id))).toBe(false)
  })

  it('a malformed meeting id is refused as such', async () => {
    const ask = await signedIn()
    expect(await ask('GET /meetings/next')).toMatchObject({ status: 400, body: { code: 300 } })
  })

  it('the link opens a page that names the meeting and says that it is simulated', async () => {
    const { created } = await scheduled({ ...afternoon, topic: '<b>Budget</b>' })
    const page = await fetch(String(created.join_url))
    const text = await page.text()
    expect(page.status).toBe(200)
    expect(text).toContain('&lt;b&gt;Budget&lt;/b&gt;')
    expect(text).toContain('2026-11-23T14:00:00Z')
    expect(text).toContain('stand-in')
    expect(await (await fetch(`${zoom.origin}/j/${created.id}`)).text()).not.toContain('Budget')
    expect((await fetch(`${zoom.origin}/j/12345678901`)).status).toBe(404)
  })
})

describe('listing', () => {
  it('a list has pages and contains the host’s own meetings only', async () => {
    const ask = await signedIn()
    for (const topic of ['one', 'two', 'three'])
      await ask(`POST /users/${ada}/meetings`, { ...afternoon, topic })
    const first = (await ask(`GET /users/${ada}/meetings?page_size=2`)).body
    expect(first).toMatchObject({ total_records: 3, meetings: [{ topic: 'one' }, { topic: 'two' }] })
    const rest = await ask(`GET /users/${ada}/meetings?page_size=2&next_page_token=${first.next_page_token}`)
    expect(rest.body).toMatchObject({ next_page_token: '', meetings: [{ topic: 'three', type: 2 }] })
    expect((await ask(`GET /users/${unlicensed}/meetings`)).body).toMatchObject({ meetings: [] })
  })

  it.each(['page_size=301', 'page_size=x', 'next_page_token=x', 'type=all'])(
    '%s is refused',
    async (query) => {
      const ask = await signedIn()
      expect(await ask(`GET /users/${ada}/meetings?${query}`)).toMatchObject({
        status: 400,
        body: { code: 300 },
      })
    },
  )
})

describe('limits', () => {
  it('20 meetings can be created in a second; the refusal says when the next second begins', async () => {
    const ask = await signedIn()
    const answers = []
    for (let count = 0; count < 21; count++) answers.push(await ask(`POST /users/${ada}/meetings`, afternoon))
    const last = answers.pop()
    expect(answers.every((answer) => answer.status === 201)).toBe(true)
    expect(answers.at(-1)?.headers.get('x-ratelimit-remaining')).toBe('0')
    expect(last).toMatchObject({ status: 429, body: { code: 429 } })
    expect(last?.headers.get('x-ratelimit-reset')).toBe(String(morning / 1000 + 1))
    clock.now += 1000
    expect((await ask(`POST /users/${ada}/meetings`, afternoon)).status).toBe(201)
  })

  it('a host can create and change 100 meetings a day, until midnight UTC', async () => {
    const ask = await signedIn()
    const { body } = await ask(`POST /users/${ada}/meetings`, afternoon)
    for (let count = 1; count < 100; count++) {
      clock.now += 50
      expect((await ask(`PATCH /meetings/${body.id}`, { topic: `${count}` })).status).toBe(204)
    }
    const over = await ask(`PATCH /meetings/${body.id}`, { topic: 'once more' })
    expect(over).toMatchObject({ status: 429, body: { code: 429 } })
    expect(over.headers.get('retry-after')).toBe('2026-11-24T00:00:00Z')
    expect((await ask(`DELETE /meetings/${body.id}`)).status).toBe(204)
    clock.now = Date.parse('2026-11-24T00:00:00Z')
    expect((await (await signedIn())(`POST /users/${ada}/meetings`, afternoon)).status).toBe(201)
  })

  it('one host’s meetings are deleted one at a time', async () => {
    const ask = await signedIn()
    const paths: string[] = []
    for (let count = 0; count < 10; count++)
      paths.push(`/meetings/${(await ask(`POST /users/${ada}/meetings`, afternoon)).body.id}`)
    const statuses = (await Promise.all(paths.map((path) => ask(`DELETE ${path}`)))).map(
      ({ status }) => status,
    )
    expect([...new Set(statuses)].sort()).toEqual([204, 429])
    expect(zoom.meetings()).toHaveLength(statuses.filter((status) => status === 429).length)
  })
})

describe('the record', () => {
  it('contains every request as received, without secrets', async () => {
    const ask = await signedIn()
    await ask(`POST /users/${ada}/meetings`, afternoon)
    await askToken({ ...account, client_secret: credentials.clientSecret })
    const [token, create] = zoom.requests()
    expect(token).toMatchObject({ method: 'POST', path: '/oauth/token', body: account, status: 200 })
    expect(create).toMatchObject({
      method: 'POST',
      path: `/v2/users/${ada}/meetings`,
      headers: { authorization: '[withheld]' },
      body: afternoon,
      status: 201,
    })
    expect(JSON.stringify(zoom.requests())).not.toContain(credentials.clientSecret)
  })

  it('an unknown path is refused as such', async () => {
    const ask = await signedIn()
    expect(await ask('GET /webinars/1')).toMatchObject({ status: 404, body: { code: 2300 } })
  })
})

describe('in the web portal, the administrator', () => {
  const idOf = async (ask: Awaited<ReturnType<typeof signedIn>>, email = ada) =>
    (await ask(`GET /users/${email}`)).body.id

  it('removes a user and their meetings: Zoom says that neither exists', async () => {
    const ask = await signedIn()
    const { body } = await ask(`POST /users/${ada}/meetings`, afternoon)
    await ask(`POST /users/${alan}/meetings`, afternoon)
    expect(zoom.portal.removeUser(ada)).toBe(true)
    expect(await ask(`GET /users/${ada}`)).toMatchObject({ status: 404, body: { code: 1001 } })
    expect(await ask(`GET /meetings/${body.id}`)).toMatchObject({ status: 404, body: { code: 3001 } })
    expect(zoom.meetings()).toMatchObject([{ host_email: alan }])
    expect(zoom.portal.removeUser(ada)).toBe(false)
  })

  it('adds a removed user again: the same address, another id', async () => {
    const ask = await signedIn()
    const before = await idOf(ask)
    zoom.portal.removeUser(ada)
    zoom.portal.putUser(ada, {})
    const after = await idOf(ask)
    expect(after).not.toBe(before)
    expect(await ask(`POST /users/${before}/meetings`, afternoon)).toMatchObject({ body: { code: 1001 } })
    expect(await ask(`POST /users/${after}/meetings`, afternoon)).toMatchObject({ status: 201 })
    expect(zoom.portal.putUser('nobody@contoso.example', {})).toBeUndefined()
  })

  it('downgrades a user to Basic: they schedule for nobody, and nobody for them', async () => {
    const ask = await signedIn()
    const forAlan = () => ask(`POST /users/${ada}/meetings`, { ...afternoon, schedule_for: alan })
    for (const email of [ada, alan]) {
      zoom.portal.putUser(email, { type: 1 })
      expect(await forAlan()).toMatchObject({ status: 400, body: { code: 3000 } })
      zoom.portal.putUser(email, { type: 2 })
    }
    expect(await forAlan()).toMatchObject({ status: 201 })
    zoom.portal.putUser(ada, { type: 1 })
    expect(await ask(`POST /users/${ada}/meetings`, afternoon)).toMatchObject({ status: 201 })
  })

  it('takes a licence away: nothing of the user’s meetings can be read or changed', async () => {
    const ask = await signedIn()
    const { body } = await ask(`POST /users/${ada}/meetings`, afternoon)
    zoom.portal.putUser(ada, { type: 4 })
    const path = `/meetings/${body.id}`
    for (const call of [`POST /users/${ada}/meetings`, `PATCH ${path}`])
      expect(await ask(call, afternoon)).toMatchObject({ status: 400, body: { code: 3161 } })
    expect(await ask(`GET ${path}`)).toMatchObject({ status: 400, body: { code: 3161 } })
  })

  it('deletes a meeting', async () => {
    const ask = await signedIn()
    const { body } = await ask(`POST /users/${ada}/meetings`, afternoon)
    expect(zoom.portal.deleteMeeting(String(body.id))).toBe(true)
    expect(await ask(`PATCH /meetings/${body.id}`, afternoon)).toMatchObject({ body: { code: 3001 } })
    expect(zoom.portal.deleteMeeting(String(body.id))).toBe(false)
  })

  it('changes nothing that outlives a reset', async () => {
    const ask = await signedIn()
    const before = await idOf(ask)
    zoom.portal.removeUser(ada)
    zoom.portal.putUser(ada, { type: 1 })
    zoom.reset()
    expect(await ask(`GET /users/${ada}`)).toMatchObject({ body: { id: before, type: 2 } })
  })
})

it('a time zone that Zoom has dropped is refused by name; without one the meeting is made', async () => {
  const ask = await signedIn()
  zoom.portal.dropTimeZone('Europe/Berlin')
  const inBerlin = { ...afternoon, timezone: 'Europe/Berlin' }
  const { status, body } = await ask(`POST /users/${ada}/meetings`, inBerlin)
  expect({ status, code: body.code, fields: named(body) }).toEqual({
    status: 400,
    code: 300,
    fields: ['timezone'],
  })
  expect(await ask(`POST /users/${ada}/meetings`, afternoon)).toMatchObject({ status: 201 })
  zoom.reset()
  expect(await ask(`POST /users/${ada}/meetings`, inBerlin)).toMatchObject({ status: 201 })
})

describe('webhooks', () => {
  const heard: { headers: Headers; text: string; body: Record<string, unknown> }[] = []
  const usual: { secret: string } = { secret: credentials.webhookSecret }
  const behaviour = { ...usual }
  const hex = (text: string, secret = behaviour.secret) =>
    createHmac('sha256', secret).update(text).digest('hex')
  const app = new Hono().post('/zoom', async (c) => {
    const text = await c.req.text()
    const body = JSON.parse(text)
    heard.push({ headers: c.req.raw.headers, text, body })
    const { plainToken } = body.payload
    return c.json(plainToken ? { plainToken, encryptedToken: hex(plainToken) } : {})
  })
  let receiver: { origin: string; close(): Promise<void> }
  beforeAll(async () => {
    receiver = await opened(() => ({ app }))
  })
  afterAll(() => receiver.close())
  beforeEach(() => {
    Object.assign(behaviour, usual)
    zoom.webhooks.unsubscribe()
    heard.length = 0
  })
  const events = () => heard.map(({ body }) => body.event)

  it('tell of a meeting that is changed or deleted, in the portal or by a call, signed over the raw bytes', async () => {
    expect(await zoom.webhooks.subscribe(`${receiver.origin}/zoom`)).toBeUndefined()
    const call = await signedIn()
    const { id } = (await call(`POST /users/${ada}/meetings`, afternoon)).body
    zoom.portal.changeMeeting(String(id), { topic: 'Moved', start_time: '2026-11-23T15:00:00Z' })
    await call(`PATCH /meetings/${id}`, { topic: 'Called' })
    zoom.portal.deleteMeeting(String(id))
    expect(await call(`PUT /meetings/${id}/status`, { action: 'recover' })).toMatchObject({ status: 204 })
    zoom.portal.deleteForGood(String(id))
    expect(await call(`PUT /meetings/${id}/status`, { action: 'recover' })).toMatchObject({ status: 404 })
    await expect
      .poll(() => events().toSorted())
      .toEqual([
        ...['endpoint.url_validation', 'meeting.deleted', 'meeting.permanently_deleted', 'meeting.recovered'],
        ...['meeting.updated', 'meeting.updated'],
      ])
    expect(heard.map(({ body }) => body.payload)).toContainEqual({
      account_id: credentials.accountId,
      operator: ada,
      operator_id: findUser(ada)?.id,
      scope: 'all',
      object: expect.objectContaining({ id, topic: 'Moved', start_time: '2026-11-23T15:00:00Z' }),
      old_object: expect.objectContaining({ id, topic: 'Budget', start_time: '2026-11-23T14:00:00Z' }),
      time_stamp: clock.now,
    })
    for (const { headers, text } of heard) {
      const time = headers.get('x-zm-request-timestamp')
      expect(time).toBe(String(clock.now / 1000))
      expect(headers.get('x-zm-signature')).toBe(`v0=${hex(`v0:${time}:${text}`)}`)
    }
  })

  it('do not go to an address that does not have the secret, or does not answer', async () => {
    behaviour.secret = 'another'
    expect(await zoom.webhooks.subscribe(`${receiver.origin}/zoom`)).toBe('The encrypted token is wrong.')
    expect(await zoom.webhooks.subscribe(`${receiver.origin}/elsewhere`)).toBe('The address answered 404.')
    expect(zoom.webhooks.address()).toBeUndefined()
  })
})
