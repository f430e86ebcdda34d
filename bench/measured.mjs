// Preloaded into every process that is measured: it tells its parent what it uses, and ends with it.
import { setImmediate } from 'node:timers/promises'
import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { BroadcastChannel, isMainThread } from 'node:worker_threads'

const heap = () => getHeapStatistics().total_physical_size

const answers = {
  /** Bytes of V8's heaps: of the main thread, and of the one thread beside it, where there is one. */
  async heaps() {
    const asked = new BroadcastChannel('heap')
    const answer = new BroadcastChannel('heap of the thread')
    const thread = new Promise((resolve) => {
      answer.onmessage = ({ data }) => resolve(data)
    })
    asked.postMessage('')
    const heaps = { main: heap(), thread: await thread }
    for (const channel of [asked, answer]) channel.close()
    return heaps
  },

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

if (!isMainThread) {
  const asked = new BroadcastChannel('heap')
  asked.unref()
  asked.onmessage = () => {
    const answer = new BroadcastChannel('heap of the thread')
    answer.postMessage(heap())
    answer.close()
  }
}

process.on('message', async (asked) => {
  if (Object.hasOwn(answers, asked)) process.send(await answers[asked]())
})
process.on('disconnect', () => process.exit())
