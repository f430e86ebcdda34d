import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Rule } from '../../src/contract/admin-policies.ts'
import { optionNames, optionValues, textNames } from '../../src/contract/meeting-options.ts'
import { ownerHeader } from '../../src/contract/owner.ts'
import { meetingOptionsPath, meetingPath, paths } from '../../src/contract/paths.ts'
import { mailboxes, type Person } from '../../src/simulator/people.ts'
import { unlicensed } from '../../src/simulator/zoom/users.ts'
import { newKey, nextSecond, quarterlyReview } from '../kit.ts'
import { decide as decideFor } from './admin/kit.ts'
import { asker } from './identity/kit.ts'
import { ada, engines, openWorld, type World } from './kit.ts'

/** What Zoom does not say of a meeting whose host has left it as it was. */
const unsaid: readonly string[] = [
  'whoWillReceiveSummary',
  'languageInterpretation',
  'signLanguageInterpretation',
  'zoomTemplate',
  'authenticationProfile',
  'dataCenterRegions',
  'interpreters',
  'signLanguageInterpreters',
]
const signIn = 'signIn_D8cJuqWVQ623CI4Q8yQK0Q'
const internally = 'internally_5BxJuqWVQ623CI4Q8yQK0Q'
const partners = 'domains_7RtJuqWVQ623CI4Q8yQK0Q'
const alan: Person = mailboxes['no-bridge']

