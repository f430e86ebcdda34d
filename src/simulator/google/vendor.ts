import { mailboxes } from '../people.ts'
import type { OpenVendor, Situations } from '../vendor.ts'
import { googleCredentials } from './app.ts'
import { createGoogle, type Google } from './oauth.ts'

export const google: OpenVendor = ({ origin, addin, faults, calendars }) => {
  const stand = createGoogle({ faults, calendars, redirectUris: [`${addin}/link/google/callback`] })
  return {
    app: stand.app,
    routes: [],
    situations: situations(stand),
    reset: stand.reset,
    settings: {
      GOOGLE_AUTH_URL: `${origin}/o/oauth2/v2/auth`,
      GOOGLE_TOKEN_URL: origin,
      GOOGLE_API_URL: origin,
      GOOGLE_CLIENT_ID: googleCredentials.clientId,
      GOOGLE_CLIENT_SECRET: googleCredentials.clientSecret,
    },
  }
}

const situations = ({ removeAccess, block }: Google): Situations => ({
  'google-access-removed': {
    says: 'Ada Lovelace removes the application from her Google account',
    begin: () => removeAccess(mailboxes['exchange-online']),
  },
  'google-application-blocked': {
    says: 'An administrator of Google Workspace blocks the application',
    begin: block,
  },
})
