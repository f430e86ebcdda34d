import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { singleFlight } from '../../browser/once.ts'
import type { Prove } from '../../browser/proof.ts'
import { type AppTokens, appTokensFrom, feedPaths } from '../../contract/feed.ts'
import { Problem } from '../../contract/problems.ts'

const clientId = 'companion'
const scope = 'meetings'

/** Milliseconds. */
const deadlines = { request: 25_000, person: 10 * 60_000 }
/** Milliseconds before its end at which an access token is renewed. */
const early = 60_000

interface Options {
  /** The origin of the service. */
  service: string
  /** Shows the person the page at this address. */
  show(address: string): void
  /** Says to the person what has happened. */
  say(line: string): void
  signal: AbortSignal
}

/**
 * Signs the person in by OAuth 2.0 for native apps (RFC 8252), in their browser. The tokens stay in memory. Until the
 * person has signed in, and again after the session has ended, `prove` throws `sign_in_required` and shows the page.
 */
export function createSignIn({ service, show, say, signal }: Options): { prove: Prove; begin(): void } {
  let tokens: (AppTokens & { endsAt: number }) | undefined
  const keep = (answer: AppTokens) => {
    tokens = { ...answer, endsAt: Date.now() + answer.expires_in * 1000 }
    return tokens.access_token
  }

  const signIn = singleFlight(async () => {
    const { code, redirect, verifier } = await authorized({ service, show, signal })
    keep(
      await tokensFor(service, {
        grant_type: 'authorization_code',
        code,
        redirect_uri: redirect,
        code_verifier: verifier,
      }),
    )
    say('You are signed in.')
  })
  const begin = () =>
    void signIn().catch((error: Error) => {
      if (!signal.aborted) say(`You are not signed in: ${error.message}`)
    })

  /** A refresh token works once. Without an answer it is tried again; if it was used, the session has ended. */
  const renew = singleFlight(async (): Promise<string> => {
    const refreshToken = tokens?.refresh_token
    if (refreshToken) {
      try {
        return keep(await tokensFor(service, { grant_type: 'refresh_token', refresh_token: refreshToken }))
      } catch (error) {
        if (!(error instanceof Problem) || error.code !== 'sign_in_required') throw error
      }
      say('Your session has ended.')
    }
    tokens = undefined
    begin()
    throw new Problem('sign_in_required')
  })

  const prove: Prove = async ({ fresh }) =>
    tokens && !fresh && Date.now() < tokens.endsAt - early ? tokens.access_token : renew()
  return { prove, begin }
}

/** Opens the sign-in page and waits for the person, whom the service sends back to this computer with a code. */
async function authorized({ service, show, signal }: Pick<Options, 'service' | 'show' | 'signal'>) {
  const [verifier, state] = [randomBytes(32).toString('base64url'), randomBytes(16).toString('base64url')]
  const server = createServer()
  try {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const redirect = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
    const asked = new URLSearchParams({
      response_type: 'code',
      client_id: clientId,
      redirect_uri: redirect,
      scope,
      state,
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
    })
    show(`${service}${feedPaths.authorize}?${asked}`)
    const until = AbortSignal.any([signal, AbortSignal.timeout(deadlines.person)])
    for (;;) {
      const [request, response] = await once(server, 'request', { signal: until })
      const said = new URL(request.url, redirect)
      const isOurs = said.pathname === '/' && isSame(said.searchParams.get('state'), state)
      const code = isOurs && said.searchParams.get('iss') === service ? said.searchParams.get('code') : null
      const isRefused = isOurs && said.searchParams.has('error')
      const words = code ? 'You are signed in. Close this page.' : 'You are not signed in. Close this page.'
      response
        .writeHead(code || isRefused ? 200 : 400, {
          'content-type': 'text/plain; charset=utf-8',
          connection: 'close',
        })
        .end(words)
      if (code) return { code, redirect, verifier }
      if (isRefused) throw new Error('the service did not let you in, or you cancelled.')
    }
  } finally {
    server.close()
    server.closeAllConnections()
  }
}

const isSame = (said: string | null, right: string) =>
  said?.length === right.length && timingSafeEqual(Buffer.from(said), Buffer.from(right))

/** Asks the token endpoint. Throws `sign_in_required` if it refuses, and `service_unreachable` if it does not answer. */
async function tokensFor(service: string, grant: Record<string, string>): Promise<AppTokens> {
  try {
    const response = await fetch(`${service}${feedPaths.token}`, {
      method: 'POST',
      body: new URLSearchParams({ client_id: clientId, ...grant }),
      redirect: 'error',
      signal: AbortSignal.timeout(deadlines.request),
    })
    if (response.ok) return appTokensFrom(await response.json())
    if (response.status === 400 || response.status === 401) throw new Problem('sign_in_required')
    throw new Problem('service_unreachable')
  } catch (error) {
    throw error instanceof Problem ? error : new Problem('service_unreachable', {}, error)
  }
}
