import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { paths } from '../../src/contract/paths.ts'
import { newKey, putMeeting, quarterlyReview } from '../kit.ts'
import { entraClientSecret, openWorld, type World } from './kit.ts'

let world: World
let origin: string
let token: string

beforeAll(async () => {
  world = await openWorld('embedded')
  origin = (await world.startService()).origin
  token = await world.token()
})
afterAll(() => world.close())

const put = (key: string, body: unknown) => putMeeting(origin, token, key, body)

describe('a request', () => {
  test.each([
    ['a sixth fact', { ...quarterlyReview, attendees: ['bob@fabrikam.example'] }, 'attendees'],
    ['a missing fact', { ...quarterlyReview, minutes: undefined }, 'minutes'],
    ['a fact of another type', { ...quarterlyReview, recurring: 'no' }, 'recurring'],
    ['a date that does not exist', { ...quarterlyReview, start: '2030-02-31T00:00:00Z' }, 'start'],
  ])('with %s is refused, naming the field', async (_, body, field) => {
    const refused = await put(newKey(), body)
    expect(refused).toMatchObject({ status: 422, body: { code: 'invalid_appointment', field } })
  })

  test.each(['short', 'k'.repeat(23), '../../../../../etc/pass', 'kkkkkkkkkkkkkkkkkkkkk%20'])(
    'for the key %s is refused',
    async (key) => {
      const response = await fetch(`${origin}/meetings/${key}`, {
        method: 'PUT',
        body: '{}',
        headers: bearer(),
      })
      expect(response.status).toBeGreaterThanOrEqual(400)
      expect(response.status).toBeLessThan(500)
      expect(response.headers.get('content-type')).toContain('application/problem+json')
    },
  )

  test('without a proof, with a wrong one and with two is refused alike', async () => {
    const authorizations = [
      undefined,
      'Bearer',
      'Bearer x.y.z',
      `Basic ${token}`,
      `Bearer ${token}, Bearer ${token}`,
    ]
    const answers = await Promise.all(
      authorizations.map(async (authorization) => {
        const headers = { 'content-type': 'application/json', ...(authorization && { authorization }) }
        const response = await fetch(`${origin}/meetings/${newKey()}`, { method: 'PUT', headers, body: '{}' })
        const { requestId, ...rest } = (await response.json()) as Record<string, unknown>
        expect(requestId).toMatch(/^[0-9a-f-]{36}$/)
        return { status: response.status, challenge: response.headers.get('www-authenticate'), ...rest }
      }),
    )
    expect(answers[0]).toMatchObject({ status: 401, challenge: 'Bearer', code: 'sign_in_required' })
    for (const answer of answers) expect(answer).toEqual(answers[0])
  })

  test('with a large body is refused before it is read, and one of unknown length too', async () => {
    const large = await put(newKey(), { ...quarterlyReview, subject: 'x'.repeat(10_000) })
    expect(large).toMatchObject({ status: 413, body: { code: 'too_large' } })
    for (const [method, path] of [
      ['POST', paths.exchangeSession],
      ['PUT', paths.zoomAccount],
    ] as const) {
      const answer = await fetch(origin + path, { method, body: 'x'.repeat(10_000) })
      expect(answer.status).toBe(413)
    }
    expect(await chunked()).toBe(400)
  })

  test('that is no JSON is refused', async () => {
    const headers = { ...bearer(), 'content-type': 'application/json' }
    const response = await fetch(`${origin}/meetings/${newKey()}`, {
      method: 'PUT',
      headers,
      body: '{"subject":',
    })
    expect(response.status).toBe(400)
    expect(response.headers.get('content-type')).toContain('application/problem+json')
  })

  test('may come on an idle connection for longer than a balancer keeps it', async () => {
    expect((await fetch(`${origin}/livez`)).headers.get('keep-alive')).toBe('timeout=65')
  })

  test('for another path is answered by a problem, without a word of the path', async () => {
    const response = await fetch(`${origin}/quarterly-review`)
    expect(response.status).toBe(404)
    expect(await response.text()).not.toContain('quarterly')
  })
})

