import { parseArgs } from 'node:util'
import { measureAccessToken } from './access-token.ts'
import { otherBuild } from './build.ts'
import { measureBytes } from './bytes.ts'
import { measureClicks } from './click.ts'
import { measureMemory } from './memory.ts'
import { measureService } from './service.ts'
import { measureVault } from './vault.ts'

// So that whoever opened something closes it.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))

const { against } = parseArgs({ options: { against: { type: 'string' } } }).values

for (const measure of against
  ? [beside(against)]
  : [measureBytes, measureClicks, measureService, measureVault, measureMemory, measureAccessToken]) {
  try {
    await measure()
  } catch (error) {
    console.error(error)
    process.exitCode = 1
  }
}

/** Only the service, with another build of it beside it. */
function beside(commit: string) {
  return async () => {
    const { build, remove } = otherBuild(commit)
    await measureService(build).finally(remove)
  }
}
