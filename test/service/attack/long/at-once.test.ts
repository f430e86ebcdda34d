import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { ownerHeader } from '../../../../src/contract/owner.ts'
import { paths } from '../../../../src/contract/paths.ts'
import { mailboxes } from '../../../../src/simulator/people.ts'
import { newKey, nextSecond, untilHeld } from '../../../kit.ts'
import { engines, hasPostgres } from '../../kit.ts'
import { histories } from '../histories.ts'
import {
  type Answer,
  type Attacked,
  ask,
  attackedHere,
  openAttacked,
  put,
  remove,
  type Service,
} from '../kit.ts'

const alan = mailboxes['no-bridge']
const forAlan = { [ownerHeader]: encodeURIComponent(alan.emailAddress) }

describe.each(engines)('the same meeting at once, on the %s database', (engine) => {
  let world: Attacked
  let one: Service
  /** Another process, where the database can be shared. */
  let two: Service
  let bearer: string
  beforeAll(async () => {
    world = await openAttacked(engine)
    one = await world.start()
    two = engine === 'PostgreSQL' ? await world.start() : one
    bearer = await world.lastingToken()
  })
  afterAll(() => world.close())
  afterEach(() => world.faults.clear())

  const living = (id: unknown) => world.zoom.meetings().find((meeting) => String(meeting.id) === id)
  /** So many requests, in turn to each process. */
  const many = (count: number, send: (service: Service, at: number) => Promise<Answer>) =>
    Array.from({ length: count }, (_, at) => send(at % 2 ? two : one, at))

  /** One meeting more than before, and each 200 is about it. Any other answer asks for another try. */
  async function isOneMeeting(before: number, answers: readonly Answer[], others: readonly string[]) {
    const refused = answers.filter(({ status }) => status !== 200)
    for (const { status, body } of refused) {
      expect(status).toBe(503)
      expect(others).toContain(body.code)
    }
    const ids = new Set(answers.filter(({ status }) => status === 200).map(({ body }) => body.id))
    expect(ids.size).toBe(1)
    for (const id of ids) expect(living(id)).toBeDefined()
    await expect
      .poll(async () => {
        await world.minutesPass(one)
        return world.zoom.meetings().length - before
      })
      .toBe(1)
    for (const id of ids) expect(living(id)).toBeDefined()
  }

  test.each([
    [200, 'is slow', { hold: true }, ['being_scheduled']],
    [60, 'makes it and drops the line', { drop: 'afterwards' }, ['being_scheduled', 'zoom_unreachable']],
    [
      20,
      'makes it, and its answer comes too late',
      { silence: 'afterwards' },
      ['being_scheduled', 'zoom_unreachable'],
    ],
  ] as const)('%i requests with one key, while Zoom %s, are one meeting', async (count, _, fault, others) => {
    const key = newKey()
    const before = world.zoom.meetings().length
    await put(one, bearer, newKey())
    world.faults.add({ vendor: 'zoom', match: 'POST /v2/users', ...fault })
    const asked = many(count, (service) => put(service, bearer, key))
    if ('hold' in fault) {
      await untilHeld(world.faults)
      await world.faults.release()
    }
    await isOneMeeting(before + 1, await Promise.all(asked), others)
  })

  test('adding and removing at once leaves what the last answer says, and nothing else', async () => {
    const key = newKey()
    const before = world.zoom.meetings().length
    const asked = many(60, (service, at) =>
      at % 3 ? put(service, bearer, key, { subject: `No ${at}` }) : remove(service, bearer, key),
    )
    for (const { status } of await Promise.all(asked)) expect([200, 204, 503]).toContain(status)
    const { status, body } = await put(two, bearer, key)
    expect(status).toBe(200)
    expect(living(body.id)?.topic).toBe('Quarterly review')
    expect(world.zoom.meetings().length - before).toBe(1)
    expect((await remove(one, bearer, key)).status).toBe(204)
    expect(world.zoom.meetings().length).toBe(before)
  })

  test('adding while Zoom removes makes a new meeting, and removing while Zoom makes one leaves none', async () => {
    const key = newKey()
    const before = world.zoom.meetings().length
    const first = await put(one, bearer, key)
    world.faults.add({ vendor: 'zoom', match: 'DELETE /v2/meetings/', hold: true })
    const removing = remove(one, bearer, key)
    await untilHeld(world.faults)
    const adding = put(two, bearer, key)
    await world.faults.release()
    expect([(await removing).status, (await adding).status]).toEqual([204, 200])
    expect((await adding).body.id).not.toBe(first.body.id)
    expect(world.zoom.meetings().length - before).toBe(1)

    const other = newKey()
    world.faults.add({ vendor: 'zoom', match: 'POST /v2/users', hold: true })
    const making = put(one, bearer, other)
    await untilHeld(world.faults)
    const undoing = remove(two, bearer, other)
    await world.faults.release()
    expect([(await making).status, (await undoing).status]).toEqual([200, 204])
    expect(world.zoom.meetings().length - before).toBe(1)
  })

  test('three people with one key are one meeting, in the calendar of its owner', async () => {
    const key = newKey()
    const before = world.zoom.meetings().length
    const bearers = await Promise.all([
      bearer,
      world.lastingToken(alan),
      world.lastingToken(mailboxes.hybrid),
    ])
    const headers = [forAlan, {}, forAlan]
    world.faults.add({ vendor: 'zoom', match: 'POST /v2/users', drop: 'afterwards' })
    const asked = many(30, (service, at) => put(service, bearers[at % 3] ?? '', key, {}, headers[at % 3]))
    await isOneMeeting(before, await Promise.all(asked), ['being_scheduled', 'zoom_unreachable'])
    expect(world.zoom.meetings().at(-1)?.host_email).toBe(alan.emailAddress)
  })
})

