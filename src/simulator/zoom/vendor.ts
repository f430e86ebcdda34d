import type { Context } from 'hono'
import { z } from 'zod'
import type { ControlRoute, OpenVendor } from '../vendor.ts'
import { createZoom, type Zoom } from './api.ts'
import { credentials, userCredentials } from './apps.ts'
import { followed } from './followed.ts'
import { appScopes } from './oauth.ts'
import { situations } from './situations.ts'

export const zoom: OpenVendor = ({ origin, addin, faults, calendars, post }) => {
  const stand = createZoom({
    faults,
    origin,
    redirectUris: [`${addin}/link/zoom/callback`, `${addin}/apps/sign-in/zoom`],
    post,
    scopes: appScopes,
  })
  const following = followed(calendars, stand)
  return {
    app: stand.app,
    routes: [...aboutMeetings(stand, following), ...aboutTheAccount(stand), ...aboutWebhooks(stand)],
    situations: situations(stand, faults),
    dialled: stand.dialled,
    reset() {
      stand.reset()
      following.reset()
    },
    async begin() {
      for (const { subscribe } of [stand.webhooks, stand.marketplace.webhooks]) {
        let problem: string | undefined
        // On a busy computer, the first answers of a service that has just started may take longer than Zoom waits.
        for (let left = 10; left > 0; left--) {
          problem = await subscribe(`${addin}/sync/zoom`)
          if (!problem) break
        }
        if (problem) throw new Error(`Zoom sends no events. ${problem}`)
      }
    },
    settings: {
      ZOOM_API_URL: `${origin}/v2`,
      ZOOM_OAUTH_URL: `${origin}/oauth`,
      ZOOM_ACCOUNT_ID: credentials.accountId,
      ZOOM_CLIENT_ID: credentials.clientId,
      ZOOM_CLIENT_SECRET: credentials.clientSecret,
      // What an administrator changes at Zoom is seen at once.
      ZOOM_ACCOUNT_SECONDS: '0',
      ZOOM_USER_CLIENT_ID: userCredentials.clientId,
      ZOOM_USER_CLIENT_SECRET: userCredentials.clientSecret,
      ZOOM_USER_WEBHOOK_SECRET_TOKEN: userCredentials.webhookSecret,
      ZOOM_CONNECT: 'true',
      ZOOM_WEBHOOK_SECRET_TOKEN: credentials.webhookSecret,
    },
  }
}

const aboutMeetings = (zoom: Zoom, { all }: ReturnType<typeof followed>): ControlRoute[] => [
  ['GET', '/simulator/zoom/meetings', 'The meetings that Zoom has now.', (c) => c.json(zoom.meetings())],
  ['GET', '/simulator/zoom/calls', 'Who has dialled in, by SIP.', (c) => c.json(zoom.calls())],
  [
    'GET',
    '/simulator/zoom/followed',
    'How soon after a change in a calendar Zoom was asked to make the same change, in ms.',
    (c) => c.json(all()),
  ],
  [
    'GET',
    '/simulator/zoom/requests',
    'The requests that Zoom received since the last reset.',
    (c) => c.json(zoom.requests()),
  ],
  [
    'POST',
    '/simulator/zoom/meetings/:id/starts',
    'The host starts and ends the meeting: its id lives longer.',
    (c) => done(c, zoom.start(c.req.param('id') ?? '')),
  ],
  [
    'PATCH',
    '/simulator/zoom/meetings/:id',
    'The host changes the meeting in Zoom’s web portal, `{ topic?, start_time?, duration?, timezone? }`.',
    async (c) => {
      const change = meetingChange.parse(await c.req.json())
      return done(c, zoom.portal.changeMeeting(c.req.param('id') ?? '', change))
    },
  ],
  [
    'DELETE',
    '/simulator/zoom/meetings/:id',
    'The host deletes the meeting in Zoom’s web portal.',
    (c) => done(c, zoom.portal.deleteMeeting(c.req.param('id') ?? '')),
  ],
  [
    'DELETE',
    '/simulator/zoom/meetings/:id/for-good',
    'The host deletes the meeting for good, also one that was deleted: it cannot be recovered.',
    (c) => done(c, zoom.portal.deleteForGood(c.req.param('id') ?? '')),
  ],
]

const aboutTheAccount = ({ portal, marketplace, endTokens }: Zoom): ControlRoute[] => [
  ['GET', '/simulator/zoom/users', 'The users of the Zoom account.', (c) => c.json(portal.users())],
  [
    'PUT',
    '/simulator/zoom/users/:email',
    'Changes a user, `{ type?, status? }`, or adds a removed one again, with another id.',
    async (c) => {
      const user = portal.putUser(c.req.param('email') ?? '', userChange.parse(await c.req.json()))
      return user ? c.json(user) : c.notFound()
    },
  ],
  [
    'DELETE',
    '/simulator/zoom/users/:user',
    'Removes a user, by id or e-mail address, with their meetings.',
    (c) => done(c, portal.removeUser(c.req.param('user') ?? '')),
  ],
  [
    'DELETE',
    '/simulator/zoom/users/:user/app',
    'A person removes the app that they signed in with from their Zoom account. Zoom sends `app_deauthorized`.',
    (c) => done(c, marketplace.uninstall(c.req.param('user') ?? '')),
  ],
  [
    'DELETE',
    '/simulator/zoom/time-zones/:id',
    'Zoom refuses this time zone from now on: `Europe%2FBerlin`.',
    (c) => {
      portal.dropTimeZone(c.req.param('id') ?? '')
      return done(c)
    },
  ],
  [
    'DELETE',
    '/simulator/zoom/tokens',
    'Ends every access token that Zoom has issued.',
    (c) => {
      endTokens()
      return done(c)
    },
  ],
]

const aboutWebhooks = ({ webhooks }: Zoom): ControlRoute[] => [
  [
    'GET',
    '/simulator/zoom/webhook',
    'Where Zoom sends its events, `{ url }`; `{}`: nowhere.',
    (c) => c.json({ url: webhooks.address() }),
  ],
  [
    'PUT',
    '/simulator/zoom/webhook',
    'Zoom validates an address, `{ url }`, and sends its events there: `meeting.updated` and `meeting.deleted`.',
    async (c) => {
      const { url } = z.strictObject({ url: z.url() }).parse(await c.req.json())
      const problem = await webhooks.subscribe(url)
      return problem ? c.json({ problem }, 400) : done(c)
    },
  ],
  [
    'DELETE',
    '/simulator/zoom/webhook',
    'Zoom sends no more events.',
    (c) => {
      webhooks.unsubscribe()
      return done(c)
    },
  ],
]

const meetingChange = z.strictObject({
  topic: z.string().max(200).exactOptional(),
  start_time: z.iso
    .datetime({ local: true })
    .describe('In UTC with Z, otherwise in `timezone`.')
    .exactOptional(),
  duration: z.int().positive().exactOptional(),
  timezone: z.string().exactOptional(),
})

const userChange = z.strictObject({
  type: z.literal([1, 2, 4]).describe('1 Basic, 2 Licensed, 4 without meetings').exactOptional(),
  status: z.enum(['active', 'inactive']).exactOptional(),
})

const done = (c: Context, found = true) => (found ? c.body(null, 204) : c.notFound())
