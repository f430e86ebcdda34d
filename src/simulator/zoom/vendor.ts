import type { Context } from 'hono'
import { z } from 'zod'
import type { ControlRoute, OpenVendor } from '../vendor.ts'
import { createZoom, type Zoom } from './api.ts'
import { credentials, userCredentials } from './apps.ts'
import { situations } from './situations.ts'

export const zoom: OpenVendor = ({ origin, addin, faults }) => {
  const stand = createZoom({ faults, origin, redirectUris: [`${addin}/link/zoom/callback`] })
  return {
    app: stand.app,
    routes: [...aboutMeetings(stand), ...aboutTheAccount(stand)],
    situations: situations(stand, faults),
    reset: stand.reset,
    settings: {
      ZOOM_API_URL: `${origin}/v2`,
      ZOOM_OAUTH_URL: `${origin}/oauth`,
      ZOOM_ACCOUNT_ID: credentials.accountId,
      ZOOM_CLIENT_ID: credentials.clientId,
      ZOOM_CLIENT_SECRET: credentials.clientSecret,
      ZOOM_USER_CLIENT_ID: userCredentials.clientId,
      ZOOM_USER_CLIENT_SECRET: userCredentials.clientSecret,
      ZOOM_CONNECT: 'true',
    },
  }
}

const aboutMeetings = (zoom: Zoom): ControlRoute[] => [
  ['GET', '/simulator/zoom/meetings', 'The meetings that Zoom has now.', (c) => c.json(zoom.meetings())],
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
    'DELETE',
    '/simulator/zoom/meetings/:id',
    'The host deletes the meeting in Zoom’s web portal.',
    (c) => done(c, zoom.portal.deleteMeeting(c.req.param('id') ?? '')),
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
    'A person removes the app that they signed in with from their Zoom account.',
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

const userChange = z.strictObject({
  type: z.literal([1, 2, 4]).describe('1 Basic, 2 Licensed, 4 without meetings').exactOptional(),
  status: z.enum(['active', 'inactive']).exactOptional(),
})

const done = (c: Context, found = true) => (found ? c.body(null, 204) : c.notFound())
