// Preloaded into a service of these tests: it ends with its parent, and its parent can move its clock.
import { getEnvironmentData, isMainThread, setEnvironmentData } from 'node:worker_threads'

if (isMainThread) {
  setEnvironmentData('clock', new SharedArrayBuffer(8))
  process.on('message', (milliseconds) => {
    if (typeof milliseconds !== 'number') return
    ahead[0] = milliseconds
    process.send('moved')
  })
  process.on('disconnect', () => process.exit())
}

/** Milliseconds, shared with the thread of the embedded database. */
const ahead = new Float64Array(getEnvironmentData('clock'))
const Real = Date
globalThis.Date = class extends Real {
  constructor(...given) {
    super(...(given.length > 0 ? given : [Real.now() + ahead[0]]))
  }
  static now() {
    return Real.now() + ahead[0]
  }
}
