import { z } from 'zod'
import { https, isAt, secret } from '../settings/forms.ts'
import { type SettingsOf, settingsPart } from '../settings/read.ts'

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
    CALENDAR_PERMISSION: z
      .enum(['read', 'read-write'], { error: 'must be read or read-write' })
      .default('read'),
  },

  productionFaults({ GRAPH_URL }) {
    return isAt(GRAPH_URL, graphs) ? [] : [`GRAPH_URL must be at ${graphs.join(' or ')} in production`]
  },
})
export type ConnectionsSettings = SettingsOf<typeof connectionsSettings>
