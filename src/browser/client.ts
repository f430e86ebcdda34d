import { Problem } from '../contract/problems.ts'
import { problemFrom } from './problem-from.ts'
import type { Prove } from './proof.ts'

/** Milliseconds; longer than the service's own deadline. */
const deadline = 25_000
/** Milliseconds before a request is repeated. */
const beforeRepeat = 500

interface Sent {
  /** Sent as JSON. */
  body?: unknown
  /** Sent as a form, as OAuth wants it. */
  form?: Record<string, string>
  headers?: Record<string, string>
  /** Gets each body when it is given to the network, as it is. */
  sent?(url: string, body: string): void
}

/** Sends requests to the web calendar service. Returns the JSON of a response, or throws a `Problem`, whose sentence is in `language`. */
export function createClient(origin: string, prove: Prove, language = () => 'en') {
  const send = (method: string, path: string, { headers, ...sent }: Sent = {}) =>
    request(method, `${origin}${path}`, { ...sent, headers: { 'accept-language': language(), ...headers } })

  /** Sends a request that says who asks. If the service refuses the proof, gets a fresh one and retries once. */
  async function sendProven(method: string, path: string, sent: Sent = {}): Promise<unknown> {
    const attempt = async (fresh: boolean) => {
      const authorization = `Bearer ${await prove({ fresh })}`
      return send(method, path, { ...sent, headers: { ...sent.headers, authorization } })
    }
    return attempt(false).catch((error) => {
      if (error instanceof Refused) return attempt(true).catch(refusedAgain)
      throw error
    })
  }

  return { send, sendProven }
}

/** A person cannot fix it when the service refuses a fresh proof too. */
function refusedAgain(error: unknown): never {
  throw error instanceof Refused ? new Problem('sign_in_refused', {}, error) : error
}

/** The service refused the proof. */
class Refused extends Problem {
  constructor() {
    super('sign_in_required')
  }
}

/** Sends a request, and once more if the connection breaks or a gateway fails. Every request is safe to repeat. */
const request = (method: string, url: string, sent?: Sent): Promise<unknown> =>
  attempt(method, url, sent).catch(async (error: Problem) => {
    if (error.code !== 'service_unreachable' || (error.cause as Error | undefined)?.name === 'TimeoutError')
      throw error
    await new Promise((resolve) => setTimeout(resolve, beforeRepeat))
    return attempt(method, url, sent)
  })

const attempt = (method: string, url: string, sent?: Sent): Promise<unknown> =>
  exchange(method, url, sent, async (response) => {
    if (response.status === 401) throw new Refused()
    if (!response.ok) throw await problemOf(response)
    return response.status === 204 ? undefined : await response.json()
  })

/** What a refusal of the service says. Rejects if it is no JSON. */
export async function problemOf(response: Response): Promise<Problem> {
  // The service sends seconds, and no date. Not in `problemFrom`, which classic Outlook's script has too.
  const { code, details } = problemFrom(await response.json())
  const retryAfter = Number(response.headers.get('retry-after'))
  return new Problem(code, { ...details, ...(retryAfter > 0 && { retryAfter }) })
}

/**
 * Sends one request. `read` returns the answer or throws a `Problem`; without an answer that it can read, the problem is
 * `offline` or `service_unreachable`.
 */
export async function exchange<Answer>(
  method: string,
  url: string,
  { body, form, headers, sent }: Sent = {},
  read: (response: Response) => Promise<Answer>,
): Promise<Answer> {
  try {
    const text = body === undefined ? undefined : JSON.stringify(body)
    if (text !== undefined) sent?.(url, text)
    const response = await fetch(url, {
      method,
      headers: { ...(text !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(text !== undefined && { body: text }),
      // The browser names the type of the form.
      ...(form && { body: new URLSearchParams(form) }),
      signal: AbortSignal.timeout(deadline),
    })
    return await read(response)
  } catch (error) {
    if (error instanceof Problem) throw error
    throw new Problem(navigator.onLine === false ? 'offline' : 'service_unreachable', {}, error)
  }
}
