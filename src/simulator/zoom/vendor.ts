import type { ControlRoute, OpenVendor } from '../vendor.ts'
import { createZoom, type Zoom } from './api.ts'
import { credentials, userCredentials } from './apps.ts'

export const zoom: OpenVendor = ({ origin, addin, faults }) => {
  const stand = createZoom({ faults, origin, redirectUris: [`${addin}/link/zoom/callback`] })
  return {
    app: stand.app,
    routes: routes(stand),
    reset: stand.reset,
    settings: {
      ZOOM_API_URL: `${origin}/v2`,
      ZOOM_OAUTH_URL: `${origin}/oauth`,
      ZOOM_ACCOUNT_ID: credentials.accountId,
      ZOOM_CLIENT_ID: credentials.clientId,
      ZOOM_CLIENT_SECRET: credentials.clientSecret,
      ZOOM_USER_CLIENT_ID: userCredentials.clientId,
      ZOOM_USER_CLIENT_SECRET: userCredentials.clientSecret,
    },
  }
}

const routes = (zoom: Zoom): ControlRoute[] => [
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
    (c) => (zoom.start(c.req.param('id') ?? '') ? c.body(null, 204) : c.notFound()),
  ],
  [
    'DELETE',
    '/simulator/zoom/tokens',
    'Ends every access token that Zoom has issued.',
    (c) => {
      zoom.endTokens()
      return c.body(null, 204)
    },
  ],
]
