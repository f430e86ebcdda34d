import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Appointment } from '../../src/contract/appointment.ts'
import { optionNames, optionValues } from '../../src/contract/meeting-options.ts'
import { fetchToken } from '../../src/service/zoom/account-token.ts'
import { createZoom as createClient } from '../../src/service/zoom/api.ts'
import { zoomFacts } from '../../src/service/zoom/meeting.ts'
import { bodyFrom } from '../../src/service/zoom/options.ts'
import { Faults } from '../../src/simulator/kit/faults.ts'
import { createZoom } from '../../src/simulator/zoom/api.ts'
import { credentials } from '../../src/simulator/zoom/apps.ts'
import { bodies, type Rule } from '../../src/simulator/zoom/fields.ts'
import { unlicensed } from '../../src/simulator/zoom/users.ts'
import { opened } from '../simulator/serve.ts'
import { type Schema, zoomContract } from './zoom-contract.ts'

const contract = zoomContract()
const meetings = '/users/ada@contoso.example/meetings'
const creation = {
  topic: 'Budget',
  type: 2,
  start_time: '2026-11-23T14:00:00Z',
  duration: 30,
  timezone: 'Europe/Berlin',
  agenda: 'Scheduled from Outlook',
  settings: {
    calendar_type: 1,
    waiting_room: true,
    jbh_time: 5,
    meeting_invitees: [{ email: 'grace@contoso.example' }],
  },
}

