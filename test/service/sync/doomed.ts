import { createLog } from '../../../src/service/log.ts'
import { readSettings, start } from '../../../src/service/start.ts'

/** A process of the service that a test kills. `SETTINGS`: what differs, as JSON: the stand-ins speak plain HTTP. */
process.on('disconnect', () => process.exit())
const settings = { ...readSettings(process.env), ...JSON.parse(process.env.SETTINGS ?? '{}') }
const { port } = await start(settings, createLog(), new AbortController().signal)
process.send?.(port)
