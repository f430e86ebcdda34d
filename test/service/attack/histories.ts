import fc from 'fast-check'
import { expect } from 'vitest'
import { ownerHeader } from '../../../src/contract/owner.ts'
import type { Fault } from '../../../src/simulator/kit/faults.ts'
import { mailboxes } from '../../../src/simulator/people.ts'
import { newKey } from '../../kit.ts'
import type { Engine } from '../kit.ts'
import { type Answer, type Attacked, put, remove, type Service } from './kit.ts'

const alan = mailboxes['no-bridge']
const forAlan = { [ownerHeader]: encodeURIComponent(alan.emailAddress) }

const at = fc.nat(1)
const who = fc.nat(2)
const call = fc.constantFrom(
  'POST /v2/users',
  'GET /v2/meetings/',
  'PATCH /v2/meetings/',
  'DELETE /v2/meetings/',
  'GET /v2/users/',
)
const way = fc.constantFrom<Partial<Fault>>(
  { hold: true },
  { drop: true },
  { drop: 'afterwards' },
  { status: 503 },
  { status: 429, headers: { 'retry-after': '100' } },
)

/** One thing that happens. Requests begin and are not waited for; `wait` waits for all. */
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ does: fc.constant('put' as const), at, who, subject: fc.nat(3) }) },
  { weight: 3, arbitrary: fc.record({ does: fc.constant('remove' as const), at, who }) },
  { weight: 4, arbitrary: fc.record({ does: fc.constant('fault' as const), call, way }) },
  { weight: 3, arbitrary: fc.constant({ does: 'wait' as const }) },
  { weight: 1, arbitrary: fc.constant({ does: 'lease ends' as const }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('kill' as const), at }) },
  { weight: 1, arbitrary: fc.constant({ does: 'removed at Zoom' as const }) },
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

/**
 * Plays histories that the seed gives. In each, three people in two processes work on one appointment while Zoom and
 * the processes fail. After each, every answer must be true, and Zoom must have nothing that no record knows.
 */
export async function histories(
  world: Attacked,
  engine: Engine,
  { seed, count }: { seed: number; count: number },
) {
  const bearers = await Promise.all([
    world.lastingToken(),
    world.lastingToken(alan),
    world.lastingToken(mailboxes.hybrid),
  ])
  const services: Service[] = []
  const two = engine === 'PostgreSQL' ? 2 : 1
  const serviceAt = async (index: number) => {
    const place = index % two
    if (!services[place]?.isRunning()) services[place] = await world.start()
    return services[place] as Service
  }
  const all = fc.sample(fc.array(step, { minLength: 6, maxLength: 14 }), { seed, numRuns: count })
  for (const [index, steps] of all.entries()) {
    try {
      await play(world, serviceAt, bearers, steps)
    } catch (error) {
      throw new Error(`History ${index} of seed ${seed}: ${JSON.stringify(steps)}`, { cause: error })
    }
  }
}

async function play(
  world: Attacked,
  serviceAt: (index: number) => Promise<Service>,
  bearers: readonly string[],
  steps: readonly Step[],
) {
  const key = newKey()
  const living = () => world.zoom.meetings().map(({ id }) => String(id))
  const headers = (person: number) => (person === 1 ? {} : forAlan)
  const pending: Promise<Answer | undefined>[] = []
  let isUndone = false

  /** Every request is answered. Where nothing removed a meeting meanwhile, all answers are about one that lives. */
  async function wait() {
    await world.faults.release()
    const answers = await Promise.all(pending.splice(0))
    const told = new Set(
      answers.filter((answer) => answer?.status === 200).map((answer) => answer?.body.id as string),
    )
    for (const answer of answers) if (answer) expect([200, 204, 503]).toContain(answer.status)
    if (!isUndone) {
      expect(told.size).toBeLessThanOrEqual(1)
      for (const id of told) expect(living()).toContain(id)
    }
    isUndone = false
  }

  for (const one of steps) {
    if (one.does === 'wait') await wait()
    else if (one.does === 'fault') world.faults.add({ vendor: 'zoom', match: one.call, ...one.way })
    else if (one.does === 'kill') await (await serviceAt(one.at)).kill()
    else if (one.does === 'lease ends') await world.minutesPass(await serviceAt(0))
    else if (one.does === 'removed at Zoom') {
      isUndone = true
      for (const id of living()) world.zoom.portal.deleteMeeting(id)
    } else {
      const service = await serviceAt(one.at)
      const bearer = bearers[one.who] ?? ''
      if (one.does === 'remove') isUndone = true
      const answer =
        one.does === 'put'
          ? put(service, bearer, key, { subject: `No ${one.subject}` }, headers(one.who))
          : remove(service, bearer, key, headers(one.who))
      // A process that is killed answers nothing.
      pending.push(answer.catch(() => undefined))
    }
  }
  await world.faults.clear()
  await wait()

  const service = await serviceAt(0)
  await world.minutesPass(service)
  const answers = []
  for (const [person, bearer] of bearers.entries())
    answers.push(await put(service, bearer, key, { subject: 'Last' }, headers(person)))
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
  const [id] = new Set(answers.map(({ body }) => body.id as string))
  const inTheEnd = async () => {
    await world.minutesPass(service)
    return living()
  }
  await expect.poll(inTheEnd).toEqual([id])
  expect(world.zoom.meetings().map(({ topic }) => topic)).toEqual(['Last'])
  expect((await remove(service, bearers[1] ?? '', key)).status).toBe(204)
  await expect.poll(inTheEnd).toEqual([])
}
