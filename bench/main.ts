import { measureBytes } from './bytes.ts'
import { measureClicks } from './click.ts'
import { measureService } from './service.ts'

// So that whoever opened something closes it.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))

for (const measure of [measureBytes, measureClicks, measureService]) {
  try {
    await measure()
  } catch (error) {
    console.error(error)
    process.exitCode = 1
  }
}
