import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { newKey, putMeeting } from '../kit.ts'
import { openWorld } from './kit.ts'

test('without the empty database of the build, the first start makes one', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'zoom-for-outlook-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const world = await openWorld('embedded')
  onTestFinished(world.close)
  const service = await world.startService({ DATA_DIR: folder })
  expect((await putMeeting(service.origin, await world.token(), newKey())).status).toBe(200)
})
