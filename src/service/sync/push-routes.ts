import { timingSafeEqual } from 'node:crypto'
import type { Context } from 'hono'
import { Problem } from '../../contract/problems.ts'
import { exchangePushPath } from '../../contract/sync.ts'
import { bodyOf } from '../http/body.ts'
import type { Env } from '../http/middleware.ts'
import type { Api } from '../http/openapi.ts'
import type { Queued } from '../jobs/jobs.ts'
import { type Log, reasonOf } from '../log.ts'
import { type Notification, notificationResult, notificationsIn } from '../providers/exchange/pushes.ts'
import { NotXml } from '../providers/exchange/xml.ts'
import { Stale } from '../providers/provider.ts'
import { sha256 } from '../vault/hashed-secret.ts'
import { goneJobOf, jobOf } from './job-of.ts'
import type { KnownPush, PushRecords } from './pushes.ts'
import { sendAgain } from './routes.ts'
import type { Watches } from './watches.ts'

interface Needs {
  pushes: Pick<PushRecords, 'find' | 'hear' | 'end'>
  watches: Pick<Watches, 'doubt'>
  /** Stores jobs. When it has returned, they are not lost. */
  send(jobs: readonly Queued[]): Promise<void>
  /** Asks the server what has changed in each calendar of a mailbox, also in a new one. Throws `Stale`, and a `Problem` if it cannot be asked. */
  catchUp(lease: string, subject: string): Promise<unknown>
  /** The calendars of these people need attention now. */
  attend(subjects: readonly string[]): void
  log: Log
}

/** Bytes of one call. An event has about 600. */
const largestBody = 512 * 1024
const leaseForm = /^[A-Za-z0-9-]{1,64}$/

/**
 * Where Exchange servers call ([MS-OXWSNTIF] `SendNotification`). Who knows no secret of a subscription is told that there is
 * none, and nothing of the call is read. A call counts as heard only when its jobs are stored. What does not come after the
 * last event leads to a comparison: an event may be lost, or a call may come late. What has moved into a calendar has an id that
 * only the server's list of changes says, also where it has only been deleted.
 */
export function pushRoutes(api: Api, { pushes, watches, send, catchUp, attend, log }: Needs): void {
  /** Undefined: nobody has made such a subscription, or it has ended. */
  async function genuine(lease: string, secret: string): Promise<KnownPush | undefined> {
    const known = leaseForm.test(lease) ? await pushes.find(lease) : undefined
    return known && timingSafeEqual(sha256(secret), known.secret) ? known : undefined
  }

  const refuse = (c: Context<Env>) => {
    log.warn('notifications refused', { records: 1 })
    return answer(c, 'Unsubscribe')
  }

  /** False: the server could not be asked what has changed. */
  async function isAsked(lease: string, subject: string): Promise<boolean> {
    try {
      await catchUp(lease, subject)
      return true
    } catch (error) {
      if (!(error instanceof Problem || error instanceof Stale)) throw error
      log.warn('work failed', { work: 'pushes', ...reasonOf(error) })
      return false
    }
  }

  async function follow(
    lease: string,
    { subject, watermark }: KnownPush,
    said: readonly Notification[],
  ): Promise<boolean> {
    const hashed = (mark: string | undefined) => (mark === undefined ? undefined : sha256(mark))
    let [isWhole, hasMoved] = [true, false]
    let before = watermark ?? undefined
    const jobs: Queued[] = []
    for (const { ids, gone, previous, last, moved } of said) {
      // The answer to a call was lost: what it said is stored.
      if (before && hashed(last)?.equals(before)) continue
      if (before && !hashed(previous)?.equals(before)) isWhole = false
      if (moved) hasMoved = true
      before = hashed(last)
      jobs.push(...ids.map((id) => jobOf(subject, id)), ...gone.map((id) => goneJobOf(subject, id)))
    }
    if (jobs.length > 0) await send(jobs)
    if (isWhole && hasMoved) isWhole = await isAsked(lease, subject)
    if (!isWhole) await watches.doubt([subject])
    return isWhole
  }

  api.post(`${exchangePushPath}/:lease/:secret`, async (c) => {
    const { lease, secret } = c.req.param()
    const known = await genuine(lease, secret).catch(sendAgain)
    if (!known) return refuse(c)
    const said = await read(c)
    const { subject, subscription } = known
    const isOf = (one: Notification) => !subscription || sha256(one.subscription).equals(subscription)
    if (said !== 'lost' && !said.every(isOf)) return refuse(c)
    try {
      if (said === 'lost') {
        await watches.doubt([subject])
        await pushes.end(lease)
        attend([subject])
        return answer(c, 'Unsubscribe')
      }
      const isWhole = await follow(lease, known, said)
      const last = said.at(-1)?.last
      await pushes.hear(lease, known.secret, last === undefined ? undefined : sha256(last))
      if (!isWhole) attend([subject])
    } catch (error) {
      sendAgain(error)
    }
    return answer(c, 'OK')
  })
}

function answer(c: Context<Env>, status: 'OK' | 'Unsubscribe'): Response {
  c.header('content-type', 'text/xml; charset=utf-8')
  return c.body(notificationResult(status))
}

async function read(c: Context<Env>): Promise<Notification[] | 'lost'> {
  try {
    return notificationsIn(await bodyOf(c.env.incoming, largestBody))
  } catch (error) {
    if (error instanceof NotXml)
      throw new Problem('invalid_request', { field: 'body', why: 'has the wrong form' })
    throw error
  }
}
