import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { meetingOptionsPath, meetingPath, paths } from '../../src/contract/paths.ts'
import { mailboxes, type Person } from '../../src/simulator/people.ts'
import { outsider } from '../../src/simulator/zoom/users.ts'
import { newKey, quarterlyReview } from '../kit.ts'
import { openZoomWorld } from './connections/zoom-kit.ts'
import { asker } from './identity/kit.ts'
import { ada, engines, entraClientSecret, openWorld, type World } from './kit.ts'

const alan: Person = mailboxes['no-bridge']
const minute = 60

describe('what Zoom says of an account', () => {
  let world: World
  let ask: ReturnType<typeof asker>
  let stop: () => Promise<void>
  beforeAll(async () => {
    world = await openWorld(engines.at(-1) ?? 'embedded')
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    world.zoom.reset()
    for (const { emailAddress } of [ada, alan])
      world.zoom.portal.putUser(emailAddress, { group_ids: ['sales', 'berlin'] })
    const service = await world.startService({ ZOOM_ACCOUNT_SECONDS: minute })
    ask = asker(service.origin)
    stop = service.stop
    // Who they are in Zoom is known from the first meeting on.
    for (const person of [ada, alan]) await schedule(person)
    return () => stop()
  })

  async function schedule(person: Person): Promise<string> {
    const key = newKey()
    const bearer = await world.token(person)
    expect((await ask('PUT', meetingPath(key), { bearer, body: quarterlyReview })).status).toBe(200)
    return key
  }
  const open = async (person = ada) => ask('GET', paths.options, { bearer: await world.token(person) })
  /** The calls that `act` costs. */
  async function calls(act: () => Promise<unknown>): Promise<string[]> {
    const before = world.zoom.requests().length
    await act()
    const made = world.zoom.requests().slice(before)
    return made
      .map(({ path }) => path.replace(/^\/v2/, '').replace(/\/users\/[^/?]+/, '/users/:id'))
      .toSorted()
  }

  const ofUser = [
    '/users/:id',
    '/users/:id/settings',
    '/users/:id/settings?option=meeting_authentication',
    '/users/:id/settings?option=meeting_security',
  ]
  const ofAll = ['accounts/me', 'groups/berlin', 'groups/sales'].flatMap((one) => [
    `/${one}/lock_settings`,
    `/${one}/lock_settings?option=meeting_security`,
  ])

  test('is read once: another person of the account costs only what is theirs, the same one nothing', async () => {
    expect(await calls(open)).toEqual([...ofAll, ...ofUser].toSorted())
    expect(await calls(() => open(alan))).toEqual(ofUser)
    expect(await calls(open)).toEqual([])
    const key = await schedule(ada)
    const bearer = await world.token()
    const ofMeeting = await calls(() => ask('GET', meetingOptionsPath(key), { bearer }))
    expect(ofMeeting.map((path) => path.replace(/\d+/, ':id'))).toEqual(['/meetings/:id'])
  })

  test('is read once for all who ask at the same time', async () => {
    const both = await calls(() => Promise.all([open(), open(), open(alan)]))
    expect(both).toEqual([...ofAll, ...ofUser, ...ofUser].toSorted())
  })

  test('is read again after a minute, and then a change in Zoom shows', async () => {
    expect((await open()).body.waitingRoom).toEqual({ value: 'on' })
    world.zoom.portal.lockSettings({ waiting_room: false })
    expect((await open()).body.waitingRoom).toEqual({ value: 'on' })
    const since = performance.now()
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => since + minute * 1000)
    onTestFinished(() => clock.mockRestore())
    expect((await open()).body.waitingRoom).toEqual({ value: 'off', lockedBy: 'zoom' })
  })

  test('is read again at once where Zoom did not answer', async () => {
    world.zoom.portal.lockSettings({ waiting_room: false })
    world.faults.add({ vendor: 'zoom', match: 'accounts/me/lock_settings', status: 503, times: 'always' })
    expect((await open()).body.waitingRoom).not.toHaveProperty('lockedBy')
    await world.faults.clear()
    expect(await calls(open)).toEqual(ofAll.slice(0, 2))
    expect((await open()).body.waitingRoom).toEqual({ value: 'off', lockedBy: 'zoom' })
  })
})

test('what Zoom says of a person’s own account is theirs alone', async () => {
  const { world, connect, ask } = await openZoomWorld(engines.at(-1) ?? 'embedded', async () => ({
    ENTRA_CLIENT_SECRET: entraClientSecret,
    ZOOM_ACCOUNT_SECONDS: minute,
  }))
  onTestFinished(() => world.close())
  const open = async (person: Person) =>
    (await ask('GET', paths.options, { bearer: await world.token(person) })).body
  expect(outsider.type, 'no licence').toBe(1)
  expect((await connect(outsider.email, ada)).status).toBe(200)
  expect((await connect(alan.emailAddress, alan)).status).toBe(200)
  expect(await open(ada)).not.toHaveProperty('alternativeHosts')
  expect(await open(alan)).toHaveProperty('alternativeHosts')
})
