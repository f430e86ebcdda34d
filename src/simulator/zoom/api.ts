import { type Context, Hono } from 'hono'
import { type Faults, faulty } from '../kit/faults.ts'
import { userCredentials } from './apps.ts'
import { bodyOf, hostOf, kindOf, paged, scheduledFor, userOf, withoutOccurrence } from './asked.ts'
import { type Category, createLimits, type Plan } from './limits.ts'
import { createOAuth, granularScopes, type Permission } from './oauth.ts'
import { joinPage } from './page.ts'
import { type ReceivedRequest, recorder } from './recorder.ts'
import { Refusal } from './refusals.ts'
import { createSignIn } from './sign-in.ts'
import { detailed, hold, isAlive, listed, type Meeting, past, reschedule, schedule } from './state.ts'
import { createPrivileges, findUser, profile } from './users.ts'

export interface ZoomOptions {
  faults: Faults
  /** Where the stand-in is reached; join links begin with it: `https://localhost:3003`. */
  origin: string
  /** ms since 1970. */
  now?: () => number
  /** The scopes the app was given; every one it can need without this. */
  scopes?: readonly string[]
  limits?: Plan
  /** Where the app with which people sign in may have them sent back to, compared letter by letter. */
  redirectUris?: readonly string[]
}

/** What a test reads of a stored meeting. */
export type StoredMeeting = ReturnType<typeof listed> & { host_email: string; password: string }

export interface Zoom {
  app: Hono
  /** Meetings that exist, oldest first. */
  meetings(): StoredMeeting[]
  /** Every request as it came, oldest first. */
  requests(): readonly ReceivedRequest[]
  /** Its host starts the meeting, and ends it. False: there is none (any more). */
  start(meetingId: string): boolean
  /** No meetings, tokens, requests or counts any more. */
  reset(): void
}

/**
 * A stand-in for Zoom: OAuth, the calls under `/v2` that scheduling needs, and a page behind each join link.
 * It knows only what Zoom publishes, and refuses what Zoom refuses; unknown fields too (see `fields.ts`).
 */
