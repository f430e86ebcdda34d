import { z } from 'zod'
import { addressBlocks } from '../settings/forms.ts'
import { type SettingsOf, settingsPart } from '../settings/read.ts'

/** Whether the service books room systems, and where they are. */
export const connectorSettings = settingsPart({
  shape: {
    ROOM_SYSTEM_NETWORKS: z
      .string()
      .default('')
      .transform((text) => text.trim() || undefined)
      .pipe(addressBlocks.optional()),
    ROOM_SYSTEM_SIP_DOMAIN: z
      .string()
      .regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/, 'must be a domain')
      .default('zoomcrc.com'),
  },
  rows: {
    ROOM_SYSTEM_NETWORKS: {
      says: 'the networks of your [room systems](rooms.md#room-systems), separated by blanks or commas. The service connects to no room system elsewhere. Without it there are none',
      example: '10.20.0.0/16',
    },
    ROOM_SYSTEM_SIP_DOMAIN: {
      says: 'where room systems dial Zoom’s meetings by SIP',
      example: 'zoomcrc.com',
    },
  },
})
export type ConnectorSettings = SettingsOf<typeof connectorSettings>
