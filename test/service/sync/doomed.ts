import { createLog } from '../../../src/service/log.ts'
import { readSettings, start } from '../../../src/service/start.ts'

/**
 * A process of the service that a test stops or kills. `SETTINGS`: what differs, as JSON: the stand-ins speak plain HTTP. It
 * tells its ports, and stops when it is told anything.
 */
process.on('disconnect', () => process.exit())
const stopping = new AbortController()
process.once('message', () => stopping.abort())
const settings = { ...readSettings(process.env), ...JSON.parse(process.env.SETTINGS ?? '{}') }
const { port, metricsPort, stopped } = await start(settings, createLog(), stopping.signal)
process.send?.({ port, metricsPort })
await stopped
process.exit()
