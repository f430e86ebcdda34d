import { createHmac, randomBytes, randomUUID } from 'node:crypto'
import type { Post } from '../vendor.ts'
import { credentials, userCredentials } from './apps.ts'
import { listed, type Meeting } from './state.ts'
import type { User } from './users.ts'

/** ms in which a receiver must answer 200 or 204. Source: Zoom, "Using webhooks". */
const deadline = 3000
/** Minutes before each further attempt. Source: Zoom developer support, "Webhook delays". */
const pauses = [5, 20, 60]

type Row = Readonly<Record<string, unknown>>

/** How events reach the receiver. */
interface Delivery {
  /** ms before the first attempt. */
  delay: number
  /** How often each event is sent. */
  copies: number
  /** Nothing is sent. */
  drop: boolean
}

const usual: Delivery = { delay: 0, copies: 1, drop: false }

/** The event subscription of an app: one address, to which Zoom sends events that the app's secret signs. */
export function createWebhooks(post: Post, secret: string, origin: string, now: () => number) {
  const waiting = new Map<NodeJS.Timeout, () => void>()
  let address: string | undefined
  let delivery = usual

  function later(ms: number, work: () => void): void {
    const timer = setTimeout(() => {
      waiting.delete(timer)
      work()
    }, ms)
    waiting.set(timer.unref(), work)
  }

  const sign = (text: string) => createHmac('sha256', secret).update(text).digest('hex')

  function send(url: string, body: string) {
    const time = String(Math.floor(now() / 1000))
    const headers = {
      'content-type': 'application/json; charset=utf-8',
      'x-zm-request-timestamp': time,
      'x-zm-signature': `v0=${sign(`v0:${time}:${body}`)}`,
      'x-zm-trackingid': `v=2.0;clid=us06;rid=WEB_${randomUUID()}`,
    }
    return post(url, { body, headers, deadline })
  }

  async function attempt(url: string, body: string, [pause, ...rest]: readonly number[]): Promise<void> {
    const status = await send(url, body).then(
      (answer) => answer.status,
      () => 0,
    )
    if (status === 200 || status === 204 || pause === undefined) return
    later(pause * 60_000, () => void attempt(url, body, rest))
  }

  function tell(event: string, payload: Row): void {
    const body = JSON.stringify({
      event,
      payload: { account_id: credentials.accountId, ...payload },
      event_ts: now(),
    })
    const url = address
    if (url === undefined || delivery.drop) return
    for (let copy = 0; copy < delivery.copies; copy++)
      later(delivery.delay, () => void attempt(url, body, pauses))
  }

  const by = ({ host }: Meeting) => ({ operator: host.email, operator_id: host.id })

  return {
    /** Sends events here from now on, if the address proves that it has the secret. Otherwise: why not. */
    async subscribe(url: string): Promise<string | undefined> {
      const plainToken = randomBytes(16).toString('base64url')
      const asked = { event: 'endpoint.url_validation', payload: { plainToken }, event_ts: now() }
      const answer = await send(url, JSON.stringify(asked)).catch(() => undefined)
      if (!answer) return 'The address did not answer within three seconds.'
      if (answer.status !== 200) return `The address answered ${answer.status}.`
      if (!isProof(answer.text, plainToken, sign(plainToken))) return 'The encrypted token is wrong.'
      address = url
      return undefined
    },
    unsubscribe() {
      address = undefined
    },
    address: () => address,

    /** Changes how events go wrong from now on. */
    deliver(change: Partial<Delivery>): void {
      delivery = { ...delivery, ...change }
    },

    /** Source: Zoom Meetings API, event `meeting.updated`: what changed, and what it was before. */
    updated(before: Meeting, after: Meeting): void {
      const [old, now_] = [listed(before, origin), listed(after, origin)] as Row[]
      const names = Object.keys({ ...old, ...now_ }).filter((name) => old?.[name] !== now_?.[name])
      const only = (row: Row | undefined) =>
        Object.fromEntries(['id', 'uuid', ...names].map((name) => [name, row?.[name]]))
      if (names.length === 0) return
      tell('meeting.updated', {
        ...by(after),
        scope: 'all',
        object: { ...only(now_), host_id: after.host.id },
        old_object: only(old),
        time_stamp: now(),
      })
    },
    /** Source: Zoom Meetings API, events `meeting.deleted`, `meeting.permanently_deleted`, `meeting.recovered`. */
    about(event: `meeting.${'deleted' | 'permanently_deleted' | 'recovered'}`, meeting: Meeting): void {
      const { agenda: _, created_at, join_url, ...object } = listed(meeting, origin)
      tell(event, { ...by(meeting), operation: 'all', object })
    },

    /**
     * The user removed the app, or the app revoked its token. Source: Zoom, "App deauthorized"; the fields as a developer
     * received them in 2025 (Zoom developer forum, topic 133778).
     */
    deauthorized({ id, account_id }: User): void {
      tell('app_deauthorized', {
        ...{ account_id, user_id: id, client_id: userCredentials.clientId },
        deauthorization_time: new Date(now()).toISOString(),
        signature: randomBytes(32).toString('hex'),
        user_data_retention: null,
      })
    },

    /** The time passes for which events wait. */
    passTime(): void {
      for (const [timer, work] of [...waiting]) {
        clearTimeout(timer)
        waiting.delete(timer)
        work()
      }
    },

    /** Forgets what was not delivered. The address stays: it belongs to the app. */
    reset() {
      for (const timer of waiting.keys()) clearTimeout(timer)
      waiting.clear()
      delivery = usual
    },
  }
}

function isProof(text: string, plainToken: string, encryptedToken: string): boolean {
  try {
    const proof = JSON.parse(text)
    return proof.plainToken === plainToken && proof.encryptedToken === encryptedToken
  } catch {
    return false
  }
}
