import { createHmac, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import { Problem } from '../../contract/problems.ts'
import { zoomEventsPath } from '../../contract/sync.ts'
import { noStore } from '../http/middleware.ts'
import type { Api } from '../http/openapi.ts'
import type { Log } from '../log.ts'
import type { Said } from '../meetings/echoes.ts'
import { bytesOf, FetchFailed } from '../outbound/guarded-fetch.ts'

interface Needs {
  /** The secret token of the Zoom app. */
  secret: string
  /** The Zoom account whose meetings the service keeps. */
  accountId: string
  /** A meeting has been changed, deleted or recovered. When it has returned, that is not lost. */
  changed(meeting: string, said?: Said): Promise<void>
  log: Log
}

/** Bytes of one request. An event about a meeting is far smaller. */
const largestBody = 256 * 1024
/** Seconds between Zoom's clock and ours, either way. */
const window = 300

const signed = { signature: /^v0=([0-9a-f]{64})$/, time: /^\d{10}$/ }

const event = z.object({ event: z.string(), payload: z.unknown().optional() })
/** Zoom asks whether somebody with the secret listens here. No token has a colon: a signed text has. */
const validation = z.object({ plainToken: z.string().regex(/^[A-Za-z0-9_-]{1,128}$/) })
const aboutMeeting = z.object({
  account_id: z.string(),
  object: z.looseObject({ id: z.coerce.string().regex(/^\d{9,12}$/) }),
})
/** Those of the events about a meeting that count, and whether they name fields of a meeting that is there. */
const meetingEvents = new Map([
  ['meeting.updated', true],
  ['meeting.recovered', true],
  ['meeting.deleted', false],
  ['meeting.permanently_deleted', false],
])

/**
 * Where Zoom sends its events ("Using webhooks"). An event is a hint: it names a meeting, and what Zoom and the calendar
 * have is read then. So the same event twice, late or in another order is harmless, and no memory of them is needed.
 * Events and fields that the service does not know are accepted and ignored. No limit for each address: they all come
 * from Zoom's.
 */
export function zoomRoutes(api: Api, { secret, accountId, changed, log }: Needs): void {
  const sign = (...parts: (string | Buffer)[]) => {
    const hmac = createHmac('sha256', secret)
    for (const part of parts) hmac.update(part)
    return hmac.digest()
  }

  function requireGenuine(signature: string, time: string, body: Buffer): void {
    const [, claimed] = signed.signature.exec(signature) ?? []
    const isInTime = signed.time.test(time) && Math.abs(Date.now() / 1000 - Number(time)) <= window
    if (claimed && isInTime && timingSafeEqual(Buffer.from(claimed, 'hex'), sign(`v0:${time}:`, body))) return
    log.warn('notifications refused', { records: 1 })
    throw new Problem('signature_refused')
  }

  api.use(zoomEventsPath, noStore)
  api.post(zoomEventsPath, async (c) => {
    if (Number(c.req.header('content-length') ?? 0) > largestBody) throw new Problem('too_large')
    const body = await bytesOf(c.env.incoming, largestBody).catch((error) => {
      throw error instanceof FetchFailed ? new Problem('too_large') : error
    })
    // Also of a validation: otherwise anybody could have tokens signed here.
    requireGenuine(c.req.header('x-zm-signature') ?? '', c.req.header('x-zm-request-timestamp') ?? '', body)
    const { event: name, payload } = read(body)
    if (name === 'endpoint.url_validation') {
      const { success, data } = validation.safeParse(payload)
      if (!success) throw new Problem('invalid_request', { field: 'token', why: 'has the wrong form' })
      const { plainToken } = data
      return c.json({ plainToken, encryptedToken: sign(plainToken).toString('hex') })
    }
    const namesFields = meetingEvents.get(name)
    const about = namesFields === undefined ? undefined : aboutMeeting.safeParse(payload).data
    if (about?.account_id === accountId)
      await changed(about.object.id, namesFields ? about.object : undefined).catch(sendAgain)
    return c.body(null, 204)
  })
}

/** What cannot be stored is answered 503, whatever the reason: Zoom sends it again after 5, 20 and 60 minutes. */
function sendAgain(error: unknown): never {
  throw new Problem('service_unreachable', { retryAfter: 5 }, error)
}

function read(body: Buffer): z.output<typeof event> {
  try {
    return event.parse(JSON.parse(body.toString()))
  } catch {
    throw new Problem('invalid_request', { field: 'body', why: 'has the wrong form' })
  }
}
