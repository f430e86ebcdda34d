import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { newKey, putMeeting } from '../../../kit.ts'
import { openWorld } from '../../kit.ts'

test('without the empty database of the build, the first start makes one', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'zoom-for-outlook-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const world = await openWorld('embedded')
  onTestFinished(world.close)
  const service = await world.startService({ DATA_DIR: folder })
  expect((await putMeeting(service.origin, await world.token(), newKey())).status).toBe(200)
})

test('two services with one process id, as in two containers, never open one embedded database', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'zoom-for-outlook-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const world = await openWorld('embedded')
  onTestFinished(world.close)
  const settings = { DATA_DIR: folder }
  const starts = await Promise.allSettled([1, 2, 3].map(() => world.startService(settings)))
  expect(starts.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected', 'rejected'])
  const [refusal] = starts.flatMap((start) => (start.status === 'rejected' ? [String(start.reason)] : []))
  expect(refusal).toContain('Another process is using the embedded database')
})
