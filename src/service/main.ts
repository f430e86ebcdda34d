import { CannotStart, exitCodes } from './cannot-start.ts'
import { createLog, whereabouts } from './log.ts'
import { readSettings, start } from './start.ts'

const stop = new AbortController()
const log = createLog()
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    log.info('stopping')
    stop.abort()
  })
}
// Node would print the error's message, which may quote a title.
process.on('uncaughtException', (error) => {
  log.error('bug', whereabouts(error))
  process.exit(exitCodes.bug)
})

try {
  const { stopped } = await start(readSettings(process.env), log, stop.signal)
  await stopped
} catch (error) {
  const isKnown = error instanceof CannotStart
  if (!isKnown) log.error('bug', whereabouts(error))
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = isKnown ? error.exitCode : exitCodes.bug
}
process.exit()
