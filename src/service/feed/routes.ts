import { createRoute, z } from '@hono/zod-openapi'
import { type CalendarEvent, calendarEventSchema } from '../../contract/calendar-event.ts'
import { tokenIdPattern } from '../../contract/connections.ts'
import { directAccessSchema, type FeedAccess, feedPaths, proxyAccessSchema } from '../../contract/feed.ts'
import { Problem } from '../../contract/problems.ts'
import { alreadySent } from '../http/already-sent.ts'
import type { Guards } from '../http/guards.ts'
import { type Api, answerOf, bearer, json, refusals } from '../http/openapi.ts'
import { refused as refuseProof } from '../refused.ts'
import type { FeedReading } from './access.ts'
import type { Channel } from './channel.ts'
import { hintId, type Streams } from './streams.ts'

interface Needs {
  reading: FeedReading
  channel: Pick<Channel, 'hear'>
  streams: Streams
}

const access = answerOf<FeedAccess>('FeedAccess', {
  type: 'object',
  anyOf: [directAccessSchema, proxyAccessSchema],
})

const events = answerOf<{ events: CalendarEvent[] }>('CalendarEvents', {
  type: 'object',
  required: ['events'],
  properties: { events: { type: 'array', items: calendarEventSchema } },
})
const instant = z.iso.datetime()

/** Milliseconds of one request. */
const longestWindow = 31 * 24 * 3_600_000

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
  events: createRoute({
    method: 'get',
    path: feedPaths.events,
    summary: 'The events of a calendar that the service reads for the app',
    description:
      'In mode `proxy`. At most 31 days. The service drops all that an app does not keep, and stores nothing. A calendar in Microsoft 365, on an Exchange server or at Google.',
    security: bearer,
    request: { query: z.object({ from: instant, to: instant }) },
    responses: { 200: json(events, 'The events that overlap these days'), ...refusals },
  }),
  hints: createRoute({
    method: 'get',
    path: feedPaths.hints,
    summary: 'Hear when the calendar of the person has changed',
    description:
      'Server-sent events. `changed`: read the calendar again; it says not what has changed. Send its id as `Last-Event-ID` when you connect again. `access`: ask again how to read it; `changed` follows. `ended`: the data says why. A comment comes every 25 seconds.',
    security: bearer,
    responses: { 200: { description: 'The stream, as `text/event-stream`' }, ...refusals },
  }),
}

/** What apps read. */
export function feedRoutes(api: Api, guards: Guards, { reading, channel, streams }: Needs): void {
  api.use('/feed/*', guards.feed)
  api.openapi(routes.access, async (c) =>
    c.json(await reading.of(c.get('caller'), c.req.valid('query').refused), 200),
  )
  api.openapi(routes.events, async (c) => {
    const { from, to } = c.req.valid('query')
    const window = { from: Date.parse(from), to: Date.parse(to) }
    const length = window.to - window.from
    if (length <= 0) throw new Problem('invalid_request', { field: 'to', why: 'is not after from' })
    if (length > longestWindow) throw new Problem('invalid_request', { field: 'to', why: 'is too far away' })
    return c.json({ events: await reading.events(c.get('caller'), window) }, 200)
  })
  api.openapi(routes.hints, async (c) => {
    const { subject, app } = c.get('caller')
    // Without a session nothing would end the stream.
    if (!app) throw refuseProof('app_token', subject)
    await channel.hear()
    const since = c.req.header('last-event-id') ?? ''
    streams.open(c.env.outgoing, { subject, session: app.session }, hintId.test(since) ? since : undefined)
    return alreadySent()
  })
}
