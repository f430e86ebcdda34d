import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { append } from '../../../../src/service/audit/append.ts'
import { checkpointWriter, readCheckpoints } from '../../../../src/service/audit/checkpoints.ts'
import { verifyDatabase } from '../../../../src/service/audit/verify.ts'
import { openDatabase } from '../../../../src/service/database/open.ts'
import { engines, hasPostgres } from '../../kit.ts'
import { openTrail, type Trail } from '../kit.ts'

async function trailHere(engine: (typeof engines)[number]): Promise<Trail> {
  const trail = await openTrail(engine)
  onTestFinished(trail.close)
  return trail
}

async function verdictOf(trail: Trail) {
  const { database, close } = await openDatabase(trail.databaseUrl, trail.folder)
  return verifyDatabase(database, new Map()).finally(close)
}

test.skipIf(!hasPostgres)('two processes with 200 records make one unbroken chain', async () => {
  const trail = await trailHere('PostgreSQL')
  const both = [trail.appender(100), trail.appender(100)]
  await Promise.all(both.map(({ ended }) => ended))
  expect(both.map(({ appended }) => appended())).toEqual([100, 100])
  expect(await verdictOf(trail)).toMatchObject({ intact: true, last: 200 })
})

describe.each(engines)('on the %s database', (engine) => {
  test('a process that is killed while it records leaves an unbroken chain', async () => {
    const trail = await trailHere(engine)
    let said = 0
    for (const enough of [1, 7, 30]) {
      const appender = trail.appender(1_000_000)
      await expect.poll(appender.appended, { interval: 1 }).toBeGreaterThan(enough)
      appender.kill()
      await appender.ended
      said += appender.appended()
    }
    const { intact, last } = await verdictOf(trail)
    expect(intact).toBe(true)
    // The last one of each process may be stored and not said.
    expect(last).toBeGreaterThanOrEqual(said)
    expect(last).toBeLessThanOrEqual(said + 3)
  })

  test('each new record gets one checkpoint, also after a line that was cut', async () => {
    const trail = await trailHere(engine)
    const path = join(trail.folder, 'checkpoints.jsonl')
    const { database, close } = await openDatabase(trail.databaseUrl, trail.folder)
    onTestFinished(close)
    const write = checkpointWriter(database, path)
    await write()
    for (let round = 0; round < 3; round++) {
      await append(database, { act: 'disconnected' })
      await write()
      await write()
    }
    const whole = readFileSync(path, 'utf8')
    const checkpoints = await readCheckpoints(path)
    expect([...checkpoints.keys()]).toEqual([1, 2, 3])
    expect(await verifyDatabase(database, checkpoints)).toMatchObject({ intact: true, checkpoints: 3 })

    writeFileSync(path, whole.slice(0, -20))
    await append(database, { act: 'disconnected' })
    await write()
    await expect(readCheckpoints(path)).rejects.toThrow(`Line 3 of ${path} is no checkpoint`)
    writeFileSync(path, readFileSync(path, 'utf8').split('\n').toSpliced(2, 1).join('\n'))
    expect([...(await readCheckpoints(path)).keys()]).toEqual([1, 2, 4])
    writeFileSync(path, `${whole}${whole.split('\n')[0]?.replace(/[0-9a-f]{64}/, '0'.repeat(64))}\n`)
    await expect(readCheckpoints(path)).rejects.toThrow('contradicts an earlier checkpoint of record 1')
  })
})
