import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import { createRoute, z } from '@hono/zod-openapi'
import { tokenIdPattern } from '../../contract/connections.ts'
import { directAccessSchema, type FeedAccess, feedPaths, proxyAccessSchema } from '../../contract/feed.ts'
import type { Caller } from '../caller.ts'
import type { Guards } from '../http/guards.ts'
import { type Api, answerOf, bearer, json, refusals } from '../http/openapi.ts'
import { refused as refuseProof } from '../refused.ts'
import type { Channel } from './channel.ts'
import { hintId, type Streams } from './streams.ts'

interface Needs {
  access(caller: Caller, refused: string | undefined): Promise<FeedAccess>
  channel: Pick<Channel, 'hear'>
  streams: Streams
}

const access = answerOf<FeedAccess>('FeedAccess', {
  type: 'object',
  anyOf: [directAccessSchema, proxyAccessSchema],
})

const routes = {
  access: createRoute({
    method: 'get',
    path: feedPaths.accessToken,
    summary: 'How an app reads the calendar of its person',
    description:
      'Mode `token`: a short-lived access token of the provider. If the provider refuses it, send its `id` as `refused` to get another one, once a minute. Mode `proxy`: the service reads the calendar for the app.',
    security: bearer,
    request: { query: z.object({ refused: z.string().regex(new RegExp(tokenIdPattern)).optional() }) },
    responses: { 200: json(access, 'The way to the calendar'), ...refusals },
  }),
  hints: createRoute({
    method: 'get',
    path: feedPaths.hints,
    summary: 'Hear when the calendar of the person has changed',
    description:
      'Server-sent events. `changed`: read the calendar again; it says not what has changed. Send its id as `Last-Event-ID` when you connect again. `ended`: the data says why. A comment comes every 25 seconds.',
    security: bearer,
    responses: { 200: { description: 'The stream, as `text/event-stream`' }, ...refusals },
  }),
}

/** What apps read. */
export function feedRoutes(api: Api, guards: Guards, { access, channel, streams }: Needs): void {
  api.use('/feed/*', guards.feed)
  api.openapi(routes.access, async (c) =>
    c.json(await access(c.get('caller'), c.req.valid('query').refused), 200),
  )
  api.openapi(routes.hints, async (c) => {
    const { subject, app } = c.get('caller')
    // Without a session nothing would end the stream.
    if (!app) throw refuseProof('app_token', subject)
    await channel.hear()
    const since = c.req.header('last-event-id') ?? ''
    streams.open(c.env.outgoing, { subject, session: app.session }, hintId.test(since) ? since : undefined)
    return RESPONSE_ALREADY_SENT
  })
}
