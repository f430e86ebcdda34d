import { providerToken } from './connections.ts'
import { Problem } from './problems.ts'
import { check, type FromSchema, type ObjectSchema } from './schema.ts'

// How an app signs its person in, and what it reads. An app gets an access token and hints, and reads the calendar itself.

/** The HTTP paths for apps. The authorization server's are in its metadata (RFC 8414) too. */
export const feedPaths = {
  metadata: '/.well-known/oauth-authorization-server',
  /** In a browser: authorization code with PKCE (RFC 7636, S256). */
  authorize: '/apps/authorize',
  /** `POST` of a form: `authorization_code`, `refresh_token`, and the device grant. */
  token: '/apps/token',
  /** `POST` of a form: begins a sign-in of a device without a browser (RFC 8628). */
  deviceAuthorization: '/apps/device-authorization',
  /** The page where a person types the code of a device. */
  device: '/apps/device',
  /** `POST` of a form with the refresh token: ends the session (RFC 7009). */
  revoke: '/apps/revoke',
  accessToken: '/feed/access-token',
  hints: '/feed/hints',
  /** `?from=…&to=…`, instants in UTC (RFC 3339): sanitised events, in *proxy* mode. */
  events: '/feed/events',
} as const

/** What an app may do. `feed`: read the calendar. `meetings`: give an appointment its meeting, by the five facts. */
export const appScopes = ['feed', 'meetings'] as const
export type AppScope = (typeof appScopes)[number]

/** The apps of this service. They are public clients (RFC 8252): none has a secret. */
export const ownApps = {
  upcoming: { name: 'Upcoming', redirect: '/upcoming/' },
  'upcoming-terminal': { name: 'Upcoming in a terminal', redirect: 'http://127.0.0.1/' },
  companion: { name: 'Desktop companion', redirect: 'http://127.0.0.1/' },
} as const
export type OwnApp = keyof typeof ownApps

export const tokensSchema = {
  type: 'object',
  description: 'The answer of the token endpoint (RFC 6749). Keep it in memory only.',
  additionalProperties: false,
  required: ['access_token', 'token_type', 'expires_in', 'scope'],
  properties: {
    access_token: { type: 'string', description: 'The bearer for this service.' },
    token_type: { type: 'string', enum: ['Bearer'] },
    expires_in: { type: 'integer', minimum: 0, description: 'Seconds.' },
    refresh_token: {
      type: 'string',
      description: 'Gets the next tokens, once. Whoever uses it a second time ends the session.',
    },
    scope: { type: 'string' },
  },
} as const satisfies ObjectSchema

export type AppTokens = FromSchema<typeof tokensSchema>

/** Throws `unexpected`. */
export function appTokensFrom(input: unknown): AppTokens {
  return check(tokensSchema, input, 'unexpected')
}

/** A service of an older version does not say it. */
const zoomOrigin = {
  type: 'string',
  description: "Where the service's Zoom is: `https://zoom.us`. Links there join a meeting too.",
} as const

export const directAccessSchema = {
  type: 'object',
  description: "The app reads the person's calendar from the provider itself. Keep it in memory only.",
  additionalProperties: false,
  required: ['mode', 'provider', 'accessToken', 'expiresIn', 'id', 'api'],
  properties: {
    mode: { type: 'string', enum: ['token'] },
    provider: { type: 'string', enum: ['microsoft', 'google'] },
    ...providerToken,
    api: {
      type: 'string',
      description:
        'Where paths begin: https://graph.microsoft.com/v1.0, https://www.googleapis.com/calendar/v3',
    },
    zoomRooms: {
      type: 'string',
      description:
        'The addresses of the Zoom Rooms, in lower case, separated by blanks. Missing: they are not known.',
    },
    zoomOrigin,
  },
} as const satisfies ObjectSchema

export const proxyAccessSchema = {
  type: 'object',
  description: 'The service reads the calendar for the app, which asks for sanitised events.',
  additionalProperties: false,
  required: ['mode', 'provider'],
  properties: {
    mode: { type: 'string', enum: ['proxy'] },
    provider: { type: 'string', enum: ['microsoft', 'exchange', 'google'] },
    zoomOrigin,
  },
} as const satisfies ObjectSchema

/** How an app reads the calendar of its person: `GET /feed/access-token`, with `?refused={id}` after a refusal. */
export type FeedAccess = FromSchema<typeof directAccessSchema> | FromSchema<typeof proxyAccessSchema>

/** Throws `unexpected`. */
export function feedAccessFrom(input: unknown): FeedAccess {
  if (typeof input !== 'object' || input === null) throw new Problem('unexpected')
  const isProxy = (input as { mode?: unknown }).mode === 'proxy'
  return isProxy
    ? check(proxyAccessSchema, input, 'unexpected')
    : check(directAccessSchema, input, 'unexpected')
}

// The events of `GET /feed/hints`, server-sent. `changed`: an event has changed, or may have; its data is empty, and its
// `id` is what to send as `Last-Event-ID`. It is also the first event, unless nothing has changed since that id. `access`:
// the calendar may be read in another way, or is another one; `changed` follows, and the app asks for access first. `ended`:
// its data is one of `endings`, and no event follows.

/** Seconds between two heartbeats, which are comments. Without one for twice as long, the app connects again. */
export const heartbeatSeconds = 25

/** Seconds without a hint after which an app reads the calendar again. */
export const refreshSeconds = 30 * 60

/** Why a stream of hints has ended, and whether the app forgets its events and tokens. */
export const endings = {
  /** An administrator has ended the person's access. */
  revoked: { forget: true },
  /** This session was ended: by the person, an administrator, or a refresh token that was used twice; or it expired. */
  session_ended: { forget: true },
  /** The service stops, or the app has more streams than it may. The app connects again, after what `retry` says. */
  reconnect: { forget: false },
} as const
export type Ending = keyof typeof endings

/** A code of the next version reads as `session_ended`. */
export const endingFrom = (data: string): Ending =>
  Object.hasOwn(endings, data) ? (data as Ending) : 'session_ended'
