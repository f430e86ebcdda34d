import { createRoute, z } from '@hono/zod-openapi'
import { bootstrapDescriptions, described } from '../../contract/descriptions.ts'
import {
  type Bootstrap,
  bootstrapSchema,
  loginCodePattern,
  loginFrom,
  loginSchema,
  type Me,
  meSchema,
  type Session,
  secretPattern,
  sessionRequestFrom,
  sessionRequestSchema,
  sessionSchema,
} from '../../contract/identity.ts'
import { paths } from '../../contract/paths.ts'
import { Problem } from '../../contract/problems.ts'
import type { Guards } from '../http/guards.ts'
import { type Api, answerOf, bearer, body, json, refusals, requestOf } from '../http/openapi.ts'
import type { Identity } from './identity.ts'

const sessionRequest = requestOf('SessionRequest', sessionRequestFrom, sessionRequestSchema)
const login = requestOf('Login', loginFrom, loginSchema)
const bootstrap = answerOf<Bootstrap>('Bootstrap', described(bootstrapSchema, bootstrapDescriptions))
const session = answerOf<Session>('Session', sessionSchema)
const me = answerOf<Me>('Me', meSchema)

/** What a provider's redirect brings. */
export const returned = z.object({
  state: z.string().max(256).optional(),
  code: z.string().max(2048).optional(),
  error: z.string().max(256).optional(),
})

/** Where the dialog goes with it. Throws `sign_in_cancelled`, `link_expired`. */
export function linkIn({ state, code, error }: z.infer<typeof returned>): string {
  const link = `${state}.${code}`
  if (!new RegExp(loginCodePattern).test(link) || !code)
    throw new Problem(error ? 'sign_in_cancelled' : 'link_expired')
  return `${paths.dialog}#link=${encodeURIComponent(link)}`
}

export const challengePattern = z.string().regex(new RegExp(secretPattern))

export const toDialog = {
  303: {
    description:
      "To the provider, or to the add-in's dialog page with `#link=<state>.<code>` or `#problem=<code>`",
  },
  ...refusals,
}

const routes = {
  bootstrap: createRoute({
    method: 'get',
    path: paths.bootstrap,
    summary: 'What the add-in must know to sign a person in',
    responses: { 200: json(bootstrap, 'Where to sign in, and as which application'), ...refusals },
  }),
  exchangeSession: createRoute({
    method: 'post',
    path: paths.exchangeSession,
    summary: 'Exchange the identity token of a mailbox on an Exchange server for a session',
    description:
      'The only route that accepts such a token. `link_required`: the Zoom account of this mailbox is not known yet. Sign in to Zoom, and call again with `link`.',
    request: { body: body(sessionRequest) },
    responses: { 200: json(session, 'The session'), ...refusals },
  }),
  beginZoomLogin: createRoute({
    method: 'get',
    path: paths.zoomLogin,
    summary: 'Start a sign-in to Zoom, in an Office dialog',
    request: { query: z.object({ challenge: challengePattern }) },
    responses: toDialog,
  }),
  finishZoomLogin: createRoute({
    method: 'get',
    path: paths.zoomLoginCallback,
    summary: 'Where Zoom redirects the browser after the sign-in',
    request: { query: returned },
    responses: toDialog,
  }),
  putZoomAccount: createRoute({
    method: 'put',
    path: paths.zoomAccount,
    summary: 'Schedule with the Zoom account that the caller has signed in to',
    security: bearer,
    request: { body: body(login) },
    responses: { 200: json(me, 'The caller, now with that Zoom account'), ...refusals },
  }),
  me: createRoute({
    method: 'get',
    path: paths.me,
    summary: 'Who the caller is',
    security: bearer,
    responses: { 200: json(me, 'What the proof says'), ...refusals },
  }),
  disconnect: createRoute({
    method: 'delete',
    path: paths.me,
    summary: 'Disconnect: end all proofs of the caller issued so far, and forget the Zoom account',
    security: bearer,
    responses: {
      204: { description: 'Sessions, tickets and tokens issued before are no longer accepted' },
      ...refusals,
    },
  }),
}

/** Sign-in: what the add-in needs for it, sessions of Exchange mailboxes, the Zoom account, disconnecting. */
export function identityRoutes(api: Api, guards: Guards, identity: Identity): void {
  api.openapi(routes.bootstrap, async (c) => {
    c.header('cache-control', 'public, max-age=300')
    return c.json(await identity.bootstrap(), 200)
  })

  api.use(paths.exchangeSession, guards.limitedByAddress)
  api.openapi(routes.exchangeSession, async (c) =>
    c.json(await identity.startSession(c.req.valid('json'), guards.countCaller), 200),
  )

  api.use(`${paths.zoomLogin}/*`, guards.limitedByAddress)
  api.openapi(routes.beginZoomLogin, (c) =>
    guards.toDialog(c, async () => identity.beginZoomLogin(c.req.valid('query').challenge)),
  )
  api.openapi(routes.finishZoomLogin, (c) =>
    guards.toDialog(c, async () => {
      return linkIn(c.req.valid('query'))
    }),
  )

  for (const path of [paths.me, paths.zoomAccount]) api.use(path, guards.active)
  api.openapi(routes.me, async (c) => c.json(await identity.me(c.get('active')), 200))
  api.openapi(routes.disconnect, async (c) => {
    await identity.disconnect(c.get('active'))
    return c.body(null, 204)
  })
  api.openapi(routes.putZoomAccount, async (c) => {
    await identity.tie(c.get('active'), c.req.valid('json'))
    return c.json(await identity.me(c.get('active')), 200)
  })
}