if (!contract) {
  it.skip('Zoom’s description of its API is not beside this checkout: nothing to compare the stand-in with')
} else {
  describe('the judge', () => {
    it('takes a right request', () => {
      expect(contract.request('POST', meetings, creation)).toEqual([])
      expect(contract.request('POST', meetings, { ...creation, start_time: '2026-11-23T14:00:00' })).toEqual(
        [],
      )
      expect(contract.request('PATCH', '/meetings/123456789', { topic: 'Other' })).toEqual([])
      expect(contract.request('DELETE', '/meetings/123456789', undefined)).toEqual([])
    })

    it.each([
      ['a misspelt field', { ...creation, start_date: '2026-11-23' }],
      ['a misspelt setting', { ...creation, settings: { participants_video: true } }],
      ['a misspelt field deep inside', { settings: { breakout_room: { rooms: [{ nam: 'x' }] } } }],
      ['a wrong type', { ...creation, duration: '30' }],
      ['a wrong choice', { ...creation, settings: { jbh_time: 7 } }],
      ['a topic that is too long', { ...creation, topic: 'x'.repeat(201) }],
      ['a start that is none', { ...creation, start_time: 'tomorrow' }],
    ])('refuses %s', (_, body) => {
      expect(contract.request('POST', meetings, body)).not.toEqual([])
    })

    it('refuses a missing body, one too many, and a path Zoom has not', () => {
      expect(contract.request('POST', meetings, undefined)).not.toEqual([])
      expect(contract.request('DELETE', '/meetings/1', {})).not.toEqual([])
      expect(contract.request('PUT', '/meetings/1', {})).not.toEqual([])
    })

    it('refuses a wrong answer', () => {
      expect(contract.answer('GET', '/meetings/1', 200, { id: '1' })).not.toEqual([])
      expect(contract.answer('GET', '/meetings/1', 200, { id: 1, settings: { audio: 'radio' } })).not.toEqual(
        [],
      )
      expect(contract.answer('GET', '/meetings/1', 418, {})).not.toEqual([])
      expect(contract.answer('DELETE', '/meetings/1', 204, {})).not.toEqual([])
      expect(contract.answer('GET', '/meetings/1', 404, { message: 'gone' })).not.toEqual([])
    })

    it('finds the wrong one among recorded requests', () => {
      const recorded = (body: unknown) => ({
        at: '',
        method: 'POST',
        path: `/v2${meetings}`,
        headers: {},
        body,
      })
      expect(contract.recorded([recorded(creation)])).toEqual([])
      expect(contract.recorded([recorded(creation), recorded({ tpoic: 'x' })])).toHaveLength(1)
    })
  })

  describe('the stand-in', () => {
    let zoom: Awaited<ReturnType<typeof openZoom>>
    let authorization: string
    const openZoom = () => opened((origin) => createZoom({ faults: new Faults(), origin }))

    beforeAll(async () => {
      zoom = await openZoom()
    })
    afterAll(() => zoom.close())
    beforeEach(async () => {
      zoom.reset()
      const response = await fetch(`${zoom.origin}/oauth/token`, {
        method: 'POST',
        headers: { authorization: `Basic ${btoa(`${credentials.clientId}:${credentials.clientSecret}`)}` },
        body: new URLSearchParams({ grant_type: 'account_credentials', account_id: credentials.accountId }),
      })
      authorization = `Bearer ${((await response.json()) as { access_token: string }).access_token}`
    })

    /** Asks, and has the answer judged. */
    async function ask(method: string, path: string, content?: unknown) {
      const response = await fetch(`${zoom.origin}/v2${path}`, {
        method,
        headers: { authorization, 'content-type': 'application/json' },
        ...(content !== undefined && { body: JSON.stringify(content) }),
      })
      const text = await response.text()
      const body = text ? JSON.parse(text) : undefined
      return { status: response.status, body, faults: contract?.answer(method, path, response.status, body) }
    }

    it.each([
      ['one meeting', creation],
      ['a series', { ...creation, type: 3 }],
      ['an instant meeting', { type: 1 }],
      ['a meeting without passcode', { ...creation, default_password: false }],
    ])('answers as Zoom does about %s, from beginning to end', async (_, body) => {
      expect(contract.request('POST', meetings, body)).toEqual([])
      const created = await ask('POST', meetings, body)
      expect(created).toMatchObject({ status: 201, faults: [] })
      const path = `/meetings/${created.body.id}`
      expect(await ask('GET', path)).toMatchObject({ status: 200, faults: [] })
      expect(await ask('GET', `${meetings}?page_size=1`)).toMatchObject({ status: 200, faults: [] })
      expect(await ask('PATCH', path, { topic: 'Other' })).toMatchObject({ status: 204, faults: [] })
      expect(await ask('DELETE', path)).toMatchObject({ status: 204, faults: [] })
      expect(await ask('PUT', `${path}/status`, { action: 'recover' })).toMatchObject({
        status: 204,
        faults: [],
      })
      expect(await ask('GET', path)).toMatchObject({ status: 200, faults: [] })
    })

    it.each([
      ['nobody', 'POST', '/users/nobody@contoso.example/meetings', creation, 404],
      ['no licence', 'POST', `/users/${unlicensed}/meetings`, creation, 400],
      ['no such meeting', 'GET', '/meetings/12345678901', undefined, 404],
      ['nothing to recover', 'PUT', '/meetings/12345678901/status', { action: 'recover' }, 404],
      ['a misspelt field', 'POST', meetings, { tpoic: 'x' }, 400],
    ])('refuses as Zoom does: %s', async (_, method, path, body, status) => {
      expect(await ask(method, path, body)).toMatchObject({ status, faults: [] })
    })

    it('refuses without a token as Zoom does', async () => {
      authorization = 'Bearer none'
      expect(await ask('GET', meetings)).toMatchObject({ status: 401, faults: [] })
    })

    it('refuses haste as Zoom does', async () => {
      const answers = await Promise.all(Array.from({ length: 45 }, () => ask('GET', meetings)))
      expect(answers.find(({ status }) => status === 429)).toMatchObject({ faults: [] })
    })

    it.each([
      ['create', 'POST', meetings],
      ['update', 'PATCH', '/meetings/1'],
    ] as const)('has Zoom’s table of fields: %s', (kind, method, path) => {
      const ours = table(bodies[kind])
      const theirs = rows(contract.body(method, path))
      expect({ ...ours, ...unplayed }).toEqual({ ...theirs, ...unplayed, ...newer })
    })

    it('has Zoom’s table of fields: status', () => {
      expect(table(bodies.status)).toEqual(rows(contract.body('PUT', '/meetings/1/status')))
    })
  })

  describe('our client', () => {
    const appointment = { subject: 'Budget', start: '2026-11-23T14:00:00Z', minutes: 30, timeZone: 'UTC' }
    const facts = (recurring: boolean) =>
      zoomFacts(Appointment.from({ ...appointment, recurring }), '2026-11-01T08:00:00Z')

    it.each([false, true])('sends only what Zoom takes (a series: %s)', async (recurring) => {
      const now = () => Date.parse('2026-11-01T08:00:00Z')
      const origin = 'https://zoom.example'
      const zoom = await opened(() => createZoom({ faults: new Faults(), origin, now }))
      const { accountId, clientId, clientSecret } = credentials
      const app = {
        apiUrl: `${zoom.origin}/v2`,
        oauthUrl: `${zoom.origin}/oauth`,
        accountId,
        clientId,
        clientSecret,
        perSecond: { light: 30, medium: 20 },
        accountSeconds: 0,
      }
      const until = AbortSignal.timeout(60_000)
      const log = { info() {}, warn() {}, error() {} }
      const { secret } = await fetchToken(app, log, until)
      const token = { current: async () => secret, doubt() {} }
      const client = createClient(app, log)(token)
      const host = await client.userId('ada@contoso.example', 'caller', until)
      const options = bodyFrom({
        ...Object.fromEntries(optionNames.map((name) => [name, optionValues[name][0]])),
        ...{
          dialInCountries: 'DE;FR',
          countries: 'deny:AQ',
          authenticationProfile: 'signIn_D8cJuqWVQ623CI4Q8yQK0Q',
          dataCenterRegions: 'IN;TY',
          languageInterpretation: 'on',
          signLanguageInterpretation: 'on',
          interpreters: 'a@b.example,English,Breton;c@d.example,German,English',
          signLanguageInterpreters: 'e@f.example,American',
          passcode: 'Ab1@',
          zoomTemplate: 'panel-template',
        },
      })
      const made = await client.create(host, host, facts(recurring), options, 'reference-1', until)
      const [id] = await client.find(host, 'reference-1', until)
      expect(id).toBe(String(made.id))
      const known = { id: String(made.id), host, whose: 'caller' } as const
      await client.update(known, facts(!recurring), until)
      await client.setOptions(known, bodyFrom({ waitingRoom: 'off', passcode: '42' }), until)
      await client.get(known, until)
      await client.lastStart(String(made.id), until)
      await client.remove(known, until)
      await client.recover(known, until)
      expect((await client.get(known, until))?.password).toBe('42')
      expect(await client.templates(host, 'caller', until)).toHaveProperty('panel-template')
      const alan = await client.userId('alan@contoso.example', 'owner', until)
      expect(await client.assistants(alan, until)).toContain(host)
      await client.create(host, alan, facts(recurring), bodyFrom({}), 'reference-2', until)
      expect(contract.recorded(zoom.requests())).toEqual([])
      expect(zoom.requests().filter(({ method }) => method === 'POST' || method === 'PATCH')).toHaveLength(5)
      await zoom.close()
    })
  })
}

