import type { ServerResponse } from 'node:http'
import { createRoute, z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { Problem } from '../../contract/problems.ts'
import { type Pairing, pairingSchema, roomPaths, type Shown } from '../../contract/rooms.ts'
import { hintId } from '../feed/streams.ts'
import { alreadySent } from '../http/already-sent.ts'
import type { Guards } from '../http/guards.ts'
import { type Env, limitBody } from '../http/middleware.ts'
import { type Api, answerOf, body, json, refusals } from '../http/openapi.ts'
import { type Screen, type Screens, tokenForm } from './screens.ts'

interface Needs {
  screens: Screens
  /** What this screen shows now. */
  show(screen: Screen, isNews: boolean): Promise<Shown>
  /** Opens a stream of hints for this screen. */
  open(screen: Screen, answer: ServerResponse, since: string | undefined): Promise<void>
}

/** It is sent to these paths only, over TLS only, by pages of this origin only, and no script reads it. */
const cookie = '__Secure-room-screen'
const attributes = { path: '/rooms', secure: true, httpOnly: true, sameSite: 'Strict' } as const
/** Seconds. Browsers keep no cookie for longer than 400 days; each use of the screen's page renews it. */
const lifetime = 400 * 24 * 3600

const screenCookie = [{ roomScreen: [] }]
const pairing = answerOf<Pairing>('Pairing', pairingSchema)
const shown = answerOf<Shown>('Shown', { type: 'object', required: ['kind', 'name', 'rooms'] })

const routes = {
  offer: createRoute({
    method: 'post',
    path: roomPaths.pairings,
    summary: 'Get a code that pairs a screen with a room',
    description: 'An administrator types the code in the console.',
    responses: { 200: json(pairing, 'The code, and the secret that claims the pairing'), ...refusals },
  }),
  claim: createRoute({
    method: 'post',
    path: roomPaths.claim,
    summary: 'Ask whether the code of a screen was typed',
    description: 'If it was, the answer sets the cookie of the screen.',
    request: { body: body(z.object({ secret: z.string().regex(tokenForm) })) },
    responses: {
      202: { description: 'Nobody has typed it yet' },
      204: { description: 'The screen is paired' },
      ...refusals,
    },
  }),
  show: createRoute({
    method: 'get',
    path: roomPaths.screen,
    summary: 'What a screen shows',
    description:
      'The events from yesterday to the day after tomorrow, of one room or many: title, time and join link. What is private has no title. `?news`: after a hint.',
    security: screenCookie,
    request: { query: z.object({ news: z.literal('').optional() }) },
    responses: { 200: json(shown, 'The rooms with their events'), ...refusals },
  }),
  leave: createRoute({
    method: 'delete',
    path: roomPaths.screen,
    summary: 'End the pairing of a screen',
    security: screenCookie,
    responses: { 204: { description: 'It is a screen no more' }, ...refusals },
  }),
  hints: createRoute({
    method: 'get',
    path: roomPaths.hints,
    summary: 'Hear when something has changed in the rooms of a screen',
    description: 'Server-sent events, as those for apps.',
    security: screenCookie,
    responses: { 200: { description: 'The stream, as `text/event-stream`' }, ...refusals },
  }),
}

/** What screens ask. */
export function roomRoutes(api: Api, guards: Guards, { screens, show, open }: Needs): void {
  api.openAPIRegistry.registerComponent('securitySchemes', 'roomScreen', {
    type: 'apiKey',
    in: 'cookie',
    name: cookie,
  })
  const keep = (c: Context<Env>, token: string) =>
    setCookie(c, cookie, token, { ...attributes, maxAge: lifetime })

  /** Throws `screen_not_paired`. */
  async function screenOf(c: Context<Env>): Promise<Screen> {
    const token = getCookie(c, cookie) ?? ''
    const screen = tokenForm.test(token) ? await screens.of(token) : undefined
    if (!screen) throw new Problem('screen_not_paired')
    return screen
  }

  api.use(roomPaths.pairings, guards.limitedSignIns)
  api.use(roomPaths.claim, guards.limitedApps)
  api.use(roomPaths.screen, guards.limitedApps)
  api.use(roomPaths.hints, guards.limitedApps)

  api.openapi(routes.offer, async (c) => c.json(await screens.offer(), 200))
  api.openapi(routes.claim, async (c) => {
    limitBody(c.env.incoming)
    const token = await screens.claim(c.req.valid('json').secret)
    if (!token) return c.body(null, 202)
    keep(c, token)
    return c.body(null, 204)
  })
  api.openapi(routes.show, async (c) => {
    const screen = await screenOf(c)
    keep(c, getCookie(c, cookie) ?? '')
    return c.json(await show(screen, c.req.query('news') !== undefined), 200)
  })
  api.openapi(routes.leave, async (c) => {
    const screen = await screenOf(c)
    await screens.remove({ directory: screen.directory }, screen.id)
    deleteCookie(c, cookie, attributes)
    return c.body(null, 204)
  })
  api.openapi(routes.hints, async (c) => {
    const screen = await screenOf(c)
    const since = c.req.header('last-event-id') ?? ''
    await open(screen, c.env.outgoing, hintId.test(since) ? since : undefined)
    return alreadySent()
  })
}
