import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Rule } from '../../../src/contract/admin-policies.ts'
import { type ConnectionState, connectionsFrom, stateOf } from '../../../src/contract/connections.ts'
import type { Login } from '../../../src/contract/identity.ts'
import { connectionPath, googleLoginPath, paths } from '../../../src/contract/paths.ts'
import type { Permission } from '../../../src/contract/permission.ts'
import { mailboxes, type Person } from '../../../src/simulator/people.ts'
import { decide as decideFor } from '../admin/kit.ts'
import { asker, codeIn, proofKey } from '../identity/kit.ts'
import { ada, engines, hasPostgres, openWorld } from '../kit.ts'
import { atGoogle, loginAtGoogle, openGoogle, scopes } from './google-kit.ts'

const alan: Person = mailboxes['no-bridge']
const day = 24 * 3_600_000

const inState = (state: ConnectionState, permission: Permission = 'read-write') => {
  const { says, wayOut } = stateOf('google', state)
  return { state, says, wayOut, permission }
}

describe('a calendar of Google', () => {
  let world: Awaited<ReturnType<typeof openWorld>>
  let google: Awaited<ReturnType<typeof openGoogle>>
  let ask: ReturnType<typeof asker>
  const clock = { ahead: 0 }

  beforeAll(async () => {
    world = await openWorld(engines.at(-1) ?? 'embedded')
    google = await openGoogle(world, () => Date.now() + clock.ahead)
    const service = await world.startService({
      CALENDAR_PERMISSION: 'read-write',
      ...google.settings,
    })
    ask = asker(service.origin)
  })
  afterAll(async () => {
    await world.close()
    await google.close()
  })
  afterEach(async () => {
    clock.ahead = 0
    await world.faults.clear()
    google.reset()
    await ask('DELETE', connectionPath('google'), { bearer: await world.token() })
  })

  const login = (
    permission: Permission = 'read-write',
    form?: Record<string, string>,
    key?: ReturnType<typeof proofKey>,
  ) => loginAtGoogle(ask, permission, form, key)
  const put = async (body: Login, person: Person = ada) =>
    ask('PUT', connectionPath('google'), { bearer: await world.token(person), body })
  const state = async (person: Person = ada) =>
    connectionsFrom((await ask('GET', paths.connections, { bearer: await world.token(person) })).body).google
  const age = () => world.sql(`update credentials set replaced_at = now() - interval '31 seconds'`)

  test('is connected by a sign-in to Google, for this person only, until they disconnect, and Google is told', async () => {
    expect(await state()).toEqual(inState('not_connected'))
    const begun = new URL(
      (await ask('GET', googleLoginPath(proofKey().challenge, { permission: 'read' }))).location,
    )
    expect(Object.fromEntries(begun.searchParams)).toMatchObject({
      access_type: 'offline',
      prompt: 'consent',
      scope: scopes.read,
      code_challenge_method: 'S256',
    })
    expect((await put(await login())).body).toEqual(inState('connected'))
    expect(await state()).toEqual(inState('connected'))
    expect(await state(alan)).toEqual(inState('not_connected'))
    expect(google.has(ada)).toBe(true)
    await ask('DELETE', connectionPath('google'), { bearer: await world.token() })
    expect(await state()).toEqual(inState('not_connected'))
    await expect.poll(() => google.has(ada)).toBe(false)
  })

  test('says in the dialog that the person cancelled', async () => {
    const begun = await ask('GET', googleLoginPath(proofKey().challenge, { permission: 'read' }))
    const back = await ask('GET', await atGoogle(begun.location, { decline: 'yes' }))
    expect(back.location).toBe(`${paths.dialog}#problem=sign_in_cancelled`)
  })

  test.each([
    ['leaves the permission out', 'read-write', { allow: 'yes' }],
    ['allows another permission than the organisation wants', 'read', { allow: 'yes', scope: scopes.read }],
  ] as const)(
    'of a person who %s is not connected, and nothing is left at Google',
    async (_, asked, form) => {
      expect((await put(await login(asked, form))).body).toEqual(inState('permission_lowered'))
      await expect.poll(() => google.has(ada)).toBe(false)
      expect((await put(await login())).body).toEqual(inState('connected'))
    },
  )

  describe('with contacts', () => {
    const contacts = {
      read: 'https://www.googleapis.com/auth/contacts.readonly',
      'read-write': 'https://www.googleapis.com/auth/contacts',
    }
    const decide = (rules: Rule[]) => decideFor(world, ask, rules)
    const allow = (value: string) => decide([{ group: null, name: 'contacts', value }])
    /** Signs in with a consent to the calendar and to these contacts, of which the person ticks what `ticked` says. */
    async function loginWith(asked: Permission | undefined, ticked: string[]): Promise<Login> {
      const key = proofKey()
      const path = googleLoginPath(key.challenge, { permission: 'read-write', contacts: asked })
      const { location } = await ask('GET', path)
      const wanted = [scopes['read-write'], ...(asked ? [contacts[asked]] : [])]
      expect(new URL(location).searchParams.get('scope')).toBe(wanted.join(' '))
      const body = new URLSearchParams({ person: ada.objectId, allow: 'yes' })
      for (const scope of ticked) body.append('scope', scope)
      const { headers } = await fetch(location, { method: 'POST', body, redirect: 'manual' })
      const back = new URL(headers.get('location') ?? '')
      const { location: last } = await ask('GET', back.pathname + back.search)
      return { verifier: key.verifier, code: codeIn(last) }
    }
    afterEach(() => decide([]))

    test.each(['read', 'read-write'] as const)(
      'is connected as far as the policy says: %s',
      async (value) => {
        await allow(value)
        expect(await state()).toMatchObject({ state: 'not_connected', contacts: value })
        const login = await loginWith(value, [scopes['read-write'], contacts[value]])
        expect((await put(login)).body).toEqual({ ...inState('connected'), contacts: value })
      },
    )

    test('that the person leaves out is connected without them, and says so', async () => {
      await allow('read')
      const login = await loginWith('read', [scopes['read-write']])
      expect((await put(login)).body).toEqual({ ...inState('connected'), contactsMissing: true })
    })

    test.each([
      ['off', 'read'],
      ['read', 'read-write'],
    ] as const)('that the policy does not allow is not connected: %s, asked for %s', async (value, asked) => {
      await allow(value)
      const login = await loginWith(asked, [scopes['read-write'], contacts[asked]])
      expect((await put(login)).body).toMatchObject({ state: 'permission_lowered' })
      await expect.poll(() => google.has(ada)).toBe(false)
    })

    test('that the policy allows no more ends at the next refresh: Google narrows no consent', async () => {
      await allow('read')
      await put(await loginWith('read', [scopes['read-write'], contacts.read]))
      await allow('off')
      expect((await state())?.state).toBe('permission_lowered')
      await expect.poll(() => google.has(ada)).toBe(false)
      expect((await put(await login())).body).toEqual(inState('connected'))
    })
  })

  test('is not connected without a refresh token', async () => {
    const body = { access_token: 'x', expires_in: 3599, token_type: 'Bearer', scope: scopes['read-write'] }
    const mine = await login()
    world.faults.add({ vendor: 'google', match: 'POST /token', status: 200, body })
    expect(await put(mine)).toMatchObject({ status: 503, body: { code: 'calendar_unreachable' } })
    expect(await state()).toEqual(inState('not_connected'))
  })

  test.each([
    ['another verifier', (mine: Login) => ({ ...mine, verifier: proofKey().verifier })],
    ['another state', (mine: Login) => ({ ...mine, code: proofKey().verifier + mine.code.slice(43) })],
    ['another code', (mine: Login) => ({ ...mine, code: `${mine.code.slice(0, 44)}4/0invented` })],
  ])('is not connected with %s', async (_, change) => {
    expect(await put(change(await login()))).toMatchObject({ status: 409, body: { code: 'link_expired' } })
    expect(await state()).toEqual(inState('not_connected'))
  })

  test('is not connected by a sign-in at Zoom, nor by a code of another sign-in (PKCE)', async () => {
    const [mine, others] = [await login(), await login()]
    expect(
      await ask('PUT', connectionPath('zoom'), { bearer: await world.token(), body: others }),
    ).toMatchObject({
      status: 501,
    })
    const injected = { ...mine, code: mine.code.slice(0, 44) + others.code.slice(44) }
    expect(await put(injected)).toMatchObject({ status: 409, body: { code: 'link_expired' } })
  })

  describe.skipIf(!hasPostgres)('that is connected', () => {
    const asked = () => world.faults.calls().filter(({ call }) => call === 'POST /token').length

    test.each([
      ['the person removes the application or changes their password', () => google.removeAccess(ada)],
      [
        'seven days pass while the application is being tested',
        () => {
          google.test()
          clock.ahead = 8 * day
        },
      ],
    ])('needs a sign-in, once, when %s', async (_, end) => {
      await put(await login())
      await age()
      end()
      const before = asked()
      for (let visit = 0; visit < 3; visit++) expect(await state()).toEqual(inState('needs_sign_in'))
      expect(asked()).toBe(before + 1)
      expect(await world.sql('select 1 from credentials')).toEqual([])
    })

    test('keeps its refresh token when Google gives no other one', async () => {
      await put(await login())
      for (let times = 0; times < 2; times++) {
        await age()
        expect(await state()).toEqual(inState('connected'))
      }
      expect(await world.sql('select version from credentials')).toEqual([{ version: 3 }])
    })

    test.each([
      ['fails', { status: 503, body: '' }],
      ['does not answer', { silence: true }],
      ['cuts the connection', { drop: true, times: 2 }],
    ] as const)('is kept while Google %s', async (_, fault) => {
      await put(await login())
      await age()
      world.faults.add({ vendor: 'google', match: 'POST /token', times: 2, ...fault })
      expect(await state()).toEqual(inState('provider_down'))
      await world.faults.clear()
      await world.sql('update connections set ask_at = now()')
      expect(await state()).toEqual(inState('connected'))
    })

    test('is revoked by the provider where its administrator blocks the application', async () => {
      await put(await login())
      await age()
      const refusal = { status: 400, body: { error: 'admin_policy_enforced' } }
      world.faults.add({ vendor: 'google', match: 'POST /token', ...refusal })
      expect(await state()).toEqual(inState('revoked_by_provider'))
    })

    test('is in no log line, no answer and no column in clear', async () => {
      const canary = 'Canary-google-77d1'
      const granted = { token_type: 'Bearer', scope: scopes['read-write'], expires_in: 3600 }
      const body = { ...granted, access_token: `${canary}-access`, refresh_token: canary }
      const mine = await login()
      world.faults.add({ vendor: 'google', match: 'POST /token', status: 200, body })
      const answer = await put(mine)
      expect(answer.body).toEqual(inState('connected'))
      const dump = JSON.stringify(
        await world.sql('select * from credentials cross join connections cross join audit'),
        (_, value) => (value?.type === 'Buffer' ? Buffer.from(value.data).toString('latin1') : value),
      )
      for (const seen of [world.logged.join(''), JSON.stringify(answer), dump]) {
        expect(seen).not.toContain(canary)
        expect(seen).not.toContain(mine.code.slice(44))
        expect(seen).not.toContain(google.settings.GOOGLE_CLIENT_SECRET)
      }
    })
  })
})
