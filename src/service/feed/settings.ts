import { z } from 'zod'
import { ownApps } from '../../contract/feed.ts'
import { jsonRows, listed } from '../settings/forms.ts'
import { type SettingsOf, settingsPart } from '../settings/read.ts'

/** Where an app is sent back to: https, a loopback address without a port, or a scheme with a point in it (RFC 8252, section 7). */
const redirect = z
  .string()
  .max(512)
  .refine(
    (text) =>
      URL.canParse(text) &&
      !/[#\s]/.test(text) &&
      new URL(text).username === '' &&
      (/^https:\/\/[^/]/.test(text) ||
        /^http:\/\/(127\.0\.0\.1|\[::1\])\//.test(text) ||
        /^[a-z][a-z0-9+-]*\.[a-z0-9.+-]+:\/(?!\/)/.test(text)),
    'must be an https address, http://127.0.0.1/… without a port, or of a scheme such as com.example.app:/',
  )

const app = z.strictObject({
  id: z
    .string()
    .regex(/^[a-z0-9][a-z0-9._-]{2,47}$/, 'must be 3 to 48 small letters, digits, points and hyphens'),
  name: z.string().min(1).max(64),
  redirects: z.array(redirect).max(8).default([]),
  /** Whether it can sign in with a code on another device. */
  device: z.boolean().default(false),
})
export type RegisteredApp = z.infer<typeof app>

/** The addresses of rooms. Undefined: none is named. */
const rooms = z
  .string()
  .default('')
  .transform((text) => listed(text.toLowerCase()))
  .pipe(z.array(z.string().regex(/^[^@]+@[^@]+$/, 'must name e-mail addresses')))
  .transform((all) => (all.length > 0 ? new Set(all) : undefined))

/** Which apps beside our own people can sign in to, and what they show. */
export const feedSettings = settingsPart({
  shape: {
    APPS: jsonRows(app, ({ id }) => id, 'names an app twice', Object.keys(ownApps)),
    ZOOM_ROOMS: rooms,
  },
  rows: {
    APPS: {
      says: '[apps](apps.md#register-an-app) beside our own that people can sign in to, a JSON array',
      example: '[{"id":"com.example.wall","name":"Wall display","redirects":[],"device":true}]',
    },
    ZOOM_ROOMS: {
      says: 'addresses of the rooms that are Zoom Rooms, separated by blanks or commas: [apps](upcoming.md#zoom-rooms) say whether an event has one',
      example: 'attic@contoso.example',
    },
  },
})
export type FeedSettings = SettingsOf<typeof feedSettings>
