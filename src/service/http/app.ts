import { getConnInfo } from '@hono/node-server/conninfo'
import { serveStatic } from '@hono/node-server/serve-static'
import { OpenAPIHono, type z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import type { Appointment } from '../../contract/appointment.ts'
import type { Meeting } from '../../contract/meeting.ts'
import { ownerHeader } from '../../contract/owner.ts'
import { paths } from '../../contract/paths.ts'
import { Problem } from '../../contract/problems.ts'
import type { Proven } from '../caller.ts'
import type { Identity } from '../identity/identity.ts'
import type { Log } from '../log.ts'
import type { Which } from '../meetings/exclusively.ts'
import { routes } from '../routes.ts'
import { answerable, cached, type Env, observed, secured, sized, unstored } from './middleware.ts'
import { answerProblem, asProblem, logProblem } from './problem-answer.ts'
import type { rateLimit } from './rate-limits.ts'

interface Needs {
  log: Log
  /** `https://zoom.contoso.example` */
  publicUrl: string
  /** The origins whose pages may ask us, beside our own. */
  allowedOrigins: readonly string[]
  /** The Outlooks that may show our pages. */
  frameAncestors: readonly string[]
  /** Files with this service's own address in them. */
  written: Record<string, string | undefined>
  /** Folders on disk. */
  files: { addin: string; assets: string }
  /** Who is at the other end: the socket's address, and what proxies say. */
  addressOf(peer: string, forwardedFor: string | undefined): string
  limits: { address: Limit; caller: Limit }
  identity: Identity
  put(proven: Proven, which: Which, appointment: Appointment): Promise<Meeting>
  remove(proven: Proven, which: Which): Promise<void>
  healthy(): Promise<boolean>
}
type Limit = ReturnType<typeof rateLimit>

/** Every route of the web calendar service. */
export function createApp(needs: Needs) {
  const { log, identity, frameAncestors, publicUrl } = needs
  const app = new OpenAPIHono<Env>({ defaultHook: refuseInvalid })
  app.use(observed(log))
  app.use(secured({ authority: new URL(identity.bootstrap.authority).origin, frameAncestors }))
  app.use(answerable([new URL(publicUrl).origin, ...needs.allowedOrigins]))

  app.openapi(routes.bootstrap, (c) => {
    c.header('cache-control', 'public, max-age=300')
    return c.json(identity.bootstrap, 200)
  })

  app.use(paths.exchangeSession, unstored, limitedByAddress(needs), sized)
  app.openapi(routes.exchangeSession, async (c) =>
    c.json(await identity.startSession(c.req.valid('json')), 200),
  )

  app.use(`${paths.zoomLogin}/*`, unstored, limitedByAddress(needs))
  app.openapi(routes.beginZoomLogin, (c) =>
    toDialog(c, needs, async () => identity.beginZoomLogin(c.req.valid('query').challenge)),
  )
  app.openapi(routes.finishZoomLogin, (c) =>
    toDialog(c, needs, async () => {
      const { state, code } = c.req.valid('query')
      if (!state || !code)
        throw new Problem(c.req.valid('query').error ? 'sign_in_cancelled' : 'link_expired')
      return `${paths.dialog}#link=${await identity.finishZoomLogin(state, code)}`
    }),
  )

  for (const path of [paths.me, paths.zoomAccount])
    app.use(path, unstored, sized, proven(needs), admitted(needs))
  app.openapi(routes.me, async (c) => c.json(await identity.me(c.get('caller')), 200))
  app.openapi(routes.disconnect, async (c) => {
    await identity.disconnect(c.get('caller'))
    return c.body(null, 204)
  })
  app.openapi(routes.putZoomAccount, async (c) => {
    await identity.tie(c.get('caller'), c.req.valid('json'))
    return c.json(await identity.me(c.get('caller')), 200)
  })

  // Whether the caller has disconnected is asked with the meeting, in one statement.
  app.use('/meetings/:key', unstored, sized, proven(needs))
  app.openapi(routes.putMeeting, async (c) => {
    const which = { ...c.req.valid('param'), owner: c.req.valid('header')[ownerHeader] }
    return c.json(await needs.put(c.get('proven'), which, c.req.valid('json')), 200)
  })

  app.openapi(routes.removeMeeting, async (c) => {
    const which = { ...c.req.valid('param'), owner: c.req.valid('header')[ownerHeader] }
    await needs.remove(c.get('proven'), which)
    return c.body(null, 204)
  })

  serveFiles(app, needs)
  app.get('/healthz', async (c) => ((await needs.healthy()) ? c.text('ok') : c.text('not ready', 503)))
  app.openAPIRegistry.registerComponent('securitySchemes', 'bearer', { type: 'http', scheme: 'bearer' })
  app.doc31('/openapi.json', { openapi: '3.1.0', info: { title: 'Web calendar service', version: '1' } })

  app.notFound((c) => answerProblem(c, new Problem('not_found'), log))
  app.onError((error, c) => answerProblem(c, error, log))
  return app
}

/** What Outlook and an administrator fetch: the built add-in, its icons, its manifest. */
function serveFiles(app: OpenAPIHono<Env>, { files, written, publicUrl }: Needs): void {
  for (const [path, text] of Object.entries(written)) {
    const type = path.endsWith('.xml') ? 'application/xml' : 'text/javascript'
    if (text) app.get(path, cached, (c) => c.body(text, 200, { 'content-type': type }))
  }
  // Without it, launch events in classic Outlook on Windows get no token and no cross-origin answer.
  app.get('/.well-known/microsoft-officeaddins-allowed.json', (c) => {
    c.header('cache-control', 'public, max-age=300')
    return c.json({ allowed: [`${publicUrl}/addin/launch-event.js`] })
  })
  for (const [name, root] of Object.entries(files)) {
    const rewriteRequestPath = (path: string) => path.slice(name.length + 1)
    app.use(`/${name}/*`, cached, serveStatic({ root, rewriteRequestPath }))
  }
}

/** Lets in whoever carries a proof that holds. A ticket holds for a change to its own meeting. */
function proven({ identity, limits }: Needs) {
  return async (c: Context<Env>, next: () => Promise<void>) => {
    const bearer = /^Bearer (.+)/i.exec(c.req.header('authorization') ?? '')
    if (!bearer?.[1]) throw new Problem('sign_in_required')
    const found = await identity.check(bearer[1], c.req.method === 'PUT' ? c.req.param('key') : undefined)
    await limits.caller.count(found.subject)
    c.set('proven', found)
    return next()
  }
}

/** Keeps out whoever has disconnected since the proof was issued. */
function admitted({ identity }: Needs) {
  return async (c: Context<Env>, next: () => Promise<void>) => {
    c.set('caller', await identity.admit(c.get('proven')))
    return next()
  }
}

/** With a session, or because nobody has said yet whose Zoom account it is. */
const forgiven = new Set([200, 409])

/** Counts what comes from an address without a proof. What turns out to have one does not count. */
function limitedByAddress({ addressOf, limits }: Needs) {
  return async (c: Context<Env>, next: () => Promise<void>) => {
    const { address } = getConnInfo(c).remote
    const from = addressOf(address ?? '', c.req.header('x-forwarded-for'))
    await limits.address.count(from)
    await next()
    if (forgiven.has(c.res.status)) await limits.address.forgive(from)
  }
}

/** In the dialog there is no program to read a problem: its page says it. */
async function toDialog(c: Context<Env>, { log }: Needs, where: () => Promise<string>) {
  try {
    return c.redirect(await where(), 303)
  } catch (error) {
    const problem = asProblem(error)
    logProblem(problem, c.get('requestId'), log)
    return c.redirect(`${paths.dialog}#problem=${problem.code}`, 303)
  }
}

/** A body that its route's schema refuses: a `Problem` of ours says so itself, anything else by its field. */
function refuseInvalid(result: { success: boolean; error?: z.ZodError }) {
  if (result.success) return
  const field = String(result.error?.issues[0]?.path[0] ?? 'body')
  throw new Problem('invalid_request', { field, why: 'has the wrong form' })
}
