import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { StoredInvitation } from '../../src/contract/admin-invitation.ts'
import { adminPaths } from '../../src/contract/admin-paths.ts'
import type { Rule } from '../../src/contract/admin-policies.ts'
import { emptyTemplate } from '../../src/contract/invitation-template.ts'
import { languages } from '../../src/contract/languages.ts'
import type { Meeting } from '../../src/contract/meeting.ts'
import { ownerHeader } from '../../src/contract/owner.ts'
import { meetingInvitationPath, meetingPath } from '../../src/contract/paths.ts'
import { administrators, mailboxes, type Person } from '../../src/simulator/people.ts'
import { newKey, putMeeting, quarterlyReview } from '../kit.ts'
import { adminToken, decide as decideFor, grace, joan } from './admin/kit.ts'
import { asker } from './identity/kit.ts'
import { ada, engines, hasPostgres, openWorld, type World } from './kit.ts'

const fabrikam = 'fab00000-0000-4000-8000-000000000001'
const elsewhere: Person = { ...administrators.admin, tenantId: fabrikam }
const texts = (before: string, after = '') => ({ before, after })

describe('the invitation of an organisation', () => {
  let world: World
  let origin: string
  let ask: ReturnType<typeof asker>
  beforeAll(async () => {
    world = await openWorld(engines.at(-1) ?? 'embedded')
    ;({ origin } = await world.startService({ ENTRA_TENANTS: [ada.tenantId, fabrikam] }))
    ask = asker(origin)
  })
  afterAll(() => world.close())
  afterEach(async () => {
    world.faults.clear()
    await set(null)
  })

  const read = async (person = grace) =>
    (await ask('GET', adminPaths.invitation, { bearer: await adminToken(world, person) }))
      .body as unknown as StoredInvitation
  const put = async (body: object, person = grace) =>
    ask('PUT', adminPaths.invitation, { bearer: await adminToken(world, person), body })
  async function set(template: object | null, person = grace) {
    const { version } = await read(person)
    return put({ version, template: template && { ...emptyTemplate, ...template } }, person)
  }
  async function meeting(language = 'en', person = ada, key = newKey()) {
    const headers = { 'accept-language': language }
    const { status, body } = await putMeeting(origin, await world.token(person), key, undefined, headers)
    expect(status).toBe(200)
    return body as unknown as Meeting & { invitation?: Record<string, string> }
  }
  const decide = (rules: Rule[]) => decideFor(world, ask, rules)

  test('is nothing at first, and then a meeting says nothing of it', async () => {
    expect(await read()).toMatchObject({ template: null })
    expect(await meeting()).not.toHaveProperty('invitation')
  })

  test('comes with each meeting, in the language of the person, or as for all other languages', async () => {
    const template = { texts: { other: texts('Welcome'), fr: texts('Bienvenue', 'À bientôt') } }
    expect(await set(template)).toMatchObject({ status: 200, body: { template } })
    expect((await meeting('fr-CA')).invitation).toEqual({ before: 'Bienvenue', after: 'À bientôt' })
    expect((await meeting('de')).invitation).toEqual({ before: 'Welcome' })
    expect(await read()).toMatchObject({ template })
  })

  test('is also in the answer about a meeting that was there before', async () => {
    const key = newKey()
    expect(await meeting('en', ada, key)).not.toHaveProperty('invitation')
    await set({ texts: { other: texts('Welcome') } })
    expect((await meeting('en', ada, key)).invitation).toEqual({ before: 'Welcome' })
  })

  test('says which lines are shown, and has the telephone numbers of the countries that it names, in the person’s language', async () => {
    await set({ dialInCountries: 'GB', lines: { id: true, passcode: false, dialIn: true } })
    const british = await meeting('fr')
    expect(british.invitation).toEqual({ without: 'passcode' })
    expect(british.dialIn).toMatch(/^Royaume-Uni \+44/)
    expect(british.dialIn?.split('\n').every((line) => line.startsWith('Royaume-Uni'))).toBe(true)
    await set({ lines: { id: false, passcode: false, dialIn: false } })
    const none = await meeting()
    expect(none).not.toHaveProperty('dialIn')
    expect(none.invitation).toEqual({ without: 'id;passcode' })
  })

  test('has the SIP address of the meeting, and a page that helps', async () => {
    await set({ sipDomain: 'zoomcrc.com', help: 'https://contoso.example/help?a=1&b=2' })
    const { id, invitation } = await meeting()
    expect(invitation).toEqual({ sip: `${id}@zoomcrc.com`, help: 'https://contoso.example/help?a=1&b=2' })
  })

  test('has the logo only where a policy allows it', async () => {
    const logo = 'https://contoso.example/logo.png'
    await set({ logo })
    expect((await meeting()).invitation).toEqual({})
    await decide([{ group: null, name: 'invitationLogo', value: 'on' }])
    expect((await meeting()).invitation).toEqual({ logo })
    await decide([])
  })

  test('is nothing to another organisation', async () => {
    await set({ texts: { other: texts('Welcome') } })
    expect(await read(elsewhere)).toEqual({ version: 0, template: null })
  })

  test('is not sent to what shows a ticket, which writes none', async () => {
    await set({ texts: { other: texts('Welcome') } })
    const key = newKey()
    const { ticket = '' } = await meeting('en', ada, key)
    const changed = {
      subject: 'Later',
      start: '2030-12-04T09:00:00Z',
      minutes: 30,
      timeZone: 'UTC',
      recurring: false,
    }
    const { status, body } = await putMeeting(origin, ticket, key, changed)
    expect(status).toBe(200)
    expect(body).not.toHaveProperty('invitation')
  })

  test('is there while the vault does not answer: the meeting is made without it', async () => {
    await set({ texts: { other: texts('Welcome') } })
    await world.sql?.(
      `update invitations set sealed = set_byte(sealed, 20, (get_byte(sealed, 20) + 1) % 256)`,
    )
    if (!hasPostgres) return
    await expect.poll(async () => (await meeting()).invitation).toBe(undefined)
    expect(await read()).toMatchObject({ template: null })
  })

  test.each<[string, string, object, string, string]>([
    [
      'an unknown placeholder',
      'texts.fr.before',
      { texts: { fr: texts('Bonjour\n{subject} !') } },
      'placeholder',
      'line 2, column 1',
    ],
    [
      'a brace',
      'texts.other.after',
      { texts: { other: texts('', 'a { b') } },
      'placeholder',
      'line 1, column 3',
    ],
    [
      'a link of another scheme',
      'texts.other.before',
      { texts: { other: texts('see [this](javascript:alert(1))') } },
      'link',
      'line 1, column 5',
    ],
    [
      'a link whose words are another address',
      'texts.other.before',
      { texts: { other: texts('[https://zoom.us/j/1](https://evil.example)') } },
      'link',
      'line 1, column 1',
    ],
    [
      'a mark that turns the direction',
      'texts.ar.before',
      { texts: { ar: texts('abc\u202Egnp.exe') } },
      'direction',
      'line 1, column 4',
    ],
    [
      'a control character',
      'texts.other.before',
      { texts: { other: texts('a\u0000b') } },
      'control',
      'line 1, column 2',
    ],
    [
      'bold letters without an end',
      'texts.other.before',
      { texts: { other: texts('a **b') } },
      '**',
      'line 1, column 3',
    ],
    [
      'a text that is too long',
      'texts.other.before',
      { texts: { other: texts('a'.repeat(1001)) } },
      '1000',
      '',
    ],
    ['too many lines', 'texts.other.before', { texts: { other: texts('a\n'.repeat(15)) } }, 'lines', ''],
    ['an http address', 'help', { help: 'http://contoso.example' }, 'https', ''],
    ['a logo with markup', 'logo', { logo: 'https://contoso.example/"><script>' }, 'https', ''],
    ['a logo that is a script', 'logo', { logo: 'javascript:alert(1)' }, 'https', ''],
    ['no country', 'dialInCountries', { dialInCountries: 'Germany' }, 'countries', ''],
    ['no domain', 'sipDomain', { sipDomain: 'a b' }, 'domain', ''],
    ['no such language', 'tlh', { texts: { tlh: texts('nuqneH') } }, 'not one of the fields', ''],
    ['a number for a text', 'before', { texts: { fr: { before: 1, after: '' } } }, 'not a string', ''],
  ])('refuses %s, and names the field and the place', async (_, field, wrong, why, where) => {
    const { status, body } = await set(wrong)
    expect(status).toBe(400)
    expect(body).toMatchObject({ code: 'invalid_invitation', field })
    expect(String(body.why)).toContain(why)
    expect(String(body.why)).toContain(where)
    expect(await read()).toMatchObject({ template: null })
  })

  test('refuses texts that are too long together', async () => {
    const all = Object.fromEntries(languages.map((language) => [language, texts('あ'.repeat(500), '')]))
    expect(await set({ texts: all })).toMatchObject({ status: 400, body: { field: 'texts' } })
    const body = { version: 0, template: { ...emptyTemplate, help: 'a'.repeat(40_000) } }
    expect(await put(body)).toMatchObject({ status: 413 })
  })

  test('is stored sealed, and each change is in the audit trail without a word of it', async () => {
    await set({ texts: { other: texts('Secret garden') } })
    const trail = await ask('GET', `${adminPaths.audit}?limit=20`, { bearer: await adminToken(world) })
    const records = (trail.body as { records: { act: string; detail: string | null }[] }).records
    expect(records.map(({ act }) => act)).toContain('invitation changed')
    expect(records.map(({ act }) => act)).toContain('invitation viewed')
    expect(JSON.stringify(trail.body)).not.toContain('garden')
    expect(world.logged.join('\n')).not.toContain('garden')
    if (!hasPostgres) return
    const [row] = await world.sql(`select encode(sealed, 'escape') as bytes from invitations`)
    expect(String(row?.bytes)).not.toContain('garden')
  })

  test('of two administrators, the second does not overwrite what the first has decided', async () => {
    await set({ texts: { other: texts('First') } })
    const { version } = await read()
    const second = { version: version - 1, template: emptyTemplate }
    expect(await put(second)).toMatchObject({ status: 409, body: { code: 'invitation_changed' } })
    expect(await put({ version: 0, template: null })).toMatchObject({ status: 409 })
    expect(await read()).toMatchObject({ template: { texts: { other: texts('First') } } })
  })

  test('an auditor reads it and does not write it', async () => {
    expect(await read(joan)).toMatchObject({ template: null })
    const { version } = await read()
    expect(await put({ version, template: emptyTemplate }, joan)).toMatchObject({ status: 403 })
  })
})

