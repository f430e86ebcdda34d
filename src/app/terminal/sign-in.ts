import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { exchange } from '../../browser/client.ts'
import { feedPaths, type OwnApp } from '../../contract/feed.ts'
import { Problem } from '../../contract/problems.ts'
import { GrantRefused, requestTokens, type Session, sessionOf } from '../session.ts'
import { beginSignIn } from '../sign-in.ts'

interface Asked {
  /** The service's origin. */
  origin: string
  client: OwnApp
  scope: string
}

/**
 * Signs the person in by a browser on this machine, which comes back to a port of this process (RFC 8252, section 7.3).
 * `open` gets the address. `closing`: what the browser shows at the end. Throws what `SignIn.finish` throws.
 */
export async function signInByBrowser(
  { origin, client, scope }: Asked,
  open: (address: string) => void,
  closing: string,
  signal: AbortSignal,
): Promise<Session> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const redirect = `http://127.0.0.1:${port}/`
  try {
    const signIn = await beginSignIn({ origin, client, redirect, scope })
    const answered = new Promise<URLSearchParams>((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true })
      server.on('request', (request, response) => {
        const { pathname, searchParams } = new URL(request.url ?? '/', redirect)
        // Anybody on this machine can ask. Only the answer to our own question counts.
        const isAnswer = pathname === '/' && searchParams.get('state') === signIn.state
        const headers = {
          'content-type': 'text/plain; charset=utf-8',
          'cache-control': 'no-store',
          'referrer-policy': 'no-referrer',
          'x-content-type-options': 'nosniff',
          connection: 'close',
        }
        response.writeHead(isAnswer ? 200 : 404, headers).end(isAnswer ? closing : '')
        if (isAnswer) resolve(searchParams)
      })
    })
    open(signIn.address)
    return await signIn.finish(await answered)
  } finally {
    server.close()
    server.closeIdleConnections()
  }
}

/** What the person has to do elsewhere. */
export interface DeviceCode {
  /** Where to type the code. */
  address: string
  code: string
}

/** Seconds between two questions, unless the service says another number (RFC 8628, section 3.2). */
const usualInterval = 5

/**
 * Signs the person in by a code that they type in a browser of any machine (RFC 8628). `show` gets it. Throws
 * `sign_in_cancelled`, `sign_in_required` once the code has expired, or a `Problem` if the service cannot be reached.
 */
export async function signInByCode(
  { origin, client, scope }: Asked,
  show: (code: DeviceCode) => void,
  signal: AbortSignal,
): Promise<Session> {
  const form = { client_id: client, scope }
  const begun = await exchange(
    'POST',
    `${origin}${feedPaths.deviceAuthorization}`,
    { form },
    async (response) => {
      if (!response.ok) throw new Problem('sign_in_unavailable')
      return (await response.json()) as {
        device_code: string
        user_code: string
        verification_uri: string
        interval?: number
      }
    },
  )
  show({ address: begun.verification_uri, code: begun.user_code })
  for (let seconds = begun.interval ?? usualInterval; ; ) {
    await pause(seconds * 1000, undefined, { signal })
    try {
      const tokens = await requestTokens(origin, {
        grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
        client_id: client,
        device_code: begun.device_code,
      })
      return sessionOf(origin, client, tokens)
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      const refused = error instanceof GrantRefused ? error.error : undefined
      if (refused === 'access_denied') throw new Problem('sign_in_cancelled')
      if (refused === 'slow_down') seconds += usualInterval
      // Section 3.5: a connection that breaks is no answer. The code itself expires.
      else if (refused === undefined) seconds = Math.min(seconds * 2, 60)
      else if (refused !== 'authorization_pending') throw error
    }
  }
}
