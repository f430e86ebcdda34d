import { OpenAPIHono, type z } from '@hono/zod-openapi'
import { Problem } from '../../contract/problems.ts'
import type { System } from '../system.ts'
import type { Spans } from '../telemetry/spans.ts'
import { type Files, serveFiles } from './files.ts'
import type { Guards } from './guards.ts'
import { accessLog, answerHeaders, type Env, preflight } from './middleware.ts'
import { answerProblem, type Said } from './problem-answer.ts'
import { TwoRouters } from './router.ts'

interface Needs extends Said {
  guards: Guards
  systems: readonly System[]
  files: Files
  /** The origins whose pages may call the API, beside the service's own. */
  allowedOrigins: readonly string[]
  /** The Outlooks that may show our pages. */
  frameAncestors: readonly string[]
  /** Where people sign in: an origin. */
  authority: string
  /** The calendar providers that *Upcoming* asks itself: origins. */
  providers: readonly string[]
  /** Whether requests should come here. */
  isReady(): Promise<boolean>
  spans: Spans
}

/** The web calendar service as one function from request to answer. */
export async function createApp({ log, refused, guards, systems, files, isReady, spans, ...needs }: Needs) {
  const { authority, frameAncestors, providers, allowedOrigins } = needs
  const app = new OpenAPIHono<Env>({ defaultHook: refuseInvalid, router: new TwoRouters() })
  const callers = [new URL(files.publicUrl).origin, ...allowedOrigins]
  app.use(accessLog(log, spans, await answerHeaders({ authority, frameAncestors, providers, callers })))
  app.options('*', preflight(callers))

  for (const system of systems) system.routes?.(app, guards)

  serveFiles(app, files)
  app.get('/livez', (c) => c.text('ok'))
  for (const path of ['/readyz', '/healthz'])
    app.get(path, async (c) => ((await isReady()) ? c.text('ok') : c.text('not ready', 503)))
  app.openAPIRegistry.registerComponent('securitySchemes', 'bearer', { type: 'http', scheme: 'bearer' })
  app.doc31('/openapi.json', { openapi: '3.1.0', info: { title: 'Web calendar service', version: '1' } })

  app.notFound((c) => answerProblem(c, new Problem('not_found'), { log, refused }))
  app.onError((error, c) => answerProblem(c, error, { log, refused }))
  return app
}

/** A body that its route's schema refuses. Our own schemas throw a `Problem`; any other fault is named by its field. */
function refuseInvalid(result: { success: boolean; error?: z.ZodError }) {
  if (result.success) return
  const field = result.error?.issues[0]?.path.join('.') || 'body'
  throw new Problem('invalid_request', { field, why: 'has the wrong form' })
}
