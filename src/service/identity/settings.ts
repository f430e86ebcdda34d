import { z } from 'zod'
import { flag, guid, https, isAt, secret } from '../settings/forms.ts'
import { type SettingsOf, settingsPart } from '../settings/read.ts'
import { exchangeSetting } from './exchange/settings.ts'

/** Microsoft's clouds, the public one and the governments' (Microsoft's documentation, "National clouds"). */
const authorities = [
  'login.microsoftonline.com',
  'login.microsoftonline.us',
  'login.partner.microsoftonline.cn',
]

function authorityFaults({ ENTRA_AUTHORITY }: { ENTRA_AUTHORITY: string }): string[] {
  if (isAt(ENTRA_AUTHORITY, authorities)) return []
  return [`ENTRA_AUTHORITY must be at ${authorities.join(' or ')} in production`]
}

/** The service's application at Entra. Commands of an administrator read these too, without the others. */
export const entraSettings = settingsPart({
  shape: {
    ENTRA_AUTHORITY: https.default('https://login.microsoftonline.com'),
    ENTRA_CLIENT_ID: guid,
  },

  productionFaults: authorityFaults,
})
export type EntraSettings = SettingsOf<typeof entraSettings>

/** The directories whose people the service is for. */
export const tenants = z
  .string({ error: 'is missing' })
  .transform((list) => list.split(',').map((tenant) => tenant.trim()))
  .pipe(z.array(guid))

/** Who may sign in and how, and what the add-in is told of it. */
export const identitySettings = settingsPart({
  shape: {
    ...entraSettings.shape,
    ENTRA_TENANTS: tenants,
    ADMIN_AUTHENTICATION_CONTEXT: z
      .string()
      .regex(/^c[1-9]\d?$/, 'must be c1 to c99')
      .default('c1'),
    EXCHANGE: exchangeSetting,
    ZOOM_USER_CLIENT_ID: secret.optional(),
    ZOOM_USER_CLIENT_SECRET: secret.optional(),
    ZOOM_USER_WEBHOOK_SECRET_TOKEN: secret.optional(),
    ZOOM_CONNECT: flag.default(false),
  },

  /**
   * On an Exchange server, a person proves their Zoom account by a sign-in to Zoom. That needs the user-managed app, and
   * so does connecting one's own Zoom account.
   */
  faults({
    ZOOM_USER_CLIENT_ID: id,
    ZOOM_USER_CLIENT_SECRET: secret,
    ZOOM_USER_WEBHOOK_SECRET_TOKEN: events,
    EXCHANGE,
    ZOOM_CONNECT,
  }) {
    const complete = id ? secret !== undefined : !secret && EXCHANGE.length === 0 && !ZOOM_CONNECT && !events
    return complete ? [] : [`${id ? 'ZOOM_USER_CLIENT_SECRET' : 'ZOOM_USER_CLIENT_ID'} is missing`]
  },

  productionFaults({ ENTRA_AUTHORITY, EXCHANGE }) {
    const faults = EXCHANGE.flatMap((row, index) =>
      row.internal && !row.ca && !row.pins
        ? [`EXCHANGE.${index} is internal: give the ca that vouches for it, or pins`]
        : [],
    )
    return [...authorityFaults({ ENTRA_AUTHORITY }), ...faults]
  },
})
export type IdentitySettings = SettingsOf<typeof identitySettings>