describe('the invitation to a meeting that there is', () => {
  let world: World
  let ask: ReturnType<typeof asker>
  beforeAll(async () => {
    world = await openWorld(engines.at(-1) ?? 'embedded')
    ask = asker((await world.startService()).origin)
  })
  afterAll(() => world.close())
  afterEach(() => world.faults.clear())

  async function schedule(headers = {}): Promise<{ key: string; ticket: string; id: string }> {
    const key = newKey()
    const asked = { bearer: await world.token(), body: quarterlyReview, headers }
    const { status, body } = await ask('PUT', meetingPath(key), asked)
    expect(status).toBe(200)
    return { key, ticket: String(body.ticket), id: String(body.id) }
  }
  const read = async (key: string, language = 'en', person = ada, headers = {}) =>
    ask('GET', meetingInvitationPath(key), {
      bearer: await world.token(person),
      headers: { 'accept-language': language, ...headers },
    })
  const decideTemplate = async (template: object) => {
    const bearer = await adminToken(world)
    const { version } = (await ask('GET', adminPaths.invitation, { bearer })).body as { version?: number }
    const body = { version, template: { ...emptyTemplate, ...template } }
    expect((await ask('PUT', adminPaths.invitation, { bearer, body })).status).toBe(200)
  }

  test('is read whole, in the language of who asks, and nothing is changed by that', async () => {
    const { key, ticket, id } = await schedule()
    await decideTemplate({
      texts: { other: texts('Welcome'), fr: texts('Bienvenue') },
      dialInCountries: 'GB',
    })
    const asked = world.zoom.requests().length
    const { status, body } = await read(key, 'fr')
    expect(status).toBe(200)
    expect(body).toMatchObject({ id, invitation: { before: 'Bienvenue' } })
    expect(body.dialIn).toMatch(/^Royaume-Uni \+44/)
    expect(body).not.toHaveProperty('ticket')
    expect(world.zoom.requests().slice(asked)).toMatchObject([{ method: 'GET', path: `/v2/meetings/${id}` }])
    // The ticket of the appointment is still good, and the next request for the meeting does not wait.
    expect((await ask('PUT', meetingPath(key), { bearer: ticket, body: quarterlyReview })).status).toBe(200)
  })

  test('is gone with the meeting: no other one is made in its place', async () => {
    const { key, id } = await schedule()
    world.zoom.portal.deleteMeeting(id)
    const [meetings, requests] = [world.zoom.meetings().length, world.zoom.requests().length]
    expect(await read(key)).toMatchObject({ status: 410, body: { code: 'meeting_gone' } })
    const unknown = newKey()
    expect(await read(unknown)).toMatchObject({ status: 410, body: { code: 'meeting_gone' } })
    if (hasPostgres) expect(await world.sql(`select key from meetings where key = '${unknown}'`)).toEqual([])
    expect(world.zoom.meetings()).toHaveLength(meetings)
    expect(world.zoom.requests().slice(requests)).toMatchObject([{ method: 'GET' }])
  })

  test('is for its own people: not for another person, nor for a ticket', async () => {
    const { key, ticket } = await schedule()
    expect(await read(key, 'en', mailboxes['no-bridge'])).toMatchObject({ status: 410 })
    expect(await ask('GET', meetingInvitationPath(key), { bearer: ticket })).toMatchObject({ status: 401 })
  })

  test('is read in another person’s calendar by who schedules for them', async () => {
    const headers = { [ownerHeader]: encodeURIComponent(mailboxes['no-bridge'].emailAddress) }
    const { key, id } = await schedule(headers)
    expect(await read(key, 'en', ada, headers)).toMatchObject({ status: 200, body: { id } })
  })

  test.each([
    ['is down', { status: 503 }, 503, 'zoom_unreachable'],
    ['says nothing', { drop: true }, 503, 'zoom_unreachable'],
    ['has too much to do', { status: 429 }, 503, 'zoom_busy'],
  ])(
    'is a clear sentence while Zoom %s, and the meeting is free for the next request',
    async (_, fault, status, code) => {
      const { key } = await schedule()
      world.faults.add({ vendor: 'zoom', match: 'GET /v2/meetings', times: 'always', ...fault })
      expect(await read(key, 'de')).toMatchObject({ status, body: { code } })
      await world.faults.clear()
      expect((await read(key)).status).toBe(200)
    },
  )
})
