import { createHmac, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import { Problem } from '../../contract/problems.ts'
import { zoomEventsPath } from '../../contract/sync.ts'
import type { Api } from '../http/openapi.ts'
import { type Log, reasonOf } from '../log.ts'
import type { Said } from '../meetings/echoes.ts'
import { bytesOf, FetchFailed } from '../outbound/guarded-fetch.ts'

/** A Zoom app that sends events. */
interface App {
  /** The app's secret token, which signs them. */
  secret: string
  /** An event, and when it was sent, in ms since 1970 by Zoom's clock. When it has returned, the event is not lost. */
  heard(name: string, payload: unknown, sentAt: number): Promise<void>
}

/** Bytes of one request. An event is far smaller. */
const largestBody = 256 * 1024
/** Seconds between Zoom's clock and ours, either way. */
const window = 300

const signed = { signature: /^v0=([0-9a-f]{64})$/, time: /^\d{10}$/ }

const event = z.object({ event: z.string(), payload: z.unknown().optional() })
/** Zoom asks whether somebody with the secret listens here. No token has a colon: a signed text has. */
const validation = z.object({ plainToken: z.string().regex(/^[A-Za-z0-9_-]{1,128}$/) })

/**
 * Where Zoom sends its events ("Using webhooks"). Each app has a secret of its own, and speaks of its own events only.
 * Events and fields that the service does not know are accepted and ignored. No limit for each address: they all come
 * from Zoom's.
 */
export function zoomRoutes(api: Api, apps: readonly App[], log: Log): void {
  /** The app whose secret has signed these bytes, just now. */
  function senderOf(signature: string, time: string, body: Buffer): App {
    const [, claimed] = signed.signature.exec(signature) ?? []
    const isInTime = signed.time.test(time) && Math.abs(Date.now() / 1000 - Number(time)) <= window
    const isSigned = ({ secret }: App) =>
      claimed && timingSafeEqual(Buffer.from(claimed, 'hex'), sign(secret, `v0:${time}:`, body))
    const sender = isInTime && apps.find(isSigned)
    if (sender) return sender
    log.warn('notifications refused', { records: 1 })
    throw new Problem('signature_refused')
  }

  api.post(zoomEventsPath, async (c) => {
    if (Number(c.req.header('content-length') ?? 0) > largestBody) throw new Problem('too_large')
    const body = await bytesOf(c.env.incoming, largestBody).catch((error) => {
      throw error instanceof FetchFailed ? new Problem('too_large') : error
    })
    const time = c.req.header('x-zm-request-timestamp') ?? ''
    // Also of a validation: otherwise anybody could have tokens signed here.
    const { secret, heard } = senderOf(c.req.header('x-zm-signature') ?? '', time, body)
    const { event: name, payload } = read(body)
    if (name === 'endpoint.url_validation') {
      const { success, data } = validation.safeParse(payload)
      if (!success) throw new Problem('invalid_request', { field: 'token', why: 'has the wrong form' })
      const { plainToken } = data
      return c.json({ plainToken, encryptedToken: sign(secret, plainToken).toString('hex') })
    }
    await heard(name, payload, Number(time) * 1000).catch(sendAgain)
    return c.body(null, 204)
  })
}

interface FromAccount {
  secret: string
  /** The Zoom account whose meetings the service keeps. */
  accountId: string
  /** A meeting has been changed, deleted or recovered. When it has returned, that is not lost. */
  changed(meeting: string, said?: Said): Promise<void>
}

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
 * The account's app. An event is a hint: it names a meeting, and what Zoom and the calendar have is read then. So the
 * same event twice, late or in another order is harmless, and no memory of them is needed.
 */
export const fromAccount = ({ secret, accountId, changed }: FromAccount): App => ({
  secret,
  async heard(name, payload) {
    const namesFields = meetingEvents.get(name)
    const about = namesFields === undefined ? undefined : aboutMeeting.safeParse(payload).data
    if (about?.account_id === accountId)
      await changed(about.object.id, namesFields ? about.object : undefined)
  },
})

export interface FromUsers {
  secret: string
  clientId: string
  /** This user removed the app from their Zoom account, so many seconds ago. */
  withdrawn(zoomUserId: string, ago: number): Promise<void>
  log: Log
}

/** The account may be any: a user's id names nobody else in any account of Zoom. */
const aboutUser = z.object({
  client_id: z.string(),
  user_id: z.string(),
  deauthorization_time: z.iso.datetime({ offset: true }),
})
/** Seconds after which a sign-in that was in progress is stored, or never will be. */
const signInEnds = 15

/** The app by which people connect their own Zoom account. Source: Zoom's documentation, "App deauthorized". */
export const fromUsers = ({ secret, clientId, withdrawn, log }: FromUsers): App => ({
  secret,
  async heard(name, payload, sentAt) {
    if (name !== 'app_deauthorized') return
    const { success, data } = aboutUser.safeParse(payload)
    if (!success) throw new Problem('invalid_request', { field: 'payload', why: 'has the wrong form' })
    if (data.client_id !== clientId) return
    const user = data.user_id
    const ago = Math.max(0, (sentAt - Date.parse(data.deauthorization_time)) / 1000)
    // The event can come before the sign-in that it ends is stored.
    const again = () => withdrawn(user, ago + signInEnds)
    if (ago < signInEnds)
      setTimeout(() => {
        again().catch((error) => log.warn('work failed', { work: 'zoom-withdrawn', ...reasonOf(error) }))
      }, signInEnds * 1000).unref()
    await withdrawn(user, ago)
  },
})

function sign(secret: string, ...parts: (string | Buffer)[]): Buffer {
  const hmac = createHmac('sha256', secret)
  for (const part of parts) hmac.update(part)
  return hmac.digest()
}

/** What cannot be stored is answered 503, whatever the reason: Zoom sends it again after 5, 20 and 60 minutes. */
function sendAgain(error: unknown): never {
  if (error instanceof Problem && error.code === 'invalid_request') throw error
  throw new Problem('service_unreachable', { retryAfter: 5 }, error)
}

function read(body: Buffer): z.output<typeof event> {
  try {
    return event.parse(JSON.parse(body.toString()))
  } catch {
    throw new Problem('invalid_request', { field: 'body', why: 'has the wrong form' })
  }
}
