import type { Appointment } from '../contract/appointment.ts'
import { type Bootstrap, bootstrapFrom } from '../contract/identity.ts'
import { type Meeting, meetingFrom } from '../contract/meeting.ts'
import { meetingPath, paths } from '../contract/paths.ts'
import { Problem, type ProblemCode, problems } from '../contract/problems.ts'

/** Milliseconds; more than the service gives itself. */
const deadline = 25_000

/** The web calendar service, seen from Outlook. `fresh`: a token that the service has not refused yet. */
export function createService(origin: string, token: (fresh: boolean) => Promise<string>) {
  const send = (path: string, options: RequestInit) => request(`${origin}${path}`, options)
  return {
    /** Makes the appointment's meeting, or makes it true again. */
    async put(key: string, appointment: Appointment): Promise<Meeting> {
      const ask = async (fresh: boolean) =>
        send(meetingPath(key), {
          method: 'PUT',
          headers: { authorization: `Bearer ${await token(fresh)}`, 'content-type': 'application/json' },
          body: JSON.stringify(appointment),
        })
      return meetingFrom(
        await ask(false).catch((error) => {
          if (error instanceof Problem && error.code === 'sign_in_required') return ask(true)
          throw error
        }),
      )
    },
  }
}

/** What the service says of signing in; asked once by each runtime. */
export async function fetchBootstrap(origin: string): Promise<Bootstrap> {
  return bootstrapFrom(await request(`${origin}${paths.bootstrap}`, {}))
}

async function request(url: string, options: RequestInit): Promise<unknown> {
  let response: Response
  let answer: unknown
  try {
    response = await fetch(url, { ...options, signal: AbortSignal.timeout(deadline) })
    answer = await response.json()
  } catch (error) {
    throw new Problem(navigator.onLine === false ? 'offline' : 'service_unreachable', {}, error)
  }
  if (response.ok) return answer
  throw problemFrom(answer)
}

/** The service's problem (RFC 9457), as the same problem here. Anything in between may have answered instead. */
function problemFrom(answer: unknown): Problem {
  const { code, field, why, requestId } = (answer ?? {}) as Record<string, unknown>
  if (typeof code !== 'string' || !(code in problems)) return new Problem('service_unreachable')
  return new Problem(code as ProblemCode, {
    ...(typeof field === 'string' && { field }),
    ...(typeof why === 'string' && { why }),
    ...(typeof requestId === 'string' && { requestId }),
  })
}
