import { getConnInfo } from '@hono/node-server/conninfo'
import type { Context, MiddlewareHandler } from 'hono'
import type { AppScope } from '../../contract/feed.ts'
import { paths } from '../../contract/paths.ts'
import { Problem } from '../../contract/problems.ts'
import type { ActiveCaller, Administrator, Caller } from '../caller.ts'
import { ProofRefused, refused } from '../refused.ts'
import { type Env, largestOfAdministrator, limitBody, statusOf } from './middleware.ts'
import { asProblem, logProblem, type Said } from './problem-answer.ts'
import type { RateLimit } from './rate-limits.ts'

interface Needs extends Said {
  /** Who shows this bearer. `key`: the meeting that a ticket may be for; without it no ticket is accepted. */
  check(bearer: string, key?: string): Promise<Caller>
  /** The administrator who shows this access token. */
  checkAdministrator(bearer: string): Promise<Administrator>
  /** Refuses a caller who disconnected after the proof was issued. */
  requireActive(caller: Caller): Promise<ActiveCaller>
  /** The client's address, from the socket and `X-Forwarded-For`. */
  addressOf(peer: string, forwardedFor: string | undefined): string
  limits: Record<'address' | 'apps' | 'signIns' | 'guesses' | 'caller', RateLimit>
}

export type Guards = ReturnType<typeof createGuards>

/** A session was issued, or the caller still has to say which Zoom account is theirs. */
const notCounted = new Set([200, 409])

/** What refuses a request before it reaches its route. Each of them refuses a large body too. */
export function createGuards({
  check,
  checkAdministrator,
  requireActive,
  addressOf,
  limits,
  ...said
}: Needs) {
  /** `scope`: what an app needs that shows its access token. Without it no app is let in. */
  const proofFor =
    (scope?: AppScope): MiddlewareHandler<Env> =>
    async (c, next) => {
      const caller = await check(bearerOf(c), c.req.method === 'PUT' ? c.req.param('key') : undefined)
      if (caller.app && !caller.app.scopes.some((given) => given === scope))
        throw refused('app_scope', caller.subject)
      await limits.caller.count(caller.subject)
      c.set('caller', caller)
      return next()
    }
  const withProof = proofFor()

  const addressIn = (c: Context<Env>) =>
    addressOf(getConnInfo(c).remote.address ?? '', c.req.header('x-forwarded-for'))

  const limitedBy = (limit: RateLimit, isForgiven: (c: Context<Env>) => boolean) =>
    (async (c, next) => {
      const from = addressIn(c)
      await limit.count(from)
      limitBody(c.env.incoming)
      await next()
      if (isForgiven(c)) await limit.forgive(from)
    }) as MiddlewareHandler<Env>

  return {
    /** Requires a valid proof. A ticket is accepted only to change its own meeting. */
    withProof,

    /** The same, or the access token of an app that may schedule. */
    scheduling: proofFor('meetings'),

    /** Requires the access token of an app that may read the calendar, or a valid proof. */
    feed: proofFor('feed'),

    /** Requires a valid proof of a caller who has not disconnected since it was issued. */
    active: (async (c, next) => {
      await withProof(c, async () => {
        c.set('active', await requireActive(c.get('caller')))
        await next()
      })
    }) as MiddlewareHandler<Env>,

    /** Requires an administrator with a second factor, who has not disconnected since. An auditor only reads. */
    administrator: (async (c, next) => {
      const administrator = await checkAdministrator(bearerOf(c, largestOfAdministrator))
      await limits.caller.count(administrator.subject)
      await requireActive(administrator)
      if (c.req.method !== 'GET' && administrator.role !== 'Admin')
        throw new Problem('role_too_low', {}, new ProofRefused('auditor_writes', administrator.subject))
      c.set('administrator', administrator)
      return next()
    }) as MiddlewareHandler<Env>,

    /** Limits the requests of a caller whom the route itself has found. Throws `too_many_requests`. */
    countCaller: ({ subject }: Caller) => limits.caller.count(subject),

    /** Limits requests without a proof by their address. A request that turns out to have one does not count. */
    limitedByAddress: limitedBy(limits.address, (c) => notCounted.has(statusOf(c))),

    /** Limits what apps and their sign-ins get wrong, by their address. A device that waits for its person does not count. */
    limitedApps: limitedBy(limits.apps, (c) => statusOf(c) < 400 || c.get('isWaiting') === true),

    /** Limits sign-ins to apps that begin, by their address: each is stored. Those that end with a proof do not count. */
    limitedSignIns: limitedBy(limits.signIns, () => false),

    /** What takes a sign-in to an app from this address back, because it has ended with a proof. */
    completed(c: Context<Env>) {
      const from = addressIn(c)
      return () => limits.signIns.forgive(from)
    },

    /** Limits codes that people type, by their address, right or wrong (RFC 8628, section 5.1). */
    limitedGuesses: limitedBy(limits.guesses, () => false),

    /** Redirects to `where`. A problem goes to the dialog's page, which shows it: no program reads the answer there. */
    async toDialog(c: Context<Env>, where: () => Promise<string>) {
      try {
        return c.redirect(await where(), 303)
      } catch (error) {
        const problem = asProblem(error)
        logProblem(problem, c.get('requestId'), said)
        return c.redirect(`${paths.dialog}#problem=${problem.code}`, 303)
      }
    },
  }
}

/** The bearer of a request whose body is not too large. */
function bearerOf(c: Context<Env>, largest?: number): string {
  limitBody(c.env.incoming, largest)
  const bearer = /^Bearer (.+)/i.exec(c.env.incoming.headers.authorization ?? '')
  if (!bearer?.[1]) throw new Problem('sign_in_required')
  return bearer[1]
}
