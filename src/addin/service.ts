import type { Appointment } from '../contract/appointment.ts'
import {
  type Bootstrap,
  bootstrapFrom,
  type Session,
  type SessionRequest,
  sessionFrom,
  type ZoomLogin,
} from '../contract/identity.ts'
import { type Meeting, meetingFrom } from '../contract/meeting.ts'
import { meetingPath, paths } from '../contract/paths.ts'
import { Problem } from '../contract/problems.ts'
import { problemFrom } from './problem-from.ts'

/** Milliseconds; more than the service gives itself. */
const deadline = 25_000

export type Service = ReturnType<typeof createService>

/** What the service wants of a proof, after it has refused one. */
export interface Wanted {
  fresh?: boolean
  claims?: string | undefined
}

/** The web calendar service, seen from Outlook. `proof`: the bearer of whoever is there. */
export function createService(origin: string, proof: (wanted: Wanted) => Promise<string>) {
  const send = (method: string, path: string, body?: unknown, bearer?: string) =>
    request(`${origin}${path}`, method, body, bearer)

  /** A refused proof is replaced, once. */
  async function sendProven(method: string, path: string, body?: unknown): Promise<unknown> {
    try {
      return await send(method, path, body, await proof({}))
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      const replaced = await proof({ fresh: true, claims: error.claims })
      return send(method, path, body, replaced).catch(refusedAgain)
    }
  }

  return {
    /** What the service says of signing in. */
    bootstrap: async (): Promise<Bootstrap> => bootstrapFrom(await send('GET', paths.bootstrap)),

    /** Makes the appointment's meeting, or makes it true again. */
    put: async (key: string, appointment: Appointment): Promise<Meeting> =>
      meetingFrom(await sendProven('PUT', meetingPath(key), appointment)),

    /** Removes the meeting from Zoom; one that is gone already is removed. */
    remove: (key: string) => sendProven('DELETE', meetingPath(key)),

    /** Exchanges an Exchange identity token. Throws `link_required` until the mailbox is tied to a Zoom user. */
    async openSession(token: string, link?: ZoomLogin): Promise<Session> {
      const body: SessionRequest = { token, ...(link && { link }) }
      return sessionFrom(await send('POST', paths.exchangeSession, body))
    },

    /** Ties the person to the Zoom user that they have signed in as. */
    connectZoom: (login: ZoomLogin) => sendProven('PUT', paths.zoomAccount, login),

    /** Ends every proof of the person's, and forgets their Zoom user. */
    disconnect: () => sendProven('DELETE', paths.me),
  }
}

/** What a new proof does not mend is not the person's to mend. */
function refusedAgain(error: unknown): never {
  throw error instanceof Refused ? new Problem('sign_in_refused', {}, error) : error
}

/** The proof did not hold. `claims`: what Entra is to be asked for (a claims challenge). */
class Refused extends Problem {
  constructor(readonly claims: string | undefined) {
    super('sign_in_required')
  }
}

async function request(
  url: string,
  method: string,
  body: unknown,
  bearer: string | undefined,
): Promise<unknown> {
  let response: Response
  let answer: unknown
  try {
    response = await fetch(url, {
      method,
      headers: {
        ...(bearer && { authorization: `Bearer ${bearer}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(deadline),
    })
    if (response.status === 401) throw new Refused(claimsIn(response.headers.get('www-authenticate')))
    answer = response.status === 204 ? undefined : await response.json()
  } catch (error) {
    if (error instanceof Refused) throw error
    throw new Problem(navigator.onLine === false ? 'offline' : 'service_unreachable', {}, error)
  }
  if (response.ok) return answer
  throw problemFrom(answer)
}

/** `Bearer … error="insufficient_claims", claims="<base64>"` (Entra, "Claims challenge"). */
function claimsIn(challenge: string | null): string | undefined {
  const claims = /error="insufficient_claims".*claims="([\w+/=-]+)"/.exec(challenge ?? '')?.[1]
  return claims && atob(claims)
}
