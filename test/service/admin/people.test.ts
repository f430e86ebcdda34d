import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { People, StoredPerson } from '../../../src/contract/admin.ts'
import { adminPaths, personPath } from '../../../src/contract/admin-paths.ts'
import { connectionPath, paths, templatePath } from '../../../src/contract/paths.ts'
import { mailboxes } from '../../../src/simulator/people.ts'
import { newKey, putMeeting } from '../../kit.ts'
import { asker } from '../identity/kit.ts'
import { ada, engines, entraClientSecret, hasPostgres, openWorld, type World } from '../kit.ts'
import { adminToken, grace, joan, subjectOf } from './kit.ts'

const alan = mailboxes['no-bridge']
const fabrikam = 'fab00000-0000-4000-8000-000000000001'
const nameHash = (name: string) => createHash('sha256').update(name).digest('base64url')

test.skipIf(!hasPostgres)(
  'everybody of a directory is on one page after another, and mailboxes of Exchange servers are shown where it is the only one',
  async () => {
    const world = await openWorld('PostgreSQL')
    onTestFinished(world.close)
    const one = asker((await world.startService()).origin)
    const two = asker((await world.startService({ ENTRA_TENANTS: [ada.tenantId, fabrikam] })).origin)
    const mailbox = `exch:${'x'.repeat(43)}`
    await world.sql(`insert into callers (subject, zoom_user_id) values ('${mailbox}', 'zoom-user')`)
    const asked = { bearer: await adminToken(world) }
    expect((await one('GET', adminPaths.people, asked)).body.people).toMatchObject([{ subject: mailbox }])
    expect((await one('GET', personPath(mailbox), asked)).status).toBe(200)
    expect((await two('GET', adminPaths.people, asked)).body.people).toEqual([])
    expect((await two('GET', personPath(mailbox), asked)).status).toBe(404)

    // The people of this directory whose ids begin alike, and one of a directory whose id does.
    const people = ['11111111', '1111122a', '111112ab', '22222222'].map((begin) =>
      subjectOf({ ...ada, objectId: `${begin}-0000-4000-8000-000000000000` }),
    )
    const stranger = subjectOf({
      ...ada,
      tenantId: ada.tenantId.replace(/.$/, (last) => (last === 'f' ? 'e' : 'f')),
    })
    const everybody = [...people, `exch:${'x'.repeat(42)}a`, mailbox]
    await world.sql(`
      insert into callers (subject)
      select unnest(array['${[...everybody].reverse().join("', '")}', '${stranger}']) on conflict do nothing`)
    const found: unknown[] = []
    for (let next: unknown = ''; next !== undefined; ) {
      const path = `${adminPaths.people}?limit=1${next ? `&after=${next}` : ''}`
      const { body } = await one('GET', path, asked)
      found.push(...(body.people as People['people']).map(({ subject }) => subject))
      next = body.next
    }
    expect(found).toEqual(everybody)
  },
)

