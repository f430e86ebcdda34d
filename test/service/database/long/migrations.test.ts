import { setTimeout as pause } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { newKey, putMeeting } from '../../../kit.ts'
import { command } from '../../audit/kit.ts'
import { hasPostgres, openWorld } from '../../kit.ts'
import { upTo } from '../kit.ts'

/** A database that a service of the version before this one has left. */
async function older() {
  const world = await openWorld('PostgreSQL')
  onTestFinished(world.close)
  const address = world.settings.DATABASE_URL as string
  await upTo('0015-key-removals', address)
  return { world, address }
}

test.skipIf(!hasPostgres)(
  'a change of the tables may take longer than a person would wait: the service starts when it is done',
  async () => {
    const { world } = await older()
    const other = await world.transaction()
    await other.query('lock table sessions in access share mode')
    const starting = world.startService()
    // Longer than every limit that a statement has while the service runs.
    await pause(14_000)
    await other.commit()
    const { origin } = await starting
    expect((await putMeeting(origin, await world.token(), newKey())).status).toBe(200)
  },
)

test.skipIf(!hasPostgres)(
  'a command leaves a database alone that the service has not brought to its version',
  async () => {
    const { address } = await older()
    expect(await command({ DATABASE_URL: address }, 'admin', 'audit', 'verify')).toMatchObject({
      code: 2,
      errors: expect.stringContaining('older version. Start this version of the service first.'),
    })
  },
)
