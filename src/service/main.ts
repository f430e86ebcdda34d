import { createLog, whereabouts } from './log.ts'
import { InvalidSettings } from './settings/read.ts'
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
  process.exit(1)
})

try {
  const { stopped } = await start(readSettings(process.env), log, stop.signal)
  await stopped
} catch (error) {
  // Wrong settings are no bug: the message names each of them.
  if (!(error instanceof InvalidSettings)) log.error('bug', whereabouts(error))
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
process.exit()