/** What Zoom has and the stand-in refuses to play, and what patterns and calendars say better than a schema. */
const unplayed = {
  type: 'not 8, not 10',
  start_time: 'a date and time',
  'recurrence.end_date_time': 'a date and time',
  password: 'characters, not only length',
}

/** What Zoom added after the description was made. */
const newer = { 'settings.push_change_to_calendar': 'boolean' }

/** Our rules in one line each: `settings.jbh_time` → `0 5 10 15`. */
function table(fields: Readonly<Record<string, Rule>>, path = ''): Record<string, string> {
  const entries = Object.entries(fields).flatMap(([name, rule]) => Object.entries(line(rule, path + name)))
  return Object.fromEntries(entries)
}

function line(rule: Rule, path: string): Record<string, string> {
  switch (rule.kind) {
    case 'flag':
      return { [path]: 'boolean' }
    case 'whole':
      return { [path]: 'integer' }
    case 'choice':
      return { [path]: rule.of.join(' ') }
    case 'list':
      return { [path]: `array ${rule.max ?? ''}`, ...line(rule.of, `${path}[]`) }
    case 'object':
      return { [path]: 'object', ...table(rule.fields, `${path}.`) }
    default:
      return { [path]: `string ${(rule.kind === 'text' && rule.max) || ''}` }
  }
}

/** Zoom's schema in the same lines. */
function rows(schema: Schema, path = ''): Record<string, string> {
  const { properties, items, allOf, type, enum: choices, maxLength, maxItems } = schema
  if (allOf?.[0]) return rows(allOf[0], path)
  const bounds = type === 'array' || type === 'string' ? ` ${maxLength ?? maxItems ?? ''}` : ''
  const own = properties ? 'object' : (choices?.join(' ') ?? `${type}${bounds}`)
  const inner = Object.entries(properties ?? {}).flatMap(([name, value]) =>
    Object.entries(rows(value, path ? `${path}.${name}` : name)),
  )
  return Object.fromEntries([
    ...(path ? [[path, own]] : []),
    ...inner,
    ...(items ? Object.entries(rows(items, `${path}[]`)) : []),
  ])
}
