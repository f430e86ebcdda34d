import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { chain } from '../../../src/service/audit/chain.ts'
import { headOf, recordsAfter } from '../../../src/service/audit/records.ts'
import { openDatabase } from '../../../src/service/database/open.ts'
import { newKey, putMeeting } from '../../kit.ts'
import { engines, openWorld, type World } from '../kit.ts'

describe.each(engines)('the audit trail on the %s database', (engine) => {
  let world: World
  beforeAll(async () => {
    world = await openWorld(engine)
  })
  afterAll(() => world.close())

  test('records what happens, in one unbroken chain', async () => {
    const service = await world.startService()
    const bearer = await world.token()
    expect((await putMeeting(service.origin, bearer, newKey())).status).toBe(200)
    const { status } = await fetch(`${service.origin}/me`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${bearer}` },
    })
    expect(status).toBe(204)
    await service.stop()

    const { database, close } = await openDatabase(world.settings.DATABASE_URL, world.settings.DATA_DIR)
    const seen = chain(new Map())
    const acts: string[] = []
    for await (const record of recordsAfter(database, 0)) {
      expect(seen.next(record)).toBeUndefined()
      acts.push(record.act)
    }
    expect(seen.endOfTrail(await headOf(database))).toBeUndefined()
    expect(acts).toEqual(['service started', 'credential replaced', 'zoom linked', 'disconnected'])
    await close()
  })
})
