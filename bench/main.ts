import { measureBytes } from './bytes.ts'
import { measureClicks } from './click.ts'
import { measureService } from './service.ts'

for (const measure of [measureBytes, measureClicks, measureService]) {
  try {
    await measure()
  } catch (error) {
    console.error(error)
    process.exitCode = 1
  }
}
