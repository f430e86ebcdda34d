import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { createClient } from '../../browser/client.ts'
import { languageFor } from '../../contract/languages.ts'
import { openAddress } from '../terminal/open-address.ts'
import { createActs } from './acts.ts'
import { NoPlace, openBridge, Running } from './bridge.ts'
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

/** Milliseconds for which it waits at its end for the service to end the session. */
const patience = 2_000

/** The arguments are not understood. */
class UsageError extends Error {}

const stopping = new AbortController()
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, () => stopping.abort())
const say = (line: string) => console.log(line)

try {
  await run(process.argv.slice(2))
} catch (error) {
  const isForPeople = [UsageError, Running, NotPrivate, NoPlace].some((kind) => error instanceof kind)
  if (!isForPeople) throw error
  console.error((error as Error).message)
  process.exitCode = 2
}
process.exit()

async function run(args: string[]): Promise<void> {
  const { service, browser, isHelp } = asked(args)
  if (isHelp) return say(help)
  const open = (address: string) => {
    say(`Sign in: ${address}`)
    if (browser) openAddress(address)
  }
  const { signal } = stopping
  const { prove, begin, end } = createSignIn({ origin: service, open, say, signal })
  const language = languageFor(Intl.DateTimeFormat().resolvedOptions().locale)
  const act = createActs(
    createClient(service, prove, () => language),
    language,
  )
  const { ended } = await openBridge({ folder: privateFolder(), act, signal })
  say('Ready for plug-ins.')
  begin()
  if ((await ended) === 'replaced') say('Another companion has taken over.')
  await Promise.race([end(), pause(patience)])
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