describe.skipIf(!hasPostgres)('two processes', () => {
  let world: Attacked
  let one: Service
  let two: Service
  let bearer: string
  beforeAll(async () => {
    world = await openAttacked('PostgreSQL')
    ;[one, two] = await Promise.all([world.start(), world.start()])
    bearer = await world.lastingToken()
  })
  afterAll(() => world.close())
  afterEach(() => world.faults.clear())

  const ids = () => world.zoom.meetings().map(({ id }) => String(id))
  const leaseEnds = (key: string) =>
    world.sql(`update meetings set leased_until = now() - interval '2 minutes' where key = '${key}'`)
  /** What Zoom has in the end, when every sweep has been due. */
  const inTheEnd = async () => {
    await world.minutesPass(one)
    return ids()
  }

  test('whose clocks are an hour apart agree about meetings, tickets and who has disconnected', async () => {
    await one.setAhead(30 * 60_000)
    await two.setAhead(-30 * 60_000)
    const key = newKey()
    const soon = { start: `${new Date(Date.now() + 10 * 60_000).toISOString().slice(0, 19)}Z` }
    const made = await put(one, bearer, key, soon)
    for (const service of [two, one, two]) {
      const { status, body } = await put(service, bearer, key, soon)
      expect({ status, id: body.id }).toEqual({ status: 200, id: made.body.id })
    }
    const { ticket } = (await put(one, bearer, key, soon)).body as { ticket: string }
    for (const service of [two, one]) expect((await put(service, ticket, key, soon)).status).toBe(200)
    expect((await ask(two, 'DELETE', paths.me, bearer)).status).toBe(204)
    for (const service of [one, two])
      for (const proof of [bearer, ticket]) expect((await put(service, proof, key, soon)).status).toBe(401)
    await Promise.all([one.setAhead(0), two.setAhead(0)])
    await nextSecond()
    bearer = await world.lastingToken()
    expect((await put(one, bearer, key)).status).toBe(200)
    expect((await remove(two, bearer, key)).status).toBe(204)
  })

  test('one makes a meeting, its lease ends before Zoom has answered, and the other one makes one too: one stays', async () => {
    const key = newKey()
    const before = ids()
    world.faults.add({ vendor: 'zoom', match: 'POST /v2/users', hold: true })
    const late = put(one, bearer, key)
    await untilHeld(world.faults)
    await leaseEnds(key)
    const { status, body } = await put(two, bearer, key)
    expect(status).toBe(200)
    await world.faults.release()
    expect((await late).body.code).toBe('being_scheduled')
    await expect.poll(inTheEnd).toEqual([...before, body.id])
    await remove(one, bearer, key)
  })

  test('the same, where the meeting that they knew has been removed at Zoom', async () => {
    const key = newKey()
    const before = ids()
    const known = await put(one, bearer, key)
    world.zoom.portal.deleteMeeting(String(known.body.id))
    world.faults.add({ vendor: 'zoom', match: 'GET /v2/meetings/', hold: true })
    const late = put(one, bearer, key)
    await untilHeld(world.faults)
    await leaseEnds(key)
    const { status, body } = await put(two, bearer, key)
    expect(status).toBe(200)
    await world.faults.release()
    expect((await late).body.code).toBe('being_scheduled')
    await expect.poll(inTheEnd).toEqual([...before, body.id])
    await remove(one, bearer, key)
  })

  test.each(['the sweep', 'the person'])(
    'one makes a meeting, and %s has given it up before Zoom answers: none stays',
    async (who) => {
      const key = newKey()
      const before = ids()
      world.faults.add({ vendor: 'zoom', match: 'POST /v2/users', hold: true })
      const late = put(one, bearer, key)
      await untilHeld(world.faults)
      await leaseEnds(key)
      if (who === 'the person') expect((await remove(two, bearer, key)).status).toBe(204)
      else await expect.poll(() => world.sql(`select key from meetings where key = '${key}'`)).toEqual([])
      await world.faults.release()
      expect((await late).body.code).toBe('being_scheduled')
      await expect.poll(inTheEnd).toEqual(before)
    },
  )

  test('one is stopped in the middle and continues when its lease has ended: one meeting stays', async () => {
    const key = newKey()
    const before = ids()
    world.faults.add({ vendor: 'zoom', match: 'POST /v2/users', hold: true })
    const late = put(one, bearer, key)
    await untilHeld(world.faults)
    one.child.kill('SIGSTOP')
    await leaseEnds(key)
    const { status, body } = await put(two, bearer, key)
    expect(status).toBe(200)
    await world.faults.release()
    one.child.kill('SIGCONT')
    expect((await late).status).toBe(503)
    await expect.poll(inTheEnd).toEqual([...before, body.id])
    expect((await put(one, bearer, key)).body.id).toBe(body.id)
    await remove(one, bearer, key)
  })
})

test('whatever happens in whichever order, one meeting for a key is true and none is left', async () => {
  const engine = engines.at(-1) ?? 'embedded'
  await histories(await attackedHere(engine), engine, { seed: 20_261_128, count: 2 })
})
