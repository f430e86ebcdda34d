import { describe, expect, test } from 'vitest'
import { ownerHeader } from '../../../../src/contract/owner.ts'
import { mailboxes } from '../../../../src/simulator/people.ts'
import { newKey, untilHeld } from '../../../kit.ts'
import { every, sample } from '../../../sample.ts'
import { engines } from '../../kit.ts'
import { histories } from '../histories.ts'
import { attackedHere, put, remove, type Service } from '../kit.ts'

const forAlan = { [ownerHeader]: encodeURIComponent(mailboxes['no-bridge'].emailAddress) }

/** Every call to Zoom at which a process can be killed, and in which act. `known`: the meeting exists already. */
const steps = [
  ['looks for the person’s Zoom user', 'GET /v2/users/', 'put', { isFirst: true }],
  ['asks for the owner’s privilege', '/assistants', 'put', { headers: forAlan }],
  ['makes the meeting', 'POST /v2/users/', 'put', {}],
  ['makes the meeting for somebody else', 'POST /v2/users/', 'put', { headers: forAlan }],
  ['searches for a meeting that it has made', 'GET /v2/users/', 'put', { isLost: true }],
  ['makes another one, because that is gone', 'POST /v2/users/', 'put', { isKnown: true, isGone: true }],
  ['reads the meeting', 'GET /v2/meetings/', 'put', { isKnown: true }],
  ['changes the meeting', 'PATCH /v2/meetings/', 'put', { isKnown: true }],
  ['removes the meeting', 'DELETE /v2/meetings/', 'remove', { isKnown: true }],
  ['removes one that it may have made', 'GET /v2/users/', 'remove', { isLost: true }],
] as const satisfies readonly [string, string, 'put' | 'remove', Step][]

interface Step {
  headers?: Record<string, string>
  isFirst?: boolean
  isKnown?: boolean
  isGone?: boolean
  isLost?: boolean
}

describe.each(engines)('a process that is killed, on the %s database', (engine) => {
  test.each(engine === 'embedded' ? sample(steps, 3) : steps)(
    'while it %s: the next try is true, and no meeting is left over',
    async (_, match, act, step: Step) => {
      const world = await attackedHere(engine)
      let bearer = await world.lastingToken()
      let service = await world.start()
      const next = async (): Promise<Service> => {
        service = await world.start()
        return service
      }
      const living = () => world.zoom.meetings().map(({ id }) => String(id))
      if (!step.isFirst) {
        await put(service, bearer, newKey(), {}, step.headers)
        for (const id of living()) world.zoom.portal.deleteMeeting(id)
      }

      for (const fault of [{ hold: true }, { silence: 'afterwards' }] as const) {
        const key = newKey()
        if (step.isFirst)
          bearer = await world.lastingToken(mailboxes['hold' in fault ? 'no-bridge' : 'no-popups'])
        if (step.isKnown) await put(service, bearer, key)
        if (step.isGone) for (const id of living()) world.zoom.portal.deleteMeeting(id)
        if (step.isLost) {
          // The sweep searches too: it must not use up the failures that are meant for the request.
          world.faults.add({ vendor: 'zoom', match: 'POST /v2/users', drop: 'afterwards' })
          world.faults.add({ vendor: 'zoom', match: '/meetings', status: 503, times: 'always' })
          expect((await put(service, bearer, key)).status).toBe(503)
          await world.faults.clear()
        }
        // Each time: the sweep may be the first to ask.
        world.faults.add({ vendor: 'zoom', match, ...fault, times: 'always' })
        const asked = world.faults.calls().length
        const changes = { subject: 'Moved' }
        const lost = (
          act === 'put' ? put(service, bearer, key, changes, step.headers) : remove(service, bearer, key)
        ).catch(() => 'lost')
        const reached = () =>
          world.faults
            .calls()
            .slice(asked)
            .some(({ call }) => call.includes(match))
        if ('hold' in fault) await untilHeld(world.faults)
        else await expect.poll(reached).toBe(true)
        await service.kill()
        expect(await lost).toBe('lost')
        await world.faults.clear()

        await next()
        await world.minutesPass(service)
        const again = await put(service, bearer, key, changes, step.headers)
        expect(again.status).toBe(200)
        const inTheEnd = async () => {
          await world.minutesPass(service)
          return living()
        }
        await expect.poll(inTheEnd).toEqual([again.body.id])
        expect(world.zoom.meetings()[0]?.topic).toBe('Moved')
        expect((await remove(service, bearer, key, step.headers)).status).toBe(204)
        await expect.poll(inTheEnd).toEqual([])
      }
    },
  )
})

test.each(engines)(
  'what a killed process leaves and nobody comes back for is removed, on the %s database',
  async (engine) => {
    const world = await attackedHere(engine)
    const bearer = await world.lastingToken()
    const first = await world.start()
    world.faults.add({ vendor: 'zoom', match: 'POST /v2/users/', silence: 'afterwards', times: 'always' })
    const keys = Array.from({ length: 10 }, newKey)
    const lost = keys.map((key) => put(first, bearer, key).catch(() => 'lost'))
    await expect.poll(() => world.zoom.meetings().length).toBeGreaterThan(0)
    await first.kill()
    await Promise.all(lost)
    await world.faults.clear()
    const second = await world.start()
    await expect
      .poll(async () => {
        await world.minutesPass(second)
        return world.zoom.meetings()
      })
      .toEqual([])
  },
)

/** `SEED=7 HISTORIES=500` plays others. */
const { SEED = '7', HISTORIES = every ? '40' : '10' } = process.env
test.each(engines)('many histories, on the %s database', { timeout: 3_600_000 }, async (engine) => {
  await histories(await attackedHere(engine), engine, { seed: Number(SEED), count: Number(HISTORIES) })
})
