import { parseArgs } from 'node:util'
import { measureAccessToken } from './access-token.ts'
import { type Build, otherBuild, withSetting } from './build.ts'
import { measureBytes } from './bytes.ts'
import { measureClicks } from './click.ts'
import { measureCrowd } from './crowd.ts'
import { measureExchange } from './exchange.ts'
import { measureFollow } from './follow.ts'
import { measureGrowth } from './growth.ts'
import { measureHints } from './hints.ts'
import { measureEmbedded, measureMemory } from './memory.ts'
import { measurePane } from './pane.ts'
import { measurePeople } from './people.ts'
import { measureReceive } from './receive.ts'
import { measureRewrap } from './rewrap.ts'
import { measureService } from './service.ts'
import { measureStreaming } from './streaming.ts'
import { measureUpcoming } from './upcoming.ts'
import { measureVault } from './vault.ts'

// So that whoever opened something closes it.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))

/** Each part by its letter. Those of a running service can have another build of it beside it. */
const parts: Record<string, (before?: Build) => void | Promise<void>> = {
  a: () => measureBytes(),
  b: () => measureClicks(),
  c: measureService,
  d: () => measureVault(),
  e: () => measureMemory(),
  f: measureAccessToken,
  g: () => measurePeople(),
  h: () => measureRewrap(),
  i: () => measureReceive(),
  j: () => measureFollow(),
  k: () => measureGrowth(full),
  l: () => measurePane(),
  m: () => measureExchange(),
  n: () => measureEmbedded(),
  o: () => measureStreaming(full),
  p: () => measureHints(),
  q: () => measureCrowd(full),
  u: () => measureUpcoming(),
}

const { values } = parseArgs({
  options: {
    against: { type: 'string' },
    with: { type: 'string' },
    parts: { type: 'string' },
    full: { type: 'boolean' },
  },
})
const { against, with: setting, full = false } = values
const asked = values.parts ?? (against || setting ? 'c' : Object.keys(parts).join(''))
const unknown = [...asked].filter((letter) => !Object.hasOwn(parts, letter))
if (unknown.length > 0)
  throw new Error(`There is no part ${unknown.join()}: choose of ${Object.keys(parts).join('')}.`)

const other = against ? otherBuild(against) : undefined
for (const letter of asked) {
  try {
    await parts[letter]?.(other?.build ?? (setting ? withSetting(setting) : undefined))
  } catch (error) {
    console.error(error)
    process.exitCode = 1
  }
}
await other?.remove()
