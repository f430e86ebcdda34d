import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { adminPaths, revocationPath } from '../../src/contract/admin-paths.ts'
import type { Rule } from '../../src/contract/admin-policies.ts'
import { ownerHeader } from '../../src/contract/owner.ts'
import { meetingPath, paths, templatePath } from '../../src/contract/paths.ts'
import { mostTemplates } from '../../src/contract/templates.ts'
import { mailboxes } from '../../src/simulator/people.ts'
import { newKey, nextSecond, quarterlyReview } from '../kit.ts'
import { adminToken, decide as decideFor, subjectOf } from './admin/kit.ts'
import { asker } from './identity/kit.ts'
import { ada, engines, openWorld, type World } from './kit.ts'

const alan = mailboxes['no-bridge']
const staff = { name: 'Réunion d’équipe 🎉', options: { waitingRoom: 'off', muteUponEntry: 'on' } }

describe('what a person saves', () => {
  let world: World
  let ask: ReturnType<typeof asker>
  let other: ReturnType<typeof asker>
  beforeAll(async () => {
    world = await openWorld(engines.at(-1) ?? 'embedded')
    ask = asker((await world.startService()).origin)
    other = engines.at(-1) === 'PostgreSQL' ? asker((await world.startService()).origin) : ask
  })
  afterAll(() => world.close())
  afterEach(async () => {
    const bearer = await world.token()
    await ask('PUT', paths.defaults, { bearer, body: {} })
    const { templates = {} } = (await ask('GET', paths.templates, { bearer })).body as { templates?: object }
    for (const id of Object.keys(templates)) await ask('DELETE', templatePath(id), { bearer })
  })

  const as = async (person = ada) => ({ bearer: await world.token(person) })
  const saved = async (person = ada) => other('GET', paths.templates, await as(person))
  const save = async (id: string, body: object, person = ada) =>
    ask('PUT', templatePath(id), { ...(await as(person)), body })
  const saveDefaults = async (body: object, person = ada) =>
    ask('PUT', paths.defaults, { ...(await as(person)), body })
  async function settingsOfNew(options?: object, person = ada, headers = {}, by = other) {
    const body = { ...quarterlyReview, ...(options && { options }) }
    const { status } = await by('PUT', meetingPath(newKey()), { ...(await as(person)), body, headers })
    expect(status).toBe(200)
    const made = world.zoom
      .requests()
      .filter(({ method, path }) => method === 'POST' && path.includes('/meetings'))
    const { body: sent } = made.at(-1) as unknown as { body: { settings: Record<string, unknown> } }
    const { calendar_type: _, ...settings } = sent.settings
    return settings
  }
  const decide = (rules: Rule[]) => decideFor(world, ask, rules)

  test('is nothing at first', async () => {
    expect(await saved()).toMatchObject({ status: 200, body: { defaults: {}, templates: {} } })
  })

  test('as defaults is what each new meeting gets, from every process, until it is changed', async () => {
    expect((await saveDefaults({ waitingRoom: 'off', hostVideo: 'on' })).status).toBe(204)
    expect((await saved()).body).toMatchObject({ defaults: { waitingRoom: 'off', hostVideo: 'on' } })
    expect(await settingsOfNew()).toEqual({ waiting_room: false, host_video: true })
    expect(await settingsOfNew({ hostVideo: 'off' })).toEqual({ waiting_room: false, host_video: false })
    expect((await ask('GET', paths.options, await as())).body).toMatchObject({ hostVideo: { value: 'on' } })
    await saveDefaults({ audio: 'voip' })
    expect(await settingsOfNew()).toEqual({ audio: 'voip' })
    expect(await settingsOfNew(undefined, alan)).toEqual({})
  })

  test('as defaults gives way to what a policy locks, and comes before what a policy begins with', async () => {
    await saveDefaults({ waitingRoom: 'off', hostVideo: 'on' })
    await decide([
      { group: null, name: 'waitingRoom', value: 'always-on' },
      { group: null, name: 'hostVideo', value: 'off' },
    ])
    // The other process knows the rules half a second later.
    expect(await settingsOfNew(undefined, ada, {}, ask)).toEqual({ waiting_room: true, host_video: true })
    await decide([])
  })

  test('as defaults is left out where Zoom refuses it, and where the alternative host is the host', async () => {
    const both = `${alan.emailAddress};barbara@contoso.example`
    await saveDefaults({ alternativeHosts: both })
    expect(await settingsOfNew()).toEqual({ alternative_hosts: both })
    const headers = { [ownerHeader]: encodeURIComponent(alan.emailAddress) }
    expect(await settingsOfNew(undefined, ada, headers)).toEqual({
      alternative_hosts: 'barbara@contoso.example',
    })
    await saveDefaults({ alternativeHosts: 'stranger@elsewhere.example' })
    expect(await settingsOfNew()).toEqual({})
  })

  test('as a template is kept under its name for this person only, and can be changed and deleted', async () => {
    const id = newKey()
    expect((await save(id, staff)).status).toBe(204)
    expect((await saved()).body).toMatchObject({ templates: { [id]: staff } })
    expect((await saved(alan)).body).toMatchObject({ templates: {} })
    await ask('DELETE', templatePath(id), await as(alan))
    await save(id, { ...staff, name: 'Other' })
    expect((await saved()).body).toMatchObject({ templates: { [id]: { name: 'Other' } } })
    for (const _ of [1, 2]) expect((await ask('DELETE', templatePath(id), await as())).status).toBe(204)
    expect((await saved()).body).toEqual({ defaults: {}, templates: {} })
  })

  test(`is ${mostTemplates} templates at most`, async () => {
    for (let count = 0; count < mostTemplates; count++) expect((await save(newKey(), staff)).status).toBe(204)
    expect(await save(newKey(), staff)).toMatchObject({ status: 409, body: { code: 'too_many_templates' } })
    const [id = ''] = Object.keys((await saved()).body.templates as object)
    expect((await save(id, staff)).status).toBe(204)
    expect((await saveDefaults({})).status).toBe(204)
  })

  test.each([
    ['a template without a name', { options: {} }, 'name'],
    ['a name of spaces', { name: '  ', options: {} }, 'name'],
    ['a name with a line break', { name: 'a\nb', options: {} }, 'name'],
    ['a name that is too long', { name: 'x'.repeat(61), options: {} }, 'name'],
    ['an option that there is not', { name: 'x', options: { topic: 'y' } }, 'topic'],
    ['a passcode', { name: 'x', options: { passcode: 'secret' } }, 'passcode'],
  ])('is refused if it is %s, by the name of the field', async (_, body, field) => {
    expect(await save(newKey(), body)).toMatchObject({
      status: 400,
      body: { code: 'invalid_request', field },
    })
  })

  test('is in no column, no log line and no audit record in clear, and the acts are in the audit trail', async () => {
    const id = newKey()
    await save(id, staff)
    await saveDefaults({
      alternativeHosts: 'barbara@contoso.example',
      interpreters: 'barbara@i.example,English,French',
    })
    await ask('DELETE', templatePath(id), await as())
    expect(world.logged.join('')).not.toMatch(/quipe|barbara@/)
    const bearer = await adminToken(world)
    const trail = JSON.stringify((await ask('GET', adminPaths.audit, { bearer })).body)
    expect(trail).toContain('template saved')
    expect(trail).toContain('template deleted')
    expect(trail).not.toMatch(/quipe|waitingRoom|barbara@/)
    if (engines.at(-1) === 'PostgreSQL') {
      const rows = await world.sql(`select encode(sealed, 'escape') as sealed from templates`)
      expect(JSON.stringify(rows)).not.toMatch(/alternativeHosts|interpreters|barbara/)
    }
  })

  test.skipIf(engines.at(-1) !== 'PostgreSQL')('does not open as that of another person', async () => {
    await saveDefaults({ waitingRoom: 'off' })
    await world.sql(`
      insert into templates (subject, id, sealed)
      select regexp_replace(subject, '[^:]+$', '${alan.objectId}'), id, sealed from templates where id = 'defaults'`)
    expect((await saved(alan)).body).toEqual({ defaults: {}, templates: {} })
    expect(await settingsOfNew(undefined, alan)).toEqual({})
  })

  test('is deleted when the person disconnects, and none of it comes back', async () => {
    await save(newKey(), staff, alan)
    await saveDefaults({ hostVideo: 'on' }, alan)
    await nextSecond()
    const late = await as(alan)
    expect((await ask('DELETE', paths.me, late)).status).toBe(204)
    expect((await ask('PUT', paths.defaults, { ...late, body: { hostVideo: 'on' } })).status).toBe(401)
    await nextSecond()
    await nextSecond()
    expect((await saved(alan)).body).toEqual({ defaults: {}, templates: {} })
  })

  test('is deleted when an administrator revokes the access, and is not there when it is allowed again', async () => {
    await save(newKey(), staff, alan)
    await saveDefaults({ hostVideo: 'on' }, alan)
    const revoke = async (method: string) =>
      ask(method, revocationPath(subjectOf(alan)), { bearer: await adminToken(world) })
    expect((await revoke('PUT')).status).toBe(204)
    await nextSecond()
    await nextSecond()
    expect((await saved(alan)).body).toEqual({ defaults: {}, templates: {} })
    expect((await revoke('DELETE')).status).toBe(204)
    expect((await saved(alan)).body).toEqual({ defaults: {}, templates: {} })
  })

  test('is no matter of a ticket', async () => {
    const { body } = await ask('PUT', meetingPath(newKey()), { ...(await as()), body: quarterlyReview })
    const bearer = String(body.ticket)
    for (const path of [paths.defaults, templatePath(newKey())])
      expect((await ask('PUT', path, { bearer, body: staff })).status).toBe(401)
    expect((await ask('GET', paths.templates, { bearer })).status).toBe(401)
  })
})