describe('the service', () => {
  test('describes every route once, in OpenAPI 3.1, with the five facts and the options', async () => {
    const document = (await (await fetch(`${origin}/openapi.json`)).json()) as OpenApi
    expect(document.openapi).toBe('3.1.0')
    expect(Object.keys(document.paths).sort()).toEqual([
      '/admin/audit',
      '/admin/audit/export',
      '/admin/audit/verification',
      '/admin/deployment',
      '/admin/health',
      '/admin/invitation',
      '/admin/keys',
      '/admin/keys/{key}/removal',
      '/admin/keys/{key}/retirement',
      '/admin/mailboxes',
      '/admin/mailboxes/{objectId}',
      '/admin/mailboxes/{objectId}/check',
      '/admin/me',
      '/admin/people',
      '/admin/people/{subject}',
      '/admin/people/{subject}/apps/{id}',
      '/admin/people/{subject}/policies',
      '/admin/people/{subject}/revocation',
      '/admin/places',
      '/admin/policies',
      '/admin/policies/preview',
      '/admin/revocations',
      '/admin/rooms',
      '/admin/rooms/{address}',
      '/admin/rooms/{address}/system',
      '/admin/screens',
      '/admin/screens/{id}',
      '/admin/service-accounts',
      '/admin/service-accounts/{server}',
      '/admin/sync',
      '/admin/sync/failed/retry',
      '/admin/sync/failed/{id}/retry',
      '/admin/sync/{subject}/check',
      '/bootstrap',
      '/connections',
      '/connections/exchange/code',
      '/connections/microsoft/access-token',
      '/connections/{provider}',
      '/defaults',
      '/feed/access-token',
      '/feed/events',
      '/feed/hints',
      '/link/google',
      '/link/google/callback',
      '/link/zoom',
      '/link/zoom/callback',
      '/me',
      '/meeting-options',
      '/meetings/{key}',
      '/meetings/{key}/invitation',
      '/meetings/{key}/options',
      '/rooms/pairings',
      '/rooms/pairings/claim',
      '/rooms/screen',
      '/rooms/screen/hints',
      '/sessions/exchange',
      '/signed-in-apps',
      '/signed-in-apps/{id}',
      '/templates',
      '/templates/{id}',
      '/zoom-account',
      '/zoom-templates',
    ])
    const { Appointment } = document.components.schemas
    expect(Object.keys(Appointment?.properties ?? {})).toEqual([...Object.keys(quarterlyReview), 'options'])
    expect(Appointment?.additionalProperties).toBe(false)
  })

  test('tells the add-in where to sign in', async () => {
    const bootstrap = await (await fetch(`${origin}/bootstrap`)).json()
    expect(bootstrap).toEqual({
      clientId: world.settings.ENTRA_CLIENT_ID,
      authority: `${world.settings.ENTRA_AUTHORITY}/${world.settings.ENTRA_TENANTS[0]}`,
      scope: `api://${world.settings.ENTRA_CLIENT_ID}/access_as_user`,
      exchange: false,
      zoomLogin: false,
      everyMeeting: false,
    })
  })

  test('tells the add-in what the organisation wants for everybody', async () => {
    const wishes = await openWorld('embedded')
    const service = await wishes.startService({
      EVERY_MEETING: true,
      ENTRA_CLIENT_SECRET: entraClientSecret,
    })
    const bootstrap = await (await fetch(`${service.origin}/bootstrap`)).json()
    await wishes.close()
    expect(bootstrap).toMatchObject({ everyMeeting: true, calendar: 'read' })
  })

  test('serves the manifest for its own address', async () => {
    const elsewhere = await openWorld('embedded')
    const service = await elsewhere.startService({ PUBLIC_URL: 'https://zoom.contoso.example' })
    const manifest = await (await fetch(`${service.origin}/manifest.xml`)).text()
    await elsewhere.close()
    expect(manifest).toContain('https://zoom.contoso.example/addin/taskpane/index.html')
    expect(manifest).not.toContain('localhost')
  })

  test('says with every page what a browser may do with it', async () => {
    const { headers } = await fetch(`${origin}/addin/taskpane/index.html`)
    const { ENTRA_AUTHORITY: authority } = world.settings
    expect(headers.get('content-security-policy')?.split('; ')).toEqual([
      "default-src 'none'",
      "script-src 'self' https://appsforoffice.microsoft.com https://ajax.aspnetcdn.com",
      expect.stringMatching(/^style-src 'self' 'sha256-[^' ]+'$/),
      "img-src 'self' data:",
      `connect-src 'self' ${authority}`,
      `frame-src ${authority} 'self'`,
      "frame-ancestors https://localhost:3000 'self'",
      "base-uri 'none'",
      "form-action 'none'",
    ])
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('strict-transport-security')).toBeTruthy()
    expect(headers.get('x-frame-options')).toBeNull()
  })

  test('lets the page of the app load and ask nothing but itself and the calendar providers, and no page frame it', async () => {
    for (const path of ['/upcoming/', '/upcoming/assets/x.js']) {
      const { headers } = await fetch(origin + path)
      expect(headers.get('content-security-policy')?.split('; ')).toEqual([
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "manifest-src 'self'",
        `connect-src 'self' ${world.settings.GRAPH_URL} https://www.googleapis.com`,
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'none'",
      ])
    }
  })

  test('lets the page of a room load and ask nothing but itself, and no page frame it', async () => {
    const { headers } = await fetch(`${origin}/room/`)
    expect(headers.get('content-security-policy')).toContain("connect-src 'self';")
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
  })

  test('says with every other answer that a browser may do nothing with it', async () => {
    const answers = [
      await fetch(`${origin}/meetings/${newKey()}`, { method: 'PUT', body: '{}' }),
      await fetch(`${origin}/meetings/${newKey()}`, { method: 'DELETE', headers: bearer() }),
      await fetch(`${origin}/openapi.json`),
      await fetch(`${origin}/nowhere`),
    ]
    for (const { headers } of answers) {
      expect(headers.get('cache-control')).toBe('no-store')
      expect(headers.get('content-security-policy')).toBe("default-src 'none'; frame-ancestors 'none'")
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('strict-transport-security')).toBeTruthy()
    }
  })
})

interface OpenApi {
  openapi: string
  paths: object
  components: { schemas: Record<string, { properties: object; additionalProperties: boolean }> }
}

const bearer = () => ({ authorization: `Bearer ${token}` })

function chunked(): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const headers = { ...bearer(), 'content-type': 'application/json', 'transfer-encoding': 'chunked' }
    request(`${origin}/meetings/${newKey()}`, { method: 'PUT', headers }, (response) =>
      resolve(response.statusCode),
    )
      .on('error', reject)
      .end(JSON.stringify(quarterlyReview))
  })
}
