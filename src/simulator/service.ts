import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { freePort } from './kit/free-port.ts'
import { OperationalError } from './kit/operational-error.ts'

/** The real service, in its own process as in production. */
export interface Service {
  url: string
  /** Where its metrics are read. */
  metrics: string
  /** Resolves when `/healthz` answers 200. */
  ready: Promise<void>
  /** Resolves after the signal has stopped it; rejects if it stops earlier. */
  closed: Promise<void>
  /** The last lines of its log. */
  log(): string
}

/** Starts the built service in `folder`, until the signal. */
export async function startService(
  folder: string,
  settings: Record<string, string | undefined>,
  signal: AbortSignal,
): Promise<Service> {
  const [port, metricsPort] = [await freePort(), await freePort()]
  const url = `http://127.0.0.1:${port}`
  signal.throwIfAborted()
  const child = spawn(process.execPath, ['--import', endsWithUs, 'dist/service/main.js'], {
    cwd: folder,
    env: { ...inherited(), ...trimming, ...settings, PORT: String(port), METRICS_PORT: String(metricsPort) },
    // Its own process group: Ctrl-C in the terminal must not reach the service, because we stop it in order.
    detached: process.platform !== 'win32',
    windowsHide: true,
  })
  const log = lastWords(child)
  const closed = closing(child, log, signal)
  const metrics = `http://127.0.0.1:${metricsPort}/metrics`
  return { url, metrics, log, closed, ready: Promise.race([health(url, signal), closed]) }
}

/**
 * Runs in a program's process before its own code. When its stdin closes, because this process has ended in any way on
 * any system, the program gets a SIGTERM.
 */
export const endsWithUs = `data:text/javascript,${encodeURIComponent(`
  import { isMainThread } from 'node:worker_threads'
  if (isMainThread) {
    const stop = () => {
      if (!process.emit('SIGTERM', 'SIGTERM')) process.exit()
      setTimeout(() => process.exit(), 1000).unref()
    }
    process.stdin.on('error', () => {}).on('close', stop).resume().unref()
  }
`)}`

/** As `npm run serve` has it: glibc gives back what V8's compiler has freed. */
const trimming = { MALLOC_TRIM_THRESHOLD_: '131072' }

/** Variables that a program needs on some system. The service inherits nothing else of the environment. */
const needed = ['PATH', 'HOME', 'TMPDIR', 'TEMP', 'TMP', 'SystemRoot', 'TZ']
const inherited = () => Object.fromEntries(needed.map((name) => [name, process.env[name]]))

async function closing(child: ChildProcess, log: () => string, signal: AbortSignal): Promise<void> {
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  signal.addEventListener('abort', () => {
    child.stdin?.end()
    setTimeout(kill, 1200).unref()
  })
  const [code, killer] = await once(child, 'close')
  process.off('exit', kill)
  if (signal.aborted) return
  const last = log().trimEnd().split('\n').slice(-15).join('\n')
  throw new OperationalError(`${last}\nThe service stopped by itself (${killer ?? `exit code ${code}`}).`)
}

function lastWords(child: ChildProcess): () => string {
  let words = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => {
      words = (words + text).slice(-100_000)
    })
  return () => words
}

const patience = 180

async function health(url: string, signal: AbortSignal): Promise<void> {
  for (let waited = 0; waited < patience * 10; waited++) {
    signal.throwIfAborted()
    const answer = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(30_000) }).catch(
      () => undefined,
    )
    if (answer?.ok) return
    await pause(100)
  }
  throw new OperationalError(`The service was not healthy within ${patience} seconds.`)
}
