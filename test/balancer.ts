import { Agent, createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pipeline } from 'node:stream'

/** Milliseconds between two looks at `/readyz`. */
const lookEvery = 100

/** What the balancer has passed on. `status`: 502 if the process did not answer. */
export interface Passed {
  method: string
  path: string
  status: number
  /** The origin of the process. */
  by: string
}

/**
 * A plain load balancer: each request goes to the next process that was ready when it looked last, whoever sends it. Where
 * none was, to one that answers at all. It sends no request twice. `keepAlive`: it keeps connections open, as most do.
 */
export async function openBalancer({ keepAlive = true } = {}) {
  const processes: { origin: string; isReady: boolean; answers: boolean }[] = []
  const passed: Passed[] = []
  const agent = new Agent({ keepAlive })
  let turn = 0

  const server = createServer((incoming, outgoing) => {
    const ready = processes.filter(({ isReady }) => isReady)
    const some = ready.length > 0 ? ready : processes.filter(({ answers }) => answers)
    const next = some[turn++ % some.length]
    const { method = '', url: path = '', headers } = incoming
    const note = (status: number) =>
      passed.push({ method, path: path.split('?')[0] ?? '', status, by: next?.origin ?? 'nobody' })
    const fail = () => {
      note(502)
      outgoing.writeHead(502).end()
    }
    if (!next) return fail()
    const passing = request(next.origin + path, { agent, method, headers }, (answer) => {
      note(answer.statusCode ?? 0)
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      // An answer that breaks off, because its process was killed, breaks off for who asked.
      pipeline(answer, outgoing, () => {})
    })
    passing.on('error', () => (outgoing.headersSent ? outgoing.destroy() : fail()))
    incoming.pipe(passing)
  })
  server.keepAliveTimeout = 0
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))

  async function look(): Promise<void> {
    await Promise.all(
      processes.map(async (one) => {
        const signal = AbortSignal.timeout(60_000)
        const answer = await fetch(`${one.origin}/readyz`, { signal }).catch(() => undefined)
        await answer?.body?.cancel()
        one.isReady = answer?.status === 200
        one.answers = answer !== undefined
      }),
    )
    timer = setTimeout(look, lookEvery)
  }
  let timer = setTimeout(look, lookEvery)

  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    passed,
    /** One more process. Requests go there once it is ready, and no more when it is not. */
    add(origin: string): void {
      processes.push({ origin, isReady: false, answers: false })
    },
    /** The origins of those that get requests. */
    ready: () => processes.filter(({ isReady }) => isReady).map(({ origin }) => origin),
    close() {
      clearTimeout(timer)
      agent.destroy()
      server.close()
      server.closeAllConnections()
    },
  }
}