describe.each(engines)('the people that the service knows, on the %s database', (engine) => {
  let world: World
  let ask: ReturnType<typeof asker>
  let origin: string
  beforeAll(async () => {
    world = await openWorld(engine)
    ;({ origin } = await world.startService({
      ENTRA_TENANTS: [ada.tenantId, fabrikam],
      ENTRA_CLIENT_SECRET: entraClientSecret,
      CALENDAR_PERMISSION: 'read-write',
    }))
    ask = asker(origin)
    // Ada has a meeting and a calendar, Alan has a meeting only.
    for (const person of [ada, alan]) await putMeeting(origin, await world.token(person), newKey())
    await ask('PUT', connectionPath('microsoft'), { bearer: await world.token(ada) })
  })
  afterAll(() => world.close())

  const list = async (query: Record<string, string> = {}, person = grace) => {
    const { status, body } = await ask('GET', `${adminPaths.people}?${new URLSearchParams(query)}`, {
      bearer: await adminToken(world, person),
    })
    return { status, ...(body as unknown as People & { code?: string; field?: string }) }
  }
  const found = async (query: Record<string, string>) =>
    (await list(query)).people.map(({ subject }) => subject)
  const read = async (subject: string, person = grace) =>
    ask('GET', personPath(subject), { bearer: await adminToken(world, person) })

  test('are listed with their Zoom user and the states of their calendars, a page at a time', async () => {
    const first = await list({ limit: '1' })
    expect(first).toMatchObject({
      people: [{ subject: subjectOf(ada), connections: [{ provider: 'microsoft', state: 'connected' }] }],
      next: subjectOf(ada),
    })
    const second = await list({ limit: '1', after: first.next as string })
    expect(second.people).toMatchObject([{ subject: subjectOf(alan), connections: [] }])
    expect(second.people[0]?.zoomUserId).toMatch(/^[\w-]+$/)
    expect(second.next).toBeUndefined()
  })

  test('are found by object id, Zoom user or the hash of the sign-in name, and by the state of their calendar', async () => {
    const { people } = await list()
    const zoomUserId = people[1]?.zoomUserId ?? ''
    expect(await found({ objectId: alan.objectId.toUpperCase() })).toEqual([subjectOf(alan)])
    expect(await found({ zoomUserId })).toEqual([subjectOf(alan)])
    expect(await found({ zoomUserId: `other${zoomUserId.slice(-7)}` })).toEqual([])
    const hash = nameHash(alan.emailAddress)
    expect(await found({ nameHash: hash })).toEqual([subjectOf(alan)])
    expect(await found({ nameHash: `${hash.slice(0, 12)}AAAA${hash.slice(16)}` })).toEqual([])
    expect(await found({ nameHash: nameHash('nobody@contoso.example') })).toEqual([])
    expect(await found({ state: 'connected' })).toEqual([subjectOf(ada)])
    expect(await found({ state: 'not_connected' })).toEqual([subjectOf(alan)])
    expect(await found({ state: 'provider_down' })).toEqual([])
    expect(await found({ provider: 'microsoft' })).toEqual([subjectOf(ada)])
    expect(await found({ state: 'connected', objectId: alan.objectId })).toEqual([])
  })

  test.each([
    ['limit', '1000'],
    ['state', 'connected or not'],
    ['after', "entra:' or 1=1"],
    ['zoomUserId', 'a b'],
    ['objectId', '%'],
  ])('a search whose %s is %s is refused by name', async (field, value) => {
    expect(await list({ [field]: value })).toMatchObject({ status: 400, code: 'invalid_request', field })
  })

  test('are shown one by one: what is stored, without a secret, and what happened', async () => {
    const bearer = await world.token(ada)
    const options = { waitingRoom: 'on' }
    expect((await ask('PUT', paths.defaults, { bearer, body: options })).status).toBeLessThan(300)
    const template = { name: 'Weekly', options }
    expect((await ask('PUT', templatePath('t'.repeat(22)), { bearer, body: template })).status).toBeLessThan(
      300,
    )
    // Its watch begins in the background.
    await expect.poll(async () => (await read(subjectOf(ada))).body.watch, { timeout: 25_000 }).toBeTruthy()
    const { status, body } = await read(subjectOf(ada), joan)
    expect(status).toBe(200)
    const person = body as unknown as StoredPerson
    expect(person).toMatchObject({
      subject: subjectOf(ada),
      nameHashStored: true,
      proofsEndedAt: null,
      connections: [{ provider: 'microsoft', permission: 'read-write', state: 'connected', failures: 0 }],
      credentials: [{ provider: 'microsoft', purpose: 'refresh-token', version: 1, keyId: 'test' }],
      sessions: 0,
      apps: [],
      tickets: 1,
      meetings: 1,
      templates: 1,
      defaultsStored: true,
      refusedPasswordStored: false,
      watch: { subscription: expect.any(Boolean), changesToken: expect.any(Boolean) },
      jobs: expect.any(Number),
      failedJobs: 0,
    })
    expect(person.happened.map(({ act }) => act)).toEqual(
      expect.arrayContaining(['zoom linked', 'credential replaced']),
    )
    expect(Object.keys(person.credentials[0] ?? {})).not.toContain('sealed')
    expect(JSON.stringify(person)).not.toMatch(/ada@|Ada|wrapped|lease/)
  })

  test('are shown also where only the groups of their token are stored', async () => {
    const only = subjectOf({ ...ada, objectId: '00000000-0000-4000-8000-000000000077' })
    const { status } = await read(only)
    expect(status).toBe(404)
    if (engine === 'embedded') return
    await world.sql(`insert into memberships (subject, group_id, is_member)
      values ('${only}', '00000000-0000-4000-8000-000000000001', true)`)
    const { body } = await read(only)
    expect(body).toMatchObject({ memberships: [{ isMember: true }], connections: [] })
    await world.sql(`delete from memberships where subject = '${only}'`)
  })

  test('know who looked at them', async () => {
    await read(subjectOf(alan), joan)
    const { body } = await read(subjectOf(alan))
    expect((body as unknown as StoredPerson).happened).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          act: 'person viewed',
          caller: subjectOf(joan),
          subject: `person:${subjectOf(alan)}`,
        }),
      ]),
    )
  })

  test('of another organisation do not exist for an administrator', async () => {
    const stranger = { ...grace, tenantId: fabrikam }
    const bearer = await adminToken(world, stranger, {
      iss: `${world.settings.ENTRA_AUTHORITY}/${fabrikam}/v2.0`,
    })
    expect((await ask('GET', adminPaths.people, { bearer })).body).toEqual({ people: [] })
    const unknown = await ask('GET', personPath(`entra:${fabrikam}:${ada.objectId}`), { bearer })
    const known = await ask('GET', personPath(subjectOf(ada)), { bearer })
    expect(known).toMatchObject({ status: 404, body: { code: 'no_such_person' } })
    expect({ ...known.body, requestId: '' }).toEqual({ ...unknown.body, requestId: '' })
    const from = subjectOf({ ...ada, tenantId: '00000000-0000-0000-0000-000000000000' })
    expect((await ask('GET', `${adminPaths.people}?after=${from}`, { bearer })).body).toEqual({ people: [] })
    for (const query of [
      `objectId=${ada.objectId}`,
      `nameHash=${nameHash(ada.emailAddress)}`,
      'state=connected',
    ])
      expect((await ask('GET', `${adminPaths.people}?${query}`, { bearer })).body).toEqual({ people: [] })
  })
})
