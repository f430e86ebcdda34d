import { createRoute, z } from '@hono/zod-openapi'
import { ownApps } from '../../contract/feed.ts'
import { paths } from '../../contract/paths.ts'
import { type SignedInApp, signedInAppSchema } from '../../contract/signed-in-apps.ts'
import type { Guards } from '../http/guards.ts'
import { type Api, answerOf, bearer, json, refusals } from '../http/openapi.ts'
import type { AppSessions } from './sessions.ts'
import type { RegisteredApp } from './settings.ts'

const apps = answerOf<{ apps: SignedInApp[] }>('SignedInApps', {
  type: 'object',
  required: ['apps'],
  properties: { apps: { type: 'array', items: signedInAppSchema } },
})

const routes = {
  read: createRoute({
    method: 'get',
    path: paths.signedInApps,
    summary: 'The apps that the caller has signed in to',
    security: bearer,
    responses: { 200: json(apps, 'Their sessions, the newest first'), ...refusals },
  }),
  end: createRoute({
    method: 'delete',
    path: paths.signedInApp,
    summary: 'End a session of an app',
    description: 'Idempotent. The app forgets the calendar, and the person has to sign in to it again.',
    security: bearer,
    request: {
      params: z.object({ id: z.string().regex(new RegExp(signedInAppSchema.properties.id.pattern)) }),
    },
    responses: { 204: { description: 'The caller has no such session any more' }, ...refusals },
  }),
}

interface Needs {
  /** Those that are registered beside our own. */
  registered: readonly RegisteredApp[]
  sessions: Pick<AppSessions, 'of' | 'endByPerson'>
}

/** What a person sees of the apps that they have signed in to, and ends. No app sees or ends another. */
export function ownRoutes(api: Api, guards: Guards, { registered, sessions }: Needs): void {
  const names = new Map<string, string>([
    ...Object.entries(ownApps).map(([id, { name }]) => [id, name] as const),
    ...registered.map(({ id, name }) => [id, name] as const),
  ])
  for (const path of [paths.signedInApps, '/signed-in-apps/:id']) api.use(path, guards.active)
  api.openapi(routes.read, async (c) => {
    const all = await sessions.of(c.get('active').subject)
    const shown = all.map(({ id, app, begunAt, usedAt }) => ({
      id: String(id),
      name: names.get(app) ?? app,
      begunAt: begunAt.toISOString(),
      usedAt: usedAt.toISOString(),
    }))
    return c.json({ apps: shown }, 200)
  })
  api.openapi(routes.end, async (c) => {
    await sessions.endByPerson(c.get('active').subject, c.req.valid('param').id)
    return c.body(null, 204)
  })
}
