import { parseArgs } from 'node:util'
import { Problem } from '../../contract/problems.ts'
import { askedPeriod, midnight } from '../day.ts'
import { followCalendar, type Shown } from '../feed.ts'
import type { Session } from '../session.ts'
import { localeOf, textsFor } from '../texts.ts'
import { wordsFor } from '../words.ts'
import { openAddress } from './open-address.ts'
import { pictureOf } from './picture.ts'
import { signInByBrowser, signInByCode } from './sign-in.ts'

const help = `Usage: npx zoom-for-outlook upcoming [--service <address>] [--device] [--once]

Shows your meetings of today and tomorrow, and changes as they come. Nothing is
stored: no token, no event. A number opens the meeting with that number, and q ends.

  --service <address>  the web calendar service; also by ZOOM_FOR_OUTLOOK_SERVICE
  --device             sign in with a code, in a browser of another machine
  --once               write the meetings once, and end`

const { stdin, stdout, env } = process
const closing = new AbortController()
process.exitCode = await run(process.argv.slice(2)).catch((error) => {
  if (closing.signal.aborted) return 0
  throw error
})

/** Returns the exit code: 1 if the person was not signed in or access has ended, 2 for arguments that are not understood. */
async function run(args: string[]): Promise<number> {
  const asked = optionsIn(args)
  if (!asked) return 2
  if (asked.help) {
    console.log(help)
    return 0
  }
  const { origin, device, once } = asked
  const tags = [env.LC_ALL, env.LC_TIME, env.LANG, Intl.DateTimeFormat().resolvedOptions().locale]
    .map((name) => name?.replace(/\..*$/, '').replace('_', '-'))
    .filter((tag) => tag !== undefined && /^[a-z]{2}/i.test(tag)) as string[]
  const { language, texts } = await textsFor(tags)
  const words = wordsFor(localeOf(language, tags))
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => closing.abort())

  const app = { origin, client: 'upcoming-terminal', scope: 'feed' } as const
  const signedIn: Promise<Session> = device
    ? signInByCode(
        app,
        ({ address, code }) => console.error(`${texts.openThis} ${address}\n${texts.typeCode} ${code}`),
        closing.signal,
      )
    : signInByBrowser(
        app,
        (address) => {
          console.error(`${texts.openThis}\n${address}`)
          openAddress(address)
        },
        texts.closeWindow,
        closing.signal,
      )
  const session = await signedIn.catch((error) => {
    if (!(error instanceof Problem)) throw error
    console.error(error.details.title ?? texts.notSignedIn)
    return undefined
  })
  if (!session) return 1

  const screen = once ? undefined : openScreen()
  let shown: Shown = { isLive: false }
  let links: string[] = []
  try {
    return await new Promise<number>((resolve) => {
      const draw = () => {
        const picture = pictureOf(shown, Date.now(), texts, words)
        links = picture.links
        screen?.draw(picture.lines)
        return picture
      }
      const following = followCalendar({
        origin,
        token: session.token,
        period: () => askedPeriod(Date.now()),
        language: () => language,
        show(now) {
          shown = now
          if (shown.ended) {
            screen?.close()
            console.error(shown.ended === 'revoked' ? texts.revoked : texts.signedOut)
            return resolve(1)
          }
          const { lines } = draw()
          if (!once) return
          if (shown.events) console.log(lines.slice(1).join('\n').trim())
          else if (shown.problem) console.error(shown.problem.details.title ?? texts.notRead)
          if (shown.events || shown.problem) end(shown.events ? 0 : 1)
        },
      })
      let today = midnight(Date.now())
      const clock = setInterval(() => {
        draw()
        if (today === midnight(Date.now())) return
        today = midnight(Date.now())
        following.refresh()
      }, 15_000)
      const end = (code: number) => {
        clearInterval(clock)
        following.stop()
        resolve(code)
      }
      closing.signal.addEventListener('abort', () => end(0), { once: true })
      screen?.keys((key) => {
        const link = links[Number(key) - 1]
        if (key === 'q' || key === '\u0003') end(0)
        else if (link) openAddress(link)
      })
    })
  } finally {
    screen?.close()
    await session.end()
  }
}

function optionsIn(args: string[]) {
  try {
    const { values } = parseArgs({
      args,
      options: {
        service: { type: 'string', default: env.ZOOM_FOR_OUTLOOK_SERVICE ?? '' },
        device: { type: 'boolean', default: false },
        once: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
    if (values.help) return { ...values, origin: '' }
    const { origin, protocol } = new URL(values.service)
    if (protocol !== 'https:') throw new Error('--service must be an address of https')
    return { ...values, origin }
  } catch (error) {
    console.error(error instanceof TypeError ? '--service must be the address of the service' : String(error))
    console.error(help)
    return undefined
  }
}

/** A terminal's second screen, which leaves nothing behind. Undefined: the output is no terminal. */
function openScreen() {
  const isTerminal = stdout.isTTY
  if (isTerminal) stdout.write('\x1b[?1049h\x1b[?25l')
  let isOpen = true
  return {
    draw(lines: string[]) {
      const shown = lines.slice(0, isTerminal ? stdout.rows : lines.length).join('\n')
      stdout.write(isTerminal ? `\x1b[2J\x1b[H${shown}` : `${shown}\n\n`)
    },
    keys(pressed: (key: string) => void) {
      if (!stdin.isTTY) return
      stdin.setRawMode(true)
      stdin.setEncoding('utf8').on('data', pressed)
    },
    close() {
      if (!isOpen) return
      isOpen = false
      if (stdin.isTTY) stdin.setRawMode(false).pause()
      if (isTerminal) stdout.write('\x1b[?25h\x1b[?1049l')
    },
  }
}
