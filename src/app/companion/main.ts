import { spawn } from 'node:child_process'
import { parseArgs } from 'node:util'
import { createClient } from '../../browser/client.ts'
import { createActs } from './acts.ts'
import { openBridge, Running } from './bridge.ts'
import { NotPrivate, privateFolder } from './note.ts'
import { createSignIn } from './sign-in.ts'

const help = `zoom-for-outlook companion --service <address>
    Lets plug-ins of classic Outlook on this computer schedule Zoom meetings, until it is stopped.
    You sign in in your browser. --no-browser only prints the address.`

// Node would print the error's message, which may quote a title.
process.on('uncaughtException', () => {
  console.error('The companion has ended by a bug.')
  process.exit(70)
})

/** The arguments are not understood. */
class UsageError extends Error {}

const stopping = new AbortController()
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, () => stopping.abort())
const say = (line: string) => console.log(line)

try {
  await run(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof UsageError || error instanceof Running || error instanceof NotPrivate)) throw error
  console.error(error.message)
  process.exitCode = 2
}
process.exit()

async function run(args: string[]): Promise<void> {
  const { service, browser, isHelp } = asked(args)
  if (isHelp) return say(help)
  const show = (address: string) => {
    say(`Sign in: ${address}`)
    if (browser) openInBrowser(address)
  }
  const { signal } = stopping
  const { prove, begin } = createSignIn({ service, show, say, signal })
  const language = () => Intl.DateTimeFormat().resolvedOptions().locale
  const act = createActs(createClient(service, prove, language))
  const { ended } = await openBridge({ folder: privateFolder(), act, signal })
  say('Ready for plug-ins.')
  begin()
  if ((await ended) === 'replaced') say('Another companion has taken over.')
}

function asked(args: string[]) {
  try {
    const options = {
      service: { type: 'string' },
      'no-browser': { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    } as const
    const { values } = parseArgs({ args, options })
    if (values.help) return { service: '', browser: false, isHelp: true }
    return { service: originOf(values.service), browser: !values['no-browser'], isHelp: false }
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n${help}`)
  }
}

/** The address of the service, which must be HTTPS: the sign-in goes there. */
function originOf(address = ''): string {
  const url = URL.parse(address)
  if (url?.protocol !== 'https:') throw new Error('--service is the address of the service: https://…')
  return url.origin
}

/** What the system has for it. The address is printed too, so a failure is none. */
function openInBrowser(address: string): void {
  const [program, ...args] = {
    win32: ['rundll32', 'url.dll,FileProtocolHandler'],
    darwin: ['open'],
  }[process.platform as string] ?? ['xdg-open']
  spawn(program as string, [...args, address], { stdio: 'ignore', detached: true })
    .on('error', () => {})
    .unref()
}
