import { problemFrom } from '../browser/problem-from.ts'
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
import { ownerHeader } from '../contract/owner.ts'
import { meetingPath, paths } from '../contract/paths.ts'
import { Problem } from '../contract/problems.ts'

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
  const send = (method: string, path: string, sent: Sent = {}) => request(`${origin}${path}`, method, sent)

  /** A refused proof is replaced, once. */
  async function sendProven(method: string, path: string, sent: Sent = {}): Promise<unknown> {
    try {
      return await send(method, path, { ...sent, bearer: await proof({}) })
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      const bearer = await proof({ fresh: true, claims: error.claims })
      return send(method, path, { ...sent, bearer }).catch(refusedAgain)
    }
  }

  return {
    /** What the service says of signing in. */
    bootstrap: async (): Promise<Bootstrap> => bootstrapFrom(await send('GET', paths.bootstrap)),

    /** Makes the appointment's meeting, or makes it true again. `owner`: in whose calendar it is, if not one's own. */
    put: async (key: string, appointment: Appointment, owner?: string): Promise<Meeting> =>
      meetingFrom(await sendProven('PUT', meetingPath(key), { body: appointment, owner })),

    /** Removes the meeting from Zoom; one that is gone already is removed. */
    remove: (key: string, owner?: string) => sendProven('DELETE', meetingPath(key), { owner }),

    /** Exchanges an Exchange identity token. Throws `link_required` until the mailbox is tied to a Zoom user. */
    async openSession(token: string, link?: ZoomLogin): Promise<Session> {
      const body: SessionRequest = { token, ...(link && { link }) }
      return sessionFrom(await send('POST', paths.exchangeSession, { body }))
    },

    /** Ties the person to the Zoom user that they have signed in as. */
    connectZoom: (login: ZoomLogin) => sendProven('PUT', paths.zoomAccount, { body: login }),

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

interface Sent {
  body?: unknown
  bearer?: string
  owner?: string | undefined
}

async function request(url: string, method: string, { body, bearer, owner }: Sent): Promise<unknown> {
  let response: Response
  let answer: unknown
  try {
    response = await fetch(url, {
      method,
      headers: {
        ...(bearer && { authorization: `Bearer ${bearer}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(owner && { [ownerHeader]: encodeURIComponent(owner) }),
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
