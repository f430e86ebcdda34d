import type { Bootstrap } from '../../contract/identity.ts'
import type { ConnectionsSettings } from '../connections/settings.ts'
import type { IdentitySettings } from './settings.ts'

/** What the add-in must know to sign a person in, and what it can offer. */
export function bootstrapOf(
  settings: IdentitySettings &
    Pick<ConnectionsSettings, 'ENTRA_CLIENT_SECRET' | 'CALENDAR_PERMISSION' | 'GOOGLE_CLIENT_ID'>,
): Omit<Bootstrap, 'everyMeeting'> {
  const { ENTRA_AUTHORITY, ENTRA_CLIENT_ID, ENTRA_TENANTS } = settings
  const directory = ENTRA_TENANTS.length === 1 ? ENTRA_TENANTS[0] : 'organizations'
  return {
    clientId: ENTRA_CLIENT_ID,
    authority: `${ENTRA_AUTHORITY}/${directory}`,
    scope: `api://${ENTRA_CLIENT_ID}/access_as_user`,
    exchange: settings.EXCHANGE.length > 0,
    zoomLogin: settings.ZOOM_USER_CLIENT_ID !== undefined,
    ...(settings.ZOOM_CONNECT && { zoomConnect: true }),
    ...(settings.GOOGLE_CLIENT_ID && { google: settings.CALENDAR_PERMISSION }),
    ...(settings.EXCHANGE.some(({ ewsUrl }) => ewsUrl) && { exchangeCalendar: true }),
    ...(settings.ENTRA_CLIENT_SECRET && { calendar: settings.CALENDAR_PERMISSION }),
  }
}
