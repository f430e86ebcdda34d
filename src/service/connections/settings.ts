import { z } from 'zod'
import { https, isAt, secret } from '../settings/forms.ts'
import { missing, type SettingsOf, settingsPart } from '../settings/read.ts'

/** Microsoft Graph's addresses, the public cloud's and the governments' (Microsoft's documentation, "National clouds"). */
const graphs = [
  'graph.microsoft.com',
  'graph.microsoft.us',
  'dod-graph.microsoft.us',
  'microsoftgraph.chinacloudapi.cn',
]

/** Whether people may connect their calendars, and with which permission. */
export const connectionsSettings = settingsPart({
  shape: {
    ENTRA_CLIENT_SECRET: secret.optional(),
    GRAPH_URL: https.default('https://graph.microsoft.com'),
    GOOGLE_CLIENT_ID: secret.optional(),
    GOOGLE_CLIENT_SECRET: secret.optional(),
    GOOGLE_AUTH_URL: https.default('https://accounts.google.com/o/oauth2/v2/auth'),
    GOOGLE_TOKEN_URL: https.default('https://oauth2.googleapis.com'),
    GOOGLE_API_URL: https.default('https://www.googleapis.com'),
    CALENDAR_PERMISSION: z
      .enum(['read', 'read-write'], { error: 'must be read or read-write' })
      .default('read'),
  },
  rows: {
    ENTRA_CLIENT_SECRET: {
      says: 'a client secret of the same application. With it, people can [connect their calendars](#11-calendars-of-microsoft-365), and administrators can [connect mailboxes](#mailboxes-that-you-connect)',
    },
    GRAPH_URL: { says: 'Microsoft Graph', example: 'https://graph.microsoft.com' },
    GOOGLE_CLIENT_ID: {
      says: 'client id of an application at Google. With it, people can [connect a Google calendar](#calendars-of-google)',
      example: '0123456789-abc.apps.googleusercontent.com',
    },
    GOOGLE_CLIENT_SECRET: { says: 'its client secret; required with `GOOGLE_CLIENT_ID`' },
    GOOGLE_AUTH_URL: {
      says: "Google's page for signing in",
      example: 'https://accounts.google.com/o/oauth2/v2/auth',
    },
    GOOGLE_TOKEN_URL: {
      says: "Google's OAuth: `/token` and `/revoke`",
      example: 'https://oauth2.googleapis.com',
    },
    GOOGLE_API_URL: {
      says: "Google's Calendar API, which [apps](apps.md) read, and the service for them",
      example: 'https://www.googleapis.com',
    },
    CALENDAR_PERMISSION: {
      says: 'what the service may do with a connected calendar: `read` or `read-write`, where no [policy](#14-policies) says otherwise',
      example: 'read-write',
    },
  },

  faults({ GOOGLE_CLIENT_ID: id, GOOGLE_CLIENT_SECRET: secret }) {
    if (Boolean(id) === Boolean(secret)) return []
    return [missing(id ? 'GOOGLE_CLIENT_SECRET' : 'GOOGLE_CLIENT_ID')]
  },

  productionFaults(settings) {
    const places = {
      GRAPH_URL: graphs,
      GOOGLE_AUTH_URL: ['accounts.google.com'],
      GOOGLE_TOKEN_URL: ['oauth2.googleapis.com'],
      GOOGLE_API_URL: ['www.googleapis.com'],
    }
    return Object.entries(places)
      .filter(([name, hosts]) => !isAt(settings[name as keyof typeof places], hosts))
      .map(([name, hosts]) => `${name} must be at ${hosts.join(' or ')} in production`)
  },
})
export type ConnectionsSettings = SettingsOf<typeof connectionsSettings>
