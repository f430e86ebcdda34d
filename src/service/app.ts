import { serveStatic } from '@hono/node-server/serve-static'
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { Appointment, appointmentSchema } from '../contract/appointment.ts'
import { type Bootstrap, bootstrapSchema } from '../contract/identity.ts'
import { type Meeting, meetingSchema } from '../contract/meeting.ts'
import { keyPattern, paths } from '../contract/paths.ts'
import { Problem } from '../contract/problems.ts'
import type { Caller } from './identity/caller.ts'
import type { Log } from './log.ts'
import { answerProblem, problemSchema } from './problem-answer.ts'
import { cached, type Env, observed, secured, sized, unstored } from './request.ts'

interface Needs {
  log: Log
  bootstrap: Bootstrap
  /** The Outlooks that may show our pages. */
  frameAncestors: readonly string[]
  /** The manifest for this service's own address. */
  manifest: string
  /** Folders on disk. */
  files: { addin: string; assets: string }
  check(token: string): Promise<Caller>
  put(caller: Caller, key: string, appointment: Appointment): Promise<Meeting>
  healthy(): Promise<boolean>
}

const json = <Schema extends z.ZodType>(schema: Schema, description: string) => ({
  description,
  content: { 'application/json': { schema } },
})
const refusals = {
  default: {
    description: 'A problem (RFC 9457)',
    content: { 'application/problem+json': { schema: problemSchema } },
  },
}
const appointment = z
  .any()
  .transform(Appointment.from)
  .openapi('Appointment', appointmentSchema as object)
const meeting = z.custom<Meeting>().openapi('Meeting', meetingSchema as object)
const bootstrap = z.custom<Bootstrap>().openapi('Bootstrap', bootstrapSchema as object)

const routes = {
  bootstrap: createRoute({
    method: 'get',
    path: paths.bootstrap,
    summary: 'What the add-in must know to sign a person in',
    responses: { 200: json(bootstrap, 'Where and as what to sign in'), ...refusals },
  }),
  putMeeting: createRoute({
    method: 'put',
    path: paths.meeting,
    summary: 'Give an appointment its Zoom meeting, or make the one it has true again',
    description: 'Idempotent: the same key twice, also at once, is one Zoom meeting.',
    security: [{ entra: [] }],
    request: {
      params: z.object({ key: z.string().regex(new RegExp(keyPattern)) }),
      body: { required: true, content: { 'application/json': { schema: appointment } } },
    },
    responses: { 200: json(meeting, 'The meeting, as it is now'), ...refusals },
  }),
}

/** Every route of the web calendar service. */
export function createApp(needs: Needs) {
  const app = new OpenAPIHono<Env>({ defaultHook: refuseInvalid })
  app.use(observed(needs.log))
  app.use(
    secured({ authority: new URL(needs.bootstrap.authority).origin, frameAncestors: needs.frameAncestors }),
  )

  app.openapi(routes.bootstrap, (c) => {
    c.header('cache-control', 'public, max-age=300')
    return c.json(needs.bootstrap, 200)
  })
  app.use('/meetings/*', unstored, sized, signedIn(needs))
  app.openapi(routes.putMeeting, async (c) => {
    const { key } = c.req.valid('param')
    return c.json(await needs.put(c.get('caller'), key, c.req.valid('json')), 200)
  })

  app.get('/healthz', async (c) => ((await needs.healthy()) ? c.text('ok') : c.text('not ready', 503)))
  app.get('/manifest.xml', (c) => c.body(needs.manifest, 200, { 'content-type': 'application/xml' }))
  app.use(
    '/addin/*',
    cached,
    serveStatic({ root: needs.files.addin, rewriteRequestPath: (path) => path.slice('/addin'.length) }),
  )
  app.use(
    '/assets/*',
    cached,
    serveStatic({ root: needs.files.assets, rewriteRequestPath: (path) => path.slice('/assets'.length) }),
  )
  app.openAPIRegistry.registerComponent('securitySchemes', 'entra', { type: 'http', scheme: 'bearer' })
  app.doc31('/openapi.json', { openapi: '3.1.0', info: { title: 'Web calendar service', version: '1' } })

  app.notFound((c) => answerProblem(c, new Problem('not_found'), needs.log))
  app.onError((error, c) => answerProblem(c, error, needs.log))
  return app
}

/** Lets in whoever carries a proof that holds. */
function signedIn({ check }: Needs) {
  return async (c: Context<Env>, next: () => Promise<void>) => {
    const bearer = /^Bearer ([\w.~+/-]+=*)$/i.exec(c.req.header('authorization') ?? '')
    if (!bearer?.[1]) throw new Problem('sign_in_required')
    c.set('caller', await check(bearer[1]))
    return next()
  }
}

/** A body that its route's schema refuses: a `Problem` of ours says so itself, anything else by its field. */
function refuseInvalid(result: { success: boolean; error?: z.ZodError }) {
  if (result.success) return
  const field = String(result.error?.issues[0]?.path[0] ?? 'body')
  throw new Problem('invalid_request', { field, why: 'has the wrong form' })
}
