// `npm start`: opens the simulated world and a browser on it; a signal closes both.
import { findBrowser, openBrowser } from './kit/browser.ts'
import { OperationalError } from './kit/operational-error.ts'
import { openWorld, portCount } from './world.ts'

const stopping = new AbortController()
let askedAt = 0
const byHand =
  'Open the address in Chrome, Edge or Chromium and accept its certificate, which was made for this run only.'
const say = (line: string) => console.log(line)

// Writing to a closed terminal fails. Ignore it, so that everything is still closed in order.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, stop)
if (process.env.npm_lifecycle_event) stopWithParent(process.ppid)

try {
  await live()
} catch (error) {
  if (!stopping.signal.aborted) {
    console.error(error instanceof OperationalError ? error.message : error)
    process.exitCode = 1
  }
}
process.exit()

async function live(): Promise<void> {
  const { PORT = '3000', DATA_DIR: dataDir = '.data', DATABASE_URL: databaseUrl, EVERY_MEETING } = process.env
  const first = Number(PORT)
  const last = 65_536 - portCount
  if (!Number.isInteger(first) || first < 0 || first > last)
    throw new OperationalError(
      `PORT is ${PORT}. It must be a number from 1 to ${last}, or 0 for any free ports.`,
    )
  const settings = { EVERY_MEETING }
  const options = { port: first || ('anywhere' as const), dataDir, databaseUrl, settings, say }
  const world = await openWorld(options, stopping.signal)
  say(`Ready: ${world.outlook}/`)
  await Promise.all([world.closed, show(`${world.outlook}/`, world.certificate.fingerprint)])
}

/** Opens the person's browser if there is a display, or says how to open the page. */
async function show(page: string, fingerprint: string): Promise<void> {
  const { BROWSER, CI, DISPLAY, WAYLAND_DISPLAY } = process.env
  const nobody = process.platform === 'linux' && !DISPLAY && !WAYLAND_DISPLAY
  if (BROWSER === 'none' || CI) return
  const program = nobody ? undefined : findBrowser()
  if (!program) return say(byHand)
  try {
    await openBrowser(program, page, fingerprint, stopping.signal).closed
  } catch (error) {
    say(`${program} could not be opened (${error instanceof Error ? error.message : error}). ${byHand}`)
  }
}

/** npm starts us through a shell. A signal to npm ends npm and the shell but does not reach this process. */
function stopWithParent(parent: number): void {
  const look = () => {
    try {
      process.kill(parent, 0)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ESRCH') stop()
    }
  }
  setInterval(look, 250).unref()
}

/** The first signal closes everything in order; a second one exits at once. */
function stop(): void {
  const now = Date.now()
  if (!stopping.signal.aborted) {
    askedAt = now
    setTimeout(() => process.exit(), 1900).unref()
    stopping.abort()
  } else if (now - askedAt > 500) process.exit(130)
  // A signal within 500 ms is the same Ctrl-C: the terminal sends it to us, and npm forwards it too.
}
