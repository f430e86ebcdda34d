import { z } from 'zod'
import { flag, guid, https, isAt, secret } from '../settings/forms.ts'
import { missing, type SettingsOf, settingsPart } from '../settings/read.ts'
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
  rows: {
    ENTRA_AUTHORITY: { says: "Microsoft's cloud", example: 'https://login.microsoftonline.com' },
    ENTRA_CLIENT_ID: { says: 'application (client) id', example: '7f1b2c3d-0000-4000-8000-000000000002' },
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
  rows: {
    ...entraSettings.rows,
    ENTRA_TENANTS: {
      says: 'ids of the directories that the service accepts, separated by commas. Of a directory that it no longer names, people are refused, by their earlier tickets too, and calendars are not read. Revoke its people before: what is stored about them stays',
      example: '7f1b2c3d-0000-4000-8000-000000000001',
    },
    ADMIN_AUTHENTICATION_CONTEXT: {
      says: 'the authentication context that [the console](#13-the-console) asks for: `c1` to `c99`',
      example: 'c1',
    },
    EXCHANGE: {
      says: '[Exchange servers of your own](#6-exchange-servers-of-your-own), a JSON array',
      example: '[{"metadataUrl":"https://mail.example.com/autodiscover/metadata/json/1"}]',
    },
    ZOOM_USER_CLIENT_ID: {
      says: 'client id of the user-managed Zoom app; required with `EXCHANGE` and `ZOOM_CONNECT`',
      example: 'AbCdEfGhIjKlMnOpQrStUv',
    },
    ZOOM_USER_CLIENT_SECRET: { says: 'its client secret; required with `ZOOM_USER_CLIENT_ID`' },
    ZOOM_USER_WEBHOOK_SECRET_TOKEN: {
      says: 'its secret token. With it, the service hears when a person [removes that app](zoom.md#zoom-accounts-that-people-connect) in Zoom; needs `ZOOM_USER_CLIENT_ID`',
    },
    ZOOM_CONNECT: {
      says: '`true`: people can [connect their own Zoom account](zoom.md#zoom-accounts-that-people-connect) with that app',
      example: 'true',
    },
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
    return complete ? [] : [missing(id ? 'ZOOM_USER_CLIENT_SECRET' : 'ZOOM_USER_CLIENT_ID')]
  },

  productionFaults({ ENTRA_AUTHORITY, EXCHANGE }) {
    const faults = EXCHANGE.flatMap((row, index) =>
      row.internal && !row.ca && !row.tlsPins && (row.ewsUrl || !row.pins)
        ? [`EXCHANGE.${index} is internal: give the ca that vouches for it, or tlsPins`]
        : [],
    )
    return [...authorityFaults({ ENTRA_AUTHORITY }), ...faults]
  },
})
export type IdentitySettings = SettingsOf<typeof identitySettings>

/** Whether the settings name where a person is: their directory, or their Exchange server if it is known. */
export function servedBy({ ENTRA_TENANTS, EXCHANGE }: Pick<IdentitySettings, 'ENTRA_TENANTS' | 'EXCHANGE'>) {
  const directories = new Set(ENTRA_TENANTS)
  const servers = new Set(EXCHANGE.map(({ metadataUrl }) => metadataUrl))
  return ({ subject, server }: { subject: string; server?: string }): boolean =>
    subject.startsWith('entra:')
      ? directories.has(subject.split(':')[1] ?? '')
      : server === undefined
        ? servers.size > 0
        : servers.has(server)
}
