import { z } from 'zod'
import { https, isAt, perSecond, secret, whole } from '../settings/forms.ts'
import { type SettingsOf, settingsPart } from '../settings/read.ts'
import type { ZoomApp } from './http.ts'

/** Zoom's addresses, the commercial cloud and the government's (Zoom's documentation). */
const clouds = {
  ZOOM_API_URL: ['api.zoom.us', 'api.zoomgov.com'],
  ZOOM_OAUTH_URL: ['zoom.us', 'zoomgov.com'],
} as const

/** Stored credentials are bound to it. */
const zoomId = secret.regex(/^[\w-]{1,64}$/, 'must be an id of Zoom: letters, digits, _ and - only')

/** The server-to-server OAuth app in the organisation's Zoom account, and the calls that its plan allows. */
export const zoomSettings = settingsPart({
  shape: {
    ZOOM_API_URL: https.default('https://api.zoom.us/v2'),
    ZOOM_OAUTH_URL: https.default('https://zoom.us/oauth'),
    ZOOM_ACCOUNT_ID: zoomId,
    ZOOM_CLIENT_ID: zoomId,
    ZOOM_CLIENT_SECRET: secret,
    ZOOM_WEBHOOK_SECRET_TOKEN: secret.optional(),
    ZOOM_LIGHT_PER_SECOND: perSecond.default(30),
    ZOOM_MEDIUM_PER_SECOND: perSecond.default(20),
    ZOOM_CHANGES_PER_DAY: whole.default(100),
    ZOOM_ACCOUNT_SECONDS: z.coerce.number().int().min(0).max(3600).default(60),
  },
  rows: {
    ZOOM_API_URL: { says: "Zoom's REST API", example: 'https://api.zoom.us/v2' },
    ZOOM_OAUTH_URL: { says: "Zoom's OAuth", example: 'https://zoom.us/oauth' },
    ZOOM_ACCOUNT_ID: { says: 'account id of the Zoom app', example: 'AbCdEfGhIjKlMnOpQrStUv' },
    ZOOM_CLIENT_ID: { says: 'client id of the Zoom app', example: 'AbCdEfGhIjKlMnOpQrStUv' },
    ZOOM_CLIENT_SECRET: { says: 'client secret of the Zoom app' },
    ZOOM_WEBHOOK_SECRET_TOKEN: {
      says: "the secret token of the Zoom app. With it, the service takes [Zoom's events](#changes-in-zoom)",
    },
    ZOOM_LIGHT_PER_SECOND: {
      says: "requests a second that one process sends with Zoom's rate-limit label *light*; the default fits the plan Pro",
      example: '30',
    },
    ZOOM_MEDIUM_PER_SECOND: { says: 'the same with the label *medium*', example: '20' },
    ZOOM_CHANGES_PER_DAY: {
      says: 'how often Zoom lets one user’s meetings be created or changed in a day. Sync uses three quarters of it at most; the rest is [for people](#calendar-sync)',
      example: '100',
    },
    ZOOM_ACCOUNT_SECONDS: {
      says: 'for how long a process uses again what Zoom says of an account, a group or a user as [options](#options-of-meetings), up to 3600 s; `0`: it asks each time',
      example: '60',
    },
  },

  productionFaults(settings) {
    return Object.entries(clouds)
      .filter(([name, hosts]) => !isAt(settings[name as keyof typeof clouds], hosts))
      .map(([name, hosts]) => `${name} must be at ${hosts.join(' or ')} in production`)
  },
})
export type ZoomSettings = SettingsOf<typeof zoomSettings>

export const zoomApp = (settings: ZoomSettings): ZoomApp => ({
  apiUrl: settings.ZOOM_API_URL,
  oauthUrl: settings.ZOOM_OAUTH_URL,
  accountId: settings.ZOOM_ACCOUNT_ID,
  clientId: settings.ZOOM_CLIENT_ID,
  clientSecret: settings.ZOOM_CLIENT_SECRET,
  accountSeconds: settings.ZOOM_ACCOUNT_SECONDS,
  perSecond: { light: settings.ZOOM_LIGHT_PER_SECOND, medium: settings.ZOOM_MEDIUM_PER_SECOND },
})