export function createZoom({
  faults,
  origin,
  now = Date.now,
  scopes = granularScopes,
  limits: plan = 'pro',
  redirectUris = [],
}: ZoomOptions): Zoom {
  const stored = new Map<number, Meeting>()
  const limits = createLimits(plan, now)
  const signIn = createSignIn({ clientId: userCredentials.clientId, redirectUris, now })
  const oauth = createOAuth({ origin, now, scopes, redeem: signIn.redeem })
  const received = recorder(now)
  const privileges = createPrivileges()

  const alive = () => [...stored.values()].filter((meeting) => isAlive(meeting, now()))
  const find = (id: string) => {
    const meeting = stored.get(Number(id))
    return meeting && isAlive(meeting, now()) ? meeting : undefined
  }

  /** Everything a call must pass before it is looked at. */
  function admit(c: Context, permission: Permission, category: Category) {
    const token = oauth.permit(c.req.header('authorization'), permission)
    for (const [name, value] of Object.entries(limits.call(category))) c.header(name, value)
    return token
  }

  function meetingOf(c: Context): Meeting {
    const id = c.req.param('meetingId') ?? ''
    if (!/^\d{9,11}$/.test(id)) throw new Refusal('bad meeting id')
    const meeting = find(id)
    if (!meeting) throw new Refusal('unknown meeting', { about: id })
    return meeting
  }

  const app = new Hono()
  app.use(received.middleware, faulty(faults, 'zoom'))
  app.get('/oauth/authorize', signIn.show)
  app.post('/oauth/authorize', signIn.answer)
  app.post('/oauth/token', oauth.token)
  app.post('/oauth/revoke', oauth.revoke)

  app.get('/v2/users/:userId', (c) => {
    const { owner } = admit(c, 'read user', 'Light')
    return c.json(profile(userOf(c, owner)))
  })

  app.get('/v2/users/:userId/assistants', (c) => {
    admit(c, 'list assistants', 'Medium')
    return c.json({ assistants: privileges.assistants(userOf(c)).map(({ id, email }) => ({ id, email })) })
  })

  app.delete('/v2/users/:userId/assistants/:assistantId', (c) => {
    admit(c, 'remove assistant', 'Light')
    const id = c.req.param('assistantId')
    const assistant = findUser(id)
    if (!assistant) throw new Refusal('unknown user', { about: id })
    privileges.withdraw(userOf(c), assistant)
    return c.body(null, 204)
  })

  app.get('/v2/users/:userId/schedulers', (c) => {
    admit(c, 'list schedulers', 'Medium')
    return c.json({ schedulers: privileges.schedulers(userOf(c)).map(({ id, email }) => ({ id, email })) })
  })

  app.post('/v2/users/:userId/meetings', async (c) => {
    admit(c, 'create meeting', 'Medium')
    const asking = hostOf(c)
    const body = await bodyOf(c, 'create')
    const host = scheduledFor(asking, body, privileges)
    limits.change(asking.id)
    const meeting = schedule(host, body, now())
    stored.set(meeting.id, meeting)
    return c.json(detailed(meeting, origin), 201)
  })

  app.get('/v2/users/:userId/meetings', (c) => {
    admit(c, 'list meetings', 'Medium')
    const host = userOf(c)
    const kind = kindOf(c.req.query('type') ?? 'scheduled')
    const wanted = alive().filter((meeting) => meeting.host === host && kind(meeting, now()))
    const { page, ...rest } = paged(c, wanted)
    return c.json({ ...rest, meetings: page.map((meeting) => listed(meeting, origin)) })
  })

  app.get('/v2/meetings/:meetingId', (c) => {
    admit(c, 'read meeting', 'Light')
    return c.json(detailed(meetingOf(c), origin))
  })

  app.patch('/v2/meetings/:meetingId', async (c) => {
    admit(c, 'update meeting', 'Light')
    const meeting = meetingOf(c)
    const body = await bodyOf(c, 'update')
    withoutOccurrence(c)
    const host = scheduledFor(meeting.host, body, privileges)
    const updated = reschedule(meeting, body, now())
    limits.change(meeting.host.id)
    stored.set(meeting.id, { ...updated, host })
    return c.body(null, 204)
  })

  app.delete('/v2/meetings/:meetingId', async (c) => {
    admit(c, 'delete meeting', 'Light')
    const meeting = meetingOf(c)
    withoutOccurrence(c)
    await limits.deletion(meeting.host.id, () => stored.delete(meeting.id))
    return c.body(null, 204)
  })

  app.get('/v2/past_meetings/:meetingId/instances', (c) => {
    admit(c, 'list past instances', 'Medium')
    return c.json({ meetings: past(meetingOf(c)) })
  })

  app.get('/j/:id{[0-9]+}', (c) => {
    const meeting = find(c.req.param('id'))
    return c.html(joinPage(c.req.param('id'), meeting, c.req.query('pwd')), meeting ? 200 : 404)
  })

  app.notFound((c) => refused(c, new Refusal('unknown path')))
  app.onError((error, c) => {
    if (error instanceof Refusal) return refused(c, error)
    throw error
  })

  return {
    app,
    meetings: () =>
      alive().map((meeting) => ({
        ...listed(meeting, origin),
        host_email: meeting.host.email,
        password: meeting.password,
      })),
    requests: received.requests,
    start(meetingId) {
      const meeting = find(meetingId)
      if (meeting) stored.set(meeting.id, hold(meeting, now()))
      return meeting !== undefined
    },
    reset() {
      stored.clear()
      limits.reset()
      oauth.reset()
      signIn.reset()
      received.reset()
      privileges.reset()
    },
  }
}

function refused(c: Context, refusal: Refusal): Response {
  return c.json(refusal.body, refusal.status, refusal.headers)
}
