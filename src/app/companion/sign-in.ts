import { singleFlight } from '../../browser/once.ts'
import type { Prove } from '../../browser/proof.ts'
import { says } from '../../browser/says.ts'
import { Problem } from '../../contract/problems.ts'
import type { Session } from '../session.ts'
import { signInByBrowser } from '../terminal/sign-in.ts'
import { whyUnreachable } from './reach.ts'

interface Options {
  /** The service's origin. */
  origin: string
  /** Shows the person the page at this address. */
  open(address: string): void
  /** Says to the person what has happened. */
  say(line: string): void
  signal: AbortSignal
}

/** Milliseconds in which a person signs in. After that the next request of a plug-in asks again. */
const patience = 10 * 60_000
const closing = 'Go back to the companion. You can close this page.'

/**
 * The session of the companion. Without one, `prove` asks the person to sign in, and throws `sign_in_required` at once:
 * a plug-in does not wait for a person.
 */
export function createSignIn({ origin, open, say, signal }: Options) {
  let session: Session | undefined

  const begin = singleFlight(async () => {
    const why = await whyUnreachable(origin, signal)
    if (why) return signal.aborted ? undefined : say(`You are not signed in. ${why}`)
    const until = AbortSignal.any([signal, AbortSignal.timeout(patience)])
    try {
      const asked = { origin, client: 'companion', scope: 'meetings' } as const
      session = await signInByBrowser(asked, open, closing, until)
      say('You are signed in.')
    } catch (error) {
      const why = error instanceof Problem ? says(error) : ''
      if (!signal.aborted) say(`You are not signed in. ${why}`.trim())
    }
  })

  const prove: Prove = async ({ fresh = false }) => {
    try {
      if (session) return await session.token({ fresh })
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== 'sign_in_required') throw error
      session = undefined
    }
    begin()
    throw new Problem('sign_in_required')
  }

  return { prove, begin, end: () => session?.end() }
}
