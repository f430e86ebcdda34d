// Preloaded into every process that is measured: it tells its parent what it uses, and ends with it.
import { setImmediate } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

const answers = {
  usage: () => ({ rss: process.memoryUsage.rss(), cpu: process.cpuUsage() }),

  /** Bytes, after the garbage is collected and given back: of the whole process, and of what its JavaScript holds. */
  async memory() {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc')
    for (let time = 0; time < 5; time++) {
      collect({ type: 'major', execution: 'sync', flavor: 'last-resort' })
      await setImmediate()
    }
    const { rss, heapUsed, external } = process.memoryUsage()
    return { resident: rss, heap: heapUsed + external }
  },
}

process.on('message', async (asked) => {
  if (Object.hasOwn(answers, asked)) process.send(await answers[asked]())
})
process.on('disconnect', () => process.exit())
