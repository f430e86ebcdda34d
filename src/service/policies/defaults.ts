import type { Policies } from '../../contract/policies.ts'
import type { ConnectionsSettings } from '../connections/settings.ts'

/** The values of people whom no rule is about, as the settings say. */
export const defaultsFrom = ({
  CALENDAR_PERMISSION: calendar,
}: Pick<ConnectionsSettings, 'CALENDAR_PERMISSION'>): Policies => ({
  calendar,
  apps: 'direct',
  zoomAccount: 'by-name',
  sync: 'on',
})