describe('the options of a meeting', () => {
  let world: World
  let ask: ReturnType<typeof asker>
  beforeAll(async () => {
    world = await openWorld(engines.at(-1) ?? 'embedded')
    ask = asker((await world.startService()).origin)
  })
  afterAll(() => world.close())
  afterEach(async () => {
    await world.faults.clear()
    world.zoom.portal.lockSettings({})
    world.zoom.portal.lockSettingsOf('sales', {})
    world.zoom.portal.putUser(ada.emailAddress, { type: 2, group_ids: [] })
    await decide([])
  })

  const decide = (rules: Rule[]) => decideFor(world, ask, rules)
  const always = (name: Rule['name'], value: string): Rule => ({ group: null, name, value })

  const namesIn = ({ offered: _, ...options }: Record<string, unknown>) => Object.keys(options).toSorted()

  async function schedule(person = ada, key = newKey()): Promise<string> {
    const bearer = await world.token(person)
    expect((await ask('PUT', meetingPath(key), { bearer, body: quarterlyReview })).status).toBe(200)
    return key
  }
  const read = async (key: string, person = ada, headers = {}) =>
    ask('GET', meetingOptionsPath(key), { bearer: await world.token(person), headers })
  const change = async (key: string, body: unknown, person = ada, headers = {}) =>
    ask('PATCH', meetingOptionsPath(key), { bearer: await world.token(person), body, headers })
  const sent = (method: string) =>
    world.zoom.requests().filter((one) => one.method === method && one.path.includes('/meetings'))
  const lastSettings = () => (sent('POST').at(-1)?.body as { settings: object } | undefined)?.settings

  test('are read as Zoom has them', async () => {
    const { status, body } = await read(await schedule())
    expect(status).toBe(200)
    expect(namesIn(body)).toEqual(
      [...optionNames, ...textNames].filter((name) => !unsaid.includes(name)).toSorted(),
    )
    expect(body).toMatchObject({ waitingRoom: { value: 'on' }, autoRecording: { value: 'none' } })
  })

  test('change one by one: Zoom gets that one only, and the answer is what Zoom has then', async () => {
    const key = await schedule()
    const { body } = await change(key, { waitingRoom: 'off' })
    expect(body).toMatchObject({ waitingRoom: { value: 'off' }, hostVideo: { value: 'off' } })
    expect(sent('PATCH').at(-1)?.body).toEqual({ settings: { waiting_room: false } })
    expect((await change(key, { autoRecording: 'cloud', muteUponEntry: 'on' })).body).toMatchObject({
      waitingRoom: { value: 'off' },
      autoRecording: { value: 'cloud' },
      muteUponEntry: { value: 'on' },
    })
  })

  test('have alternative hosts: licensed people of the Zoom account, and nobody else', async () => {
    const key = await schedule()
    const hosts = 'alan@contoso.example;barbara@contoso.example'
    expect((await change(key, { alternativeHosts: hosts })).body).toMatchObject({ alternativeHosts: hosts })
    for (const other of [unlicensed, 'stranger@elsewhere.example'])
      expect(await change(key, { alternativeHosts: other })).toMatchObject({
        status: 409,
        body: { code: 'alternative_hosts_not_allowed' },
      })
    expect((await change(key, { alternativeHosts: '' })).body).toMatchObject({ alternativeHosts: '' })
    expect(world.logged.join('')).not.toContain('stranger@')
  })

  test('stay when the appointment moves', async () => {
    const key = await schedule()
    await change(key, { waitingRoom: 'off' })
    const bearer = await world.token()
    await ask('PUT', meetingPath(key), { bearer, body: { ...quarterlyReview, subject: 'Moved' } })
    expect((await read(key)).body).toMatchObject({ waitingRoom: { value: 'off' } })
  })

  test('of a new meeting are those that the policies say, and only those', async () => {
    await decide([always('waitingRoom', 'off'), always('autoRecording', 'always-cloud')])
    const key = await schedule()
    expect(lastSettings()).toEqual({ calendar_type: 1, waiting_room: false, auto_recording: 'cloud' })
    expect((await read(key)).body).toMatchObject({
      waitingRoom: { value: 'off' },
      autoRecording: { value: 'cloud', lockedBy: 'organisation' },
    })
    expect((await change(key, { waitingRoom: 'on' })).body).toMatchObject({ waitingRoom: { value: 'on' } })
  })

  test('of a new meeting, each, can be decided for everybody: the meeting has the value, and nobody changes it', async () => {
    const values = Object.fromEntries(optionNames.map((name) => [name, optionValues[name].at(-1) as string]))
    const rules = optionNames.map((name) => always(name, `always-${values[name]}`))
    await decide(rules)
    const { body } = await ask('GET', paths.options, { bearer: await world.token() })
    for (const name of optionNames)
      expect(body[name], name).toMatchObject({ value: values[name], lockedBy: 'organisation' })
    const key = await schedule()
    expect(lastSettings()).toMatchObject({
      ...{ waiting_room: false, join_before_host: true, jbh_time: 0, audio: 'thirdParty' },
      ...{ encryption_type: 'enhanced_encryption', use_pmi: true, approval_type: 2, auto_recording: 'cloud' },
      ...{ who_will_receive_summary: 4, auto_start_meeting_summary: true },
      ...{ auto_start_ai_companion_questions: true, continuous_meeting_chat: { enable: true } },
      ...{ language_interpretation: { enable: true }, sign_language_interpretation: { enable: true } },
    })
    for (const name of optionNames) {
      const other = { [name]: optionValues[name][0] }
      expect(await change(key, other), name).toMatchObject({ status: 409, body: { field: name } })
    }
  })

  test('have no alternative hosts where the organisation wants none: not chosen, not changed, not by default', async () => {
    const bearer = await world.token()
    const alternativeHosts = alan.emailAddress
    const key = newKey()
    await ask('PUT', paths.defaults, { bearer, body: { alternativeHosts, muteUponEntry: 'on' } })
    await decide([always('alternativeHosts', 'off')])
    for (const refused of [
      await scheduleWith({ alternativeHosts }),
      await change(await schedule(ada, key), { alternativeHosts }),
    ])
      expect(refused).toMatchObject({
        status: 409,
        body: { code: 'option_locked', field: 'alternativeHosts' },
      })
    expect(lastSettings()).toEqual({ calendar_type: 1, mute_upon_entry: true, alternative_hosts: '' })
    for (const { body } of [await ask('GET', paths.options, { bearer }), await read(key)]) {
      expect(body).not.toHaveProperty('alternativeHosts')
      expect(body.decided).toEqual({ alternativeHosts: '' })
    }
    await decide([always('alternativeHosts', 'choice')])
    expect((await change(key, { alternativeHosts })).body).toMatchObject({ alternativeHosts })
    await ask('PUT', paths.defaults, { bearer, body: {} })
  })

  test('that are texts can be decided for everybody: the meeting has them, and nobody changes them or is offered another', async () => {
    const texts = {
      authenticationProfile: internally,
      dialInCountries: 'DE;FR',
      dataCenterRegions: 'NL',
      countries: 'deny:AQ',
    }
    const names = Object.keys(texts) as (keyof typeof texts)[]
    await decide(names.map((name) => always(name, `always-${texts[name]}`)))
    const key = await schedule()
    expect(lastSettings()).toEqual({
      calendar_type: 1,
      authentication_option: internally,
      global_dial_in_countries: ['DE', 'FR'],
      additional_data_center_regions: ['NL'],
      approved_or_denied_countries_or_regions: { enable: true, method: 'deny', denied_list: ['AQ'] },
    })
    const bearer = await world.token()
    for (const { body } of [await ask('GET', paths.options, { bearer }), await read(key)])
      for (const name of names) {
        expect(body).not.toHaveProperty(name)
        expect(Object(body.offered)).not.toHaveProperty(name)
        expect(Object(body.decided)).toHaveProperty(name)
      }
    const other = {
      authenticationProfile: partners,
      dialInCountries: 'IT',
      dataCenterRegions: 'DE',
      countries: '',
    }
    for (const name of names) {
      const refused = { status: 409, body: { code: 'option_locked', field: name } }
      expect(await scheduleWith({ [name]: other[name] })).toMatchObject(refused)
      if (name !== 'dataCenterRegions')
        expect(await change(key, { [name]: other[name] })).toMatchObject(refused)
    }
  })

  test('that are texts are as the policies begin with, and a person changes them', async () => {
    await decide([always('dialInCountries', 'DE;FR'), always('countries', 'approve:DE')])
    expect((await ask('GET', paths.options, { bearer: await world.token() })).body).toMatchObject({
      dialInCountries: 'DE;FR',
      countries: 'approve:DE',
    })
    expect((await scheduleWith({ countries: '' })).status).toBe(200)
    expect(lastSettings()).toEqual({
      calendar_type: 1,
      global_dial_in_countries: ['DE', 'FR'],
      approved_or_denied_countries_or_regions: { enable: false },
    })
  })

  test('with which a policy only begins, and which Zoom refuses, are left out; without what it fixes no meeting is made', async () => {
    await decide([always('hostVideo', 'always-on'), always('authenticationProfile', 'gone_1')])
    const body = { code: 300, message: 'The authentication profile does not exist.' }
    const refuse = (times: number) =>
      world.faults.add({ vendor: 'zoom', match: 'POST /v2/users', status: 400, body, times })
    refuse(1)
    await schedule()
    expect(lastSettings()).toEqual({ calendar_type: 1, host_video: true })
    refuse(2)
    expect(await scheduleWith({})).toMatchObject({ body: { code: 'zoom_refused' } })
  })

  test('are as the policies begin with, and a person changes them', async () => {
    await decide([always('audio', 'telephony'), always('approvalType', 'manual'), always('jbhTime', '15')])
    const key = await schedule()
    expect(lastSettings()).toEqual({ calendar_type: 1, audio: 'telephony', approval_type: 1, jbh_time: 15 })
    expect((await change(key, { audio: 'voip' })).body).toMatchObject({ audio: { value: 'voip' } })
  })

  const scheduleWith = async (options: object, key = newKey(), more = {}) =>
    ask('PUT', meetingPath(key), {
      bearer: await world.token(),
      body: { ...quarterlyReview, options },
      ...more,
    })

  test('of a new meeting are those that the person has chosen for it, in the one call that makes it', async () => {
    const key = newKey()
    const before = world.zoom.requests().length
    const { status } = await scheduleWith({ waitingRoom: 'off', countries: 'approve:DE;FR' }, key)
    expect(status).toBe(200)
    expect(world.zoom.requests().length - before).toBe(1)
    expect(lastSettings()).toEqual({
      calendar_type: 1,
      waiting_room: false,
      approved_or_denied_countries_or_regions: {
        enable: true,
        method: 'approve',
        approved_list: ['DE', 'FR'],
      },
    })
    expect((await scheduleWith({ waitingRoom: 'on' }, key)).status).toBe(200)
    expect((await read(key)).body).toMatchObject({ waitingRoom: { value: 'off' } })
  })

  test('of a new meeting that a policy decides are refused by name, and no meeting is made', async () => {
    await decide([always('waitingRoom', 'always-on'), always('hostVideo', 'on')])
    const before = world.zoom.meetings().length
    expect(await scheduleWith({ waitingRoom: 'off' })).toMatchObject({
      status: 409,
      body: { code: 'option_locked', field: 'waitingRoom' },
    })
    expect(world.zoom.meetings()).toHaveLength(before)
    expect((await scheduleWith({ hostVideo: 'off' })).status).toBe(200)
    expect(lastSettings()).toEqual({ calendar_type: 1, waiting_room: true, host_video: false })
  })

  test('of a new meeting that Zoom refuses are left out: by their fields, or all that the person chose', async () => {
    await decide([always('hostVideo', 'on')])
    const chosen = { muteUponEntry: 'on', alternativeHosts: unlicensed }
    expect((await scheduleWith(chosen)).status).toBe(200)
    expect(lastSettings()).toEqual({ calendar_type: 1, host_video: true, mute_upon_entry: true })
    const body = { code: 300, message: 'Cloud recording is not available.' }
    world.faults.add({ vendor: 'zoom', match: 'POST /v2/users', status: 400, body })
    expect((await scheduleWith({ autoRecording: 'cloud' })).status).toBe(200)
    expect(lastSettings()).toEqual({ calendar_type: 1, host_video: true })
  })

  test('of a new meeting must be options, and the answer names the one that is none', async () => {
    for (const [options, field] of [
      [{ waitingRoom: 'maybe' }, 'waitingRoom'],
      [{ topic: 'Budget' }, 'topic'],
      ['none', 'body'],
    ] as const)
      expect(await scheduleWith(options as object)).toMatchObject({
        status: 400,
        body: { code: 'invalid_request', field },
      })
  })

  test('have no alternative host who is the host, and none twice, in whatever letters', async () => {
    const key = await schedule()
    const host = ada.emailAddress.toUpperCase()
    for (const [alternativeHosts, code] of [
      [host, 'alternative_host_is_host'],
      ['alan@contoso.example;Alan@Contoso.example', 'alternative_host_twice'],
    ]) {
      const refused = { status: 409, body: { code, field: 'alternativeHosts' } }
      const before = sent('PATCH').length
      expect(await change(key, { alternativeHosts })).toMatchObject(refused)
      expect(await scheduleWith({ alternativeHosts })).toMatchObject(refused)
      expect(sent('PATCH')).toHaveLength(before)
    }
  })

  test('that a policy decides are refused by name, and nothing changes; the decided value may be sent', async () => {
    const key = await schedule()
    await decide([always('waitingRoom', 'always-on')])
    const before = sent('PATCH').length
    const refused = await change(key, { muteUponEntry: 'on', waitingRoom: 'off' })
    expect(refused).toMatchObject({ status: 409, body: { code: 'option_locked', field: 'waitingRoom' } })
    expect(sent('PATCH')).toHaveLength(before)
    expect((await change(key, { waitingRoom: 'on' })).status).toBe(200)
  })

  test('that the Zoom account has locked stay, and the answer says who decides', async () => {
    const key = await schedule()
    world.zoom.portal.lockSettings({ waiting_room: true })
    expect((await change(key, { waitingRoom: 'off' })).body).toMatchObject({
      waitingRoom: { value: 'on', lockedBy: 'zoom' },
    })
  })

  test('that Zoom refuses are a clear sentence', async () => {
    const key = await schedule()
    world.faults.add({
      vendor: 'zoom',
      match: 'PATCH /v2/meetings',
      status: 400,
      body: { code: 300, message: 'Cloud recording is not available.' },
    })
    expect(await change(key, { autoRecording: 'cloud' })).toMatchObject({
      status: 409,
      body: { code: 'option_not_allowed' },
    })
  })

  test.each([
    ['a value that the option does not have', { waitingRoom: 'cloud' }, 'waitingRoom'],
    ['a value of another type', { waitingRoom: true }, 'waitingRoom'],
    ['an option that there is not', { topic: 'Budget' }, 'topic'],
    ['no option', {}, 'body'],
    ['what is no id', { authenticationProfile: 'Sign in' }, 'authenticationProfile'],
    ['an interpreter of one language', { interpreters: 'yann@i.example,French' }, 'interpreters'],
    ['an interpreter without an address', { interpreters: 'yann,French,Breton' }, 'interpreters'],
    ['a signer without a language', { signLanguageInterpreters: 'a@i.example' }, 'signLanguageInterpreters'],
    ['what is no address', { alternativeHosts: 'alan' }, 'alternativeHosts'],
  ])('%s is refused, and the answer names the field', async (_, body, field) => {
    const before = world.zoom.requests().length
    expect(await change(newKey(), body)).toMatchObject({
      status: 400,
      body: { code: 'invalid_request', field },
    })
    expect(world.zoom.requests()).toHaveLength(before)
  })

  test('of a meeting that is gone, or of another person, are not there', async () => {
    const key = await schedule()
    expect((await read(key, alan)).status).toBe(410)
    expect((await change(key, { waitingRoom: 'off' }, alan)).status).toBe(410)
    await ask('DELETE', meetingPath(key), { bearer: await world.token() })
    expect(await read(key)).toMatchObject({ status: 410, body: { code: 'meeting_gone' } })
    expect((await read(newKey())).status).toBe(410)
  })

  test('are no matter of a ticket', async () => {
    const key = newKey()
    const { body } = await ask('PUT', meetingPath(key), {
      bearer: await world.token(),
      body: quarterlyReview,
    })
    const bearer = String(body.ticket)
    expect((await ask('GET', meetingOptionsPath(key), { bearer })).status).toBe(401)
    const change = { bearer, body: { waitingRoom: 'off' } }
    expect((await ask('PATCH', meetingOptionsPath(key), change)).status).toBe(401)
  })

  test('of a meeting for somebody else are theirs who schedule for them, as long as Zoom lets them', async () => {
    const headers = { [ownerHeader]: encodeURIComponent(alan.emailAddress) }
    const key = newKey()
    await ask('PUT', meetingPath(key), { bearer: await world.token(), body: quarterlyReview, headers })
    const { body } = await change(key, { waitingRoom: 'off' }, ada, headers)
    expect(body).toMatchObject({ waitingRoom: { value: 'off' } })
  })

  test('are nothing to somebody who has disconnected', async () => {
    const key = await schedule(alan)
    const bearer = await world.token(alan)
    await nextSecond()
    await ask('DELETE', paths.me, { bearer })
    expect((await ask('GET', meetingOptionsPath(key), { bearer })).status).toBe(401)
  })

  test('need Zoom: while it does not answer, a try later succeeds', async () => {
    const key = await schedule()
    world.faults.add({ vendor: 'zoom', match: 'PATCH /v2/meetings', status: 503, times: 'always' })
    expect((await change(key, { hostVideo: 'on' })).status).toBe(503)
    await world.faults.clear()
    expect((await change(key, { hostVideo: 'on' })).body).toMatchObject({ hostVideo: { value: 'on' } })
  })

  describe('that change the join link', () => {
    const put = async (key: string, options?: object) =>
      (
        await ask('PUT', meetingPath(key), {
          bearer: await world.token(),
          body: { ...quarterlyReview, ...(options && { options }) },
        })
      ).body

    test('a passcode is in the new meeting, can be changed alone, and is in the invitation', async () => {
      const key = newKey()
      const made = await put(key, { passcode: 'Ab1@_*-' })
      expect(made.passcode).toBe('Ab1@_*-')
      expect((await change(key, { passcode: '4242' })).body).toMatchObject({ passcode: '4242' })
      expect(sent('PATCH').at(-1)?.body).toEqual({ password: '4242' })
      const now = await put(key)
      expect(now.passcode).toBe('4242')
      expect(now.joinUrl).not.toBe(made.joinUrl)
      expect(world.logged.join('')).not.toContain('Ab1@')
    })

    test('with the personal meeting id, people join by that one, and the meeting stays its own', async () => {
      const key = newKey()
      const { id, joinUrl } = await put(key, { usePmi: 'on' })
      const pmi = world.zoom.portal.users().find(({ email }) => email === ada.emailAddress)?.pmi
      expect(id).toBe(String(pmi))
      expect(joinUrl).toContain(`/j/${pmi}`)
      const other = await put(newKey(), { usePmi: 'on' })
      expect(other.id).toBe(id)
      await ask('DELETE', meetingPath(key), { bearer: await world.token() })
      expect((await read(key)).status).toBe(410)
      expect((await change(key, { usePmi: 'off' })).status).toBe(410)
    })

    test('with registration, the invitation leads to it, and without it to the meeting again', async () => {
      const key = newKey()
      expect((await put(key, { approvalType: 'manual' })).joinUrl).toContain('/meeting/register/')
      expect(lastSettings()).toEqual({ calendar_type: 1, approval_type: 1 })
      await change(key, { approvalType: 'none' })
      expect((await put(key)).joinUrl).toContain('/j/')
    })

    test('a template of the Zoom account is for a new meeting only, and one that Zoom refuses is left out', async () => {
      const bearer = await world.token()
      expect((await ask('GET', paths.zoomTemplates, { bearer })).body).toEqual({
        'training-template': 'Training course',
        'panel-template': 'Panel',
      })
      const key = newKey()
      await put(key, { zoomTemplate: 'training-template' })
      expect(sent('POST').at(-1)?.body).toMatchObject({ template_id: 'training-template' })
      expect((await read(key)).body).toMatchObject({ muteUponEntry: { value: 'on' } })
      expect(await change(key, { zoomTemplate: 'panel-template' })).toMatchObject({
        status: 400,
        body: { code: 'invalid_request', field: 'zoomTemplate' },
      })
      expect(await put(newKey(), { zoomTemplate: 'gone' })).toHaveProperty('joinUrl')
      expect(sent('POST').at(-1)?.body).not.toHaveProperty('template_id')
    })

    test('whether there are templates is not known while Zoom does not answer', async () => {
      world.faults.add({ vendor: 'zoom', match: 'meeting_templates', status: 503, times: 'always' })
      const bearer = await world.token()
      expect(await ask('GET', paths.zoomTemplates, { bearer })).toMatchObject({
        status: 503,
        body: { code: 'zoom_unreachable' },
      })
    })

    test.each(['', 'with space', 'x'.repeat(11), 'ünï'])(
      'a passcode cannot become “%s”',
      async (passcode) => {
        const key = await schedule()
        expect(await change(key, { passcode })).toMatchObject({
          status: 400,
          body: { code: 'invalid_request', field: 'passcode' },
        })
      },
    )
  })

  describe('that a person can choose', () => {
    const allowed = async (person = ada, headers = {}) =>
      ask('GET', paths.options, { bearer: await world.token(person), headers })
    const silent = (match: string) =>
      world.faults.add({ vendor: 'zoom', match, status: 503, times: 'always' })

    test('for a new meeting are those of their Zoom account, with its values', async () => {
      const before = world.zoom.meetings().length
      const { status, body } = await allowed()
      expect(status).toBe(200)
      expect(namesIn(body)).toEqual([...optionNames, ...textNames].toSorted())
      expect(body).toMatchObject({
        waitingRoom: { value: 'on' },
        audio: { value: 'both', without: 'thirdParty' },
        muteUponEntry: {},
      })
      expect(body.muteUponEntry).not.toHaveProperty('value')
      expect(world.zoom.meetings()).toHaveLength(before)
    })

    test('are locked by the account, by a group, or by a policy, which comes first', async () => {
      world.zoom.portal.lockSettings({ waiting_room: false, host_video: true })
      world.zoom.portal.putUser(ada.emailAddress, { group_ids: ['sales'] })
      world.zoom.portal.lockSettingsOf('sales', { auto_recording: 'local' })
      await decide([always('hostVideo', 'always-off')])
      const key = await schedule()
      for (const { body } of [await allowed(), await read(key)])
        expect(body).toMatchObject({
          waitingRoom: { value: 'off', lockedBy: 'zoom' },
          autoRecording: { value: 'local', lockedBy: 'zoom' },
          hostVideo: { lockedBy: 'organisation' },
        })
      expect((await allowed(alan)).body.autoRecording).not.toHaveProperty('lockedBy')
    })

    test('have the ways of signing in that the account shows, and the one with which it begins', async () => {
      const { body } = await allowed()
      expect(body).toMatchObject({ authenticationProfile: signIn })
      expect(Object(body.offered).authenticationProfile).toEqual({
        [signIn]: 'Sign in to Zoom',
        [internally]: 'Contoso only',
        [partners]: 'Partners (contoso.example,fabrikam.example)',
      })
      const key = newKey()
      const { status } = await scheduleWith(
        { meetingAuthentication: 'on', authenticationProfile: internally },
        key,
      )
      expect(status).toBe(200)
      expect(lastSettings()).toEqual({
        calendar_type: 1,
        meeting_authentication: true,
        authentication_option: internally,
      })
      const changed = (await change(key, { authenticationProfile: partners })).body
      expect(changed).toMatchObject({ authenticationProfile: partners })
      expect(changed).not.toHaveProperty('authenticationProfileGone')
      expect(sent('PATCH').at(-1)?.body).toEqual({ settings: { authentication_option: partners } })
    })

    test('have no choice of a way of signing in where there is one, or Zoom does not say', async () => {
      const one = { id: signIn, name: 'Sign in to Zoom', type: 'enforce_login', visible: true }
      world.zoom.portal.changeSettings({ authentication: { authentication_options: [one] } })
      expect(Object((await allowed()).body.offered)).not.toHaveProperty('authenticationProfile')
      world.zoom.reset()
      silent('/settings')
      const { body } = await allowed()
      expect(body).not.toHaveProperty('offered')
      expect(body).toMatchObject({ authenticationProfile: '' })
    })

    test('name a way of signing in that the account no longer has, and Zoom’s refusal of it is a clear sentence', async () => {
      const key = newKey()
      await scheduleWith({ meetingAuthentication: 'on', authenticationProfile: partners }, key)
      const one = { id: signIn, name: 'Sign in to Zoom', type: 'enforce_login', visible: true }
      world.zoom.portal.changeSettings({ authentication: { authentication_options: [one] } })
      expect((await read(key)).body).toMatchObject({
        authenticationProfile: partners,
        authenticationProfileGone: 'Partners',
        offered: { authenticationProfile: { [signIn]: 'Sign in to Zoom' } },
      })
      expect(await change(key, { authenticationProfile: internally })).toMatchObject({
        status: 409,
        body: { code: 'authentication_profile_not_allowed' },
      })
      await scheduleWith({ meetingAuthentication: 'on', authenticationProfile: internally })
      expect(lastSettings()).toEqual({ calendar_type: 1, meeting_authentication: true })
      world.zoom.reset()
    })

    test('have the data centres that the host has not chosen, for a new meeting, if the host can choose', async () => {
      const { body } = await allowed()
      const { dataCenterRegions: regions } = Object(body.offered)
      expect(Object.keys(regions).toSorted()).toEqual([
        'AU',
        'CA',
        'CN',
        'HK',
        'IE',
        'IN',
        'LA',
        'MX',
        'SG',
        'TY',
      ])
      const key = newKey()
      await scheduleWith({ dataCenterRegions: 'IN;TY' }, key)
      expect(lastSettings()).toEqual({ calendar_type: 1, additional_data_center_regions: ['IN', 'TY'] })
      expect(Object((await read(key)).body.offered)).not.toHaveProperty('dataCenterRegions')
      expect(await change(key, { dataCenterRegions: 'AU' })).toMatchObject({
        status: 400,
        body: { code: 'invalid_request', field: 'dataCenterRegions' },
      })
      expect((await scheduleWith({ dataCenterRegions: 'CN', muteUponEntry: 'on' })).status).toBe(200)
      expect(lastSettings()).toEqual({ calendar_type: 1, mute_upon_entry: true })
      world.zoom.portal.changeSettings({ in_meeting: { custom_data_center_regions: false } })
      expect(Object((await allowed()).body.offered)).not.toHaveProperty('dataCenterRegions')
      world.zoom.reset()
    })

    test('have interpreters in the languages of the account, who are sent to Zoom only', async () => {
      const { body } = await allowed()
      expect(body.offered).toMatchObject({
        interpreters: { English: 'English', Chinese: 'Chinese', Breton: 'Breton' },
        signLanguageInterpreters: { American: 'American', German: 'German' },
      })
      const key = newKey()
      const chosen = {
        interpreters: 'yann@i.example,French,Breton',
        signLanguageInterpreters: 'deaf@i.example,German',
      }
      await scheduleWith(chosen, key)
      expect(lastSettings()).toEqual({
        calendar_type: 1,
        language_interpretation: {
          enable: true,
          interpreters: [{ email: 'yann@i.example', interpreter_languages: 'French,Breton' }],
        },
        sign_language_interpretation: {
          enable: true,
          interpreters: [{ email: 'deaf@i.example', sign_language: 'German' }],
        },
      })
      expect((await read(key)).body).toMatchObject({ ...chosen, languageInterpretation: { value: 'on' } })
      const two = 'yann@i.example,French,Breton;anne@i.example,English,German'
      expect((await change(key, { interpreters: two })).body).toMatchObject({ interpreters: two })
      expect((await change(key, { interpreters: '' })).body).toMatchObject({ interpreters: '' })
      const off = await change(key, { languageInterpretation: 'off', interpreters: two })
      expect(off.body).toMatchObject({ languageInterpretation: { value: 'off' } })
      expect(sent('PATCH').at(-1)?.body).toEqual({ settings: { language_interpretation: { enable: false } } })
      expect(world.logged.join('')).not.toContain('i.example')
    })

    test('have no interpreters in a language that the account lacks: a change says so, a new meeting is made without', async () => {
      const key = await schedule()
      for (const wrong of [
        { interpreters: 'yann@i.example,French,Welsh' },
        { interpreters: 'yann@i.example,French,French' },
        { signLanguageInterpreters: 'yann@i.example,French' },
      ])
        expect(await change(key, wrong)).toMatchObject({
          status: 409,
          body: { code: 'interpreters_not_allowed' },
        })
      const wrong = { interpreters: 'yann@i.example,French,Welsh', muteUponEntry: 'on' }
      expect((await scheduleWith(wrong)).status).toBe(200)
      expect(lastSettings()).toEqual({ calendar_type: 1, mute_upon_entry: true })
    })

    test('have no interpreters where the account or a policy has none, and a policy’s refusal names them', async () => {
      const one = { interpreters: 'yann@i.example,French,Breton' }
      await decide([always('languageInterpretation', 'always-off')])
      for (const refused of [await scheduleWith(one), await change(await schedule(), one)])
        expect(refused).toMatchObject({ status: 409, body: { code: 'option_locked', field: 'interpreters' } })
      await decide([always('languageInterpretation', 'always-on')])
      expect((await scheduleWith(one)).status).toBe(200)
      await decide([])
      world.zoom.portal.changeSettings({ in_meeting: { language_interpretation: { enable: false } } })
      const { body } = await allowed()
      expect(body).not.toHaveProperty('interpreters')
      expect(Object(body.offered)).not.toHaveProperty('interpreters')
      expect(body).toHaveProperty('signLanguageInterpreters')
      world.zoom.reset()
    })

    test('lack what their licence does not have', async () => {
      world.zoom.portal.putUser(ada.emailAddress, { type: 1 })
      const { body } = await allowed()
      for (const name of ['alternativeHosts', 'autoStartMeetingSummary', 'languageInterpretation'])
        expect(body).not.toHaveProperty(name)
      expect(body).toMatchObject({ autoRecording: { without: 'cloud' } })
    })

    test('lack what their Zoom account has switched off', async () => {
      world.zoom.portal.changeSettings({
        recording: { cloud_recording: false },
        in_meeting: { ai_companion_questions: { enable: false } },
        meeting_security: { end_to_end_encrypted_meetings: false },
      })
      const { body } = await allowed()
      expect(body).not.toHaveProperty('autoStartAiCompanionQuestions')
      expect(body).toMatchObject({
        autoRecording: { value: 'none', without: 'cloud' },
        encryptionType: { value: 'enhanced', without: 'e2ee' },
      })
      world.zoom.reset()
    })

    test.each(['GET /v2/users', 'GET /v2/accounts', '/settings', 'lock_settings'])(
      'are neither locked nor missing while Zoom does not answer %s',
      async (match) => {
        const key = await schedule()
        silent(match)
        const { status, body } = await allowed()
        expect(status).toBe(200)
        expect(namesIn(body)).toEqual([...optionNames, ...textNames].toSorted())
        expect((await read(key)).status).toBe(200)
      },
    )

    test('are neither locked nor missing where Zoom answers something else', async () => {
      for (const match of ['/settings', 'lock_settings'])
        world.faults.add({
          vendor: 'zoom',
          match,
          status: 200,
          body: { recording: null, schedule_meeting: 'none', meeting_security: { waiting_room: 'yes' } },
          times: 'always',
        })
      const { status, body } = await allowed()
      expect(status).toBe(200)
      expect(body.waitingRoom).toEqual({})
    })

    test('in another person’s calendar are those of its owner, if they may schedule for them', async () => {
      world.zoom.portal.putUser(alan.emailAddress, { group_ids: ['sales'] })
      world.zoom.portal.lockSettingsOf('sales', { host_video: true })
      const headers = { [ownerHeader]: encodeURIComponent(alan.emailAddress) }
      expect((await allowed(ada, headers)).body).toMatchObject({ hostVideo: { lockedBy: 'zoom' } })
      const stranger = { [ownerHeader]: encodeURIComponent('claude@contoso.example') }
      expect(await allowed(ada, stranger)).toMatchObject({ body: { code: 'owner_does_not_allow' } })
    })

    test('are no matter of a ticket, nor of somebody who has disconnected', async () => {
      const key = newKey()
      const { body } = await ask('PUT', meetingPath(key), {
        bearer: await world.token(),
        body: quarterlyReview,
      })
      expect((await ask('GET', paths.options, { bearer: String(body.ticket) })).status).toBe(401)
      expect((await ask('GET', paths.options)).status).toBe(401)
    })
  })
})
