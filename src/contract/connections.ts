import { permissions } from './permission.ts'
import { check, type FromSchema, type ObjectSchema } from './schema.ts'

export const stateNames = [
  'not_connected',
  'connected',
  'needs_sign_in',
  'revoked_by_provider',
  'permission_lowered',
  'provider_down',
  'needs_administrator',
  'disconnected_by_administrator',
] as const
export type ConnectionState = (typeof stateNames)[number]

/** Whom a person can connect with. */
export const providers = ['microsoft', 'google', 'exchange', 'zoom'] as const
export type ProviderName = (typeof providers)[number]

/**
 * Every kind of connection. With the last one, an administrator connects a mailbox of the directory by the application's
 * own permissions.
 */
export const connectionKinds = [...providers, 'microsoft-application'] as const
export type ConnectionKind = (typeof connectionKinds)[number]

interface State {
  says: string
  administrator: string
  wayOut: WayOut
}

/**
 * The states of a connection: what the person reads, what an administrator reads, and the way out that the person has.
 * The service sends the person's sentence, so the table is in no page of the add-in. `{it}` is what is connected.
 */
const states = {
  not_connected: {
    says: 'Your {it} is not connected.',
    administrator: 'The person has connected no {it}. No credential for one is stored.',
    wayOut: 'connect',
  },
  connected: {
    says: 'Your {it} is connected.',
    administrator: 'The provider accepted the stored credential at its last use.',
    wayOut: 'disconnect',
  },
  needs_sign_in: {
    says: 'Your sign-in for the {it} has ended. Connect it again.',
    administrator:
      'The provider no longer accepts the credential. It was deleted. The person connects again.',
    wayOut: 'connect',
  },
  revoked_by_provider: {
    says: 'Your organisation does not allow access to your {it}. Ask your administrator, then connect it again.',
    administrator:
      'The provider does not allow this application to act for the person. The credential was deleted. Allow the application there, then the person connects again.',
    wayOut: 'connect',
  },
  permission_lowered: {
    says: 'Your organisation allows less access to your {it} than is needed. Ask your administrator, then connect it again.',
    administrator:
      'The provider granted less than is needed. The credential was deleted. Grant the permissions, then the person connects again.',
    wayOut: 'connect',
  },
  provider_down: {
    says: '{Provider} does not answer right now. Your {it} stays connected.',
    administrator:
      'The provider failed or did not answer in time. The credential is kept, and the service waits longer after each failure.',
    wayOut: 'retry',
  },
  needs_administrator: {
    says: 'This service has no access to your mailbox at the moment. Tell your administrator. You need not connect it again.',
    administrator:
      'There is no service account that opens the mailbox: the Exchange server refused its password, or it was removed. Save it again under Mailboxes; people do nothing.',
    wayOut: 'retry',
  },
  disconnected_by_administrator: {
    says: 'Your administrator has disconnected your {it}. Ask your administrator.',
    administrator:
      'An administrator ended this connection. The person cannot connect until an administrator allows it.',
    wayOut: 'none',
  },
} as const satisfies Record<ConnectionState, State>

/** What people call each connection, and what is different in its states. */
const own: Record<
  ConnectionKind,
  { it: string; provider: string; states: Partial<Record<ConnectionState, Partial<State>>> }
> = {
  microsoft: {
    it: 'calendar',
    provider: 'Your calendar provider',
    states: {
      revoked_by_provider: {
        administrator:
          'The directory lacks the application, its consent, or this person’s right to use it, or Exchange Online has the mailbox no more. The credential was deleted. Grant consent, then the person connects again. If the mailbox has moved to a server, the person connects it there.',
      },
      permission_lowered: {
        administrator:
          'The provider granted less than the policy for this person asks for, or the policy allows no calendar any more. The credential was deleted. Grant the permission or change the policy, then the person connects again.',
      },
    },
  },
  google: {
    it: 'Google calendar',
    provider: 'Google',
    states: {
      permission_lowered: {
        says: 'Less access to your Google calendar was allowed than is needed, or more than your organisation allows. Connect it again.',
        administrator:
          'Google granted another permission than the policy for this person asks for, or the policy has changed. The credential was deleted. The person connects again.',
      },
    },
  },
  zoom: {
    it: 'Zoom account',
    provider: 'Zoom',
    states: {
      needs_sign_in: {
        administrator:
          'Zoom no longer accepts the credential: the person removed the app in Zoom, or did not use it for 90 days. It was deleted. The person connects again.',
      },
      revoked_by_provider: {
        says: 'The app was removed from your Zoom account. Connect your Zoom account again to use it.',
        administrator:
          'The person or an administrator at Zoom removed the app from the Zoom account. The credential was deleted. The person connects again.',
      },
      permission_lowered: {
        administrator:
          'The user-managed app at Zoom lacks a scope. The credential was deleted. Add the scope, then the person connects again.',
      },
    },
  },
  exchange: {
    it: 'calendar',
    provider: 'Your mail server',
    states: {
      needs_sign_in: {
        says: 'Your mail server did not accept the password. Connect your calendar with your current password.',
        administrator:
          'The Exchange server did not accept the password. It was deleted, and it is not tried again, so that the account is not locked. The person connects again.',
      },
      revoked_by_provider: {
        says: 'Your mail server does not let this service open your calendar. Ask your administrator, then connect it again.',
        administrator:
          'The password is right, but it does not open this mailbox: there is none, Exchange Web Services are off for it, or the service account may not act for it. What opened it was deleted.',
      },
      permission_lowered: {
        says: 'Your organisation has changed how calendars are connected. Connect yours again.',
        administrator:
          'A policy allows no calendar any more, or another way to open it. What opened it was deleted. The person connects again.',
      },
    },
  },
  // Here the way out is the administrator's.
  'microsoft-application': {
    it: 'calendar',
    provider: 'Microsoft 365',
    states: {
      connected: {
        says: 'An administrator has connected your calendar.',
        administrator:
          'Microsoft Graph let the application open the calendar at the last check. No credential is stored.',
      },
      revoked_by_provider: {
        says: 'An administrator has connected your calendar, and Microsoft 365 does not open it.',
        administrator:
          'The directory lacks the application, or it is disabled there, or the mailbox has no calendar in Exchange Online any more. Mend that, then check again.',
        wayOut: 'retry',
      },
      permission_lowered: {
        says: 'An administrator has connected your calendar, and Microsoft 365 does not open it.',
        administrator:
          'The application may not open this mailbox any more, or a policy allows no calendar for it. Grant the application permission, add the mailbox to the application’s scope in Exchange Online, or change the policy. Then check again.',
        wayOut: 'retry',
      },
      provider_down: {
        administrator: 'Entra or Microsoft Graph failed or did not answer in time. Check again later.',
      },
      disconnected_by_administrator: {
        administrator:
          'An administrator revoked the access of this person, and this connection with it. Allow the person again, then connect the mailbox.',
      },
    },
  },
}

/** A state of a connection of this kind. */
export function stateOf(provider: ConnectionKind, state: ConnectionState): State {
  const { it, provider: name, states: different } = own[provider]
  const row: State = { ...states[state], ...different[state] }
  const filled = (text: string) => text.replaceAll('{it}', it).replaceAll('{Provider}', name)
  return { says: filled(row.says), administrator: filled(row.administrator), wayOut: row.wayOut }
}

export const waysOut = ['connect', 'disconnect', 'retry', 'none'] as const
type WayOut = (typeof waysOut)[number]

/** What a person tells to connect a mailbox on an Exchange server, where it is not an account. */
const asked = ['mailbox'] as const
export type Asked = (typeof asked)[number]

/** The longest claims challenge that is passed on, in characters. */
export const longestClaims = 4096

export const connectionSchema = {
  type: 'object',
  description: 'One connection, as the provider described it last.',
  additionalProperties: false,
  required: ['state', 'says', 'wayOut', 'permission'],
  properties: {
    state: { type: 'string', enum: stateNames, description: 'The state, by name.' },
    says: { type: 'string', description: 'The sentence people read.' },
    wayOut: { type: 'string', enum: waysOut, description: 'What the person can do.' },
    permission: {
      type: 'string',
      enum: permissions,
      description: 'What the connection allows. Without a connection: what connecting would allow.',
    },
    contacts: {
      type: 'string',
      enum: permissions,
      description: 'The same of the contacts. Missing: nothing.',
    },
    contactsMissing: {
      type: 'boolean',
      description:
        'The organisation allows more of the contacts than this connection opens: the provider did not grant it, or it was not allowed yet.',
    },
    asks: {
      type: 'string',
      enum: asked,
      description:
        'What connecting asks of a person with a mailbox on an Exchange server: its address and a code from its Inbox. Missing: the account that opens it.',
    },
    claims: {
      type: 'string',
      maxLength: longestClaims,
      description:
        'A claims challenge (JSON) of Entra: get another access token with these claims, then connect again.',
    },
  },
} as const satisfies ObjectSchema

export type Connection = FromSchema<typeof connectionSchema>

export const connectionsSchema = {
  type: 'object',
  description:
    'The connections of the caller, by provider. A provider that this caller cannot use is missing.',
  additionalProperties: false,
  required: [],
  properties: {
    microsoft: connectionSchema,
    google: connectionSchema,
    exchange: connectionSchema,
    zoom: connectionSchema,
    sync: {
      type: 'string',
      description:
        'The sentence people read about their meetings and this calendar. Missing: no calendar that meetings follow is connected, or was elsewhere.',
    },
  },
} as const satisfies ObjectSchema

export type Connections = FromSchema<typeof connectionsSchema>

/** How Zoom meetings follow a connected calendar, or one that may have moved: what people read, with what to do. */
export const syncSays = {
  followed: 'Zoom meetings follow changes in your calendar, also without the add-in.',
  starting: 'Zoom meetings will follow changes in your calendar soon. Until then, update them here.',
  late: 'Changes in your calendar reach Zoom late at the moment. If it is urgent, choose Check again.',
  emptied:
    'Most of your appointments with Zoom meetings are missing from your calendar. Their meetings are kept with the same links, and follow again once the appointments are back. Ask your administrator.',
  off: 'Your organisation has switched calendar sync off. Update a meeting in its appointment.',
  moved:
    'Zoom meetings followed your calendar in Microsoft 365. If your mailbox is on this mail server now, connect it once, and they follow it with the same links.',
  left: 'Zoom meetings followed your calendar on a mail server. If your mailbox is in Microsoft 365 now, connect it once, and they follow it with the same links.',
} as const
export type SyncState = keyof typeof syncSays

/** Throws `unexpected`. */
export function connectionFrom(input: unknown): Connection {
  return check(connectionSchema, input, 'unexpected')
}

/** Throws `unexpected`. */
export function connectionsFrom(input: unknown): Connections {
  return check(connectionsSchema, input, 'unexpected')
}

/** The longest user name and the longest password, in characters. Windows allows 127 for a password. */
const longestName = 256
const longestPassword = 128

export const accountSchema = {
  type: 'object',
  description: 'An account of the organisation’s domain, which opens the mailbox on the Exchange server.',
  additionalProperties: false,
  required: ['user', 'password'],
  properties: {
    user: {
      type: 'string',
      pattern: '^\\P{Cc}+$',
      maxLength: longestName,
      description: 'DOMAIN\\user, or user@domain.',
    },
    password: {
      type: 'string',
      pattern: '^\\P{Cc}+$',
      maxLength: longestPassword,
      description: 'Stored sealed.',
    },
  },
} as const satisfies ObjectSchema

/** What a person types to connect a mailbox on an Exchange server. */
export type Account = FromSchema<typeof accountSchema>

const address = {
  type: 'string',
  pattern: '^[^\\s\\p{Cc}@<>"]+@[^\\s\\p{Cc}@<>"]+$',
  maxLength: longestName,
  description: 'The primary e-mail address of the mailbox.',
} as const

export const mailboxSchema = {
  type: 'object',
  description: 'A mailbox on the Exchange server, which gets a message with a code.',
  additionalProperties: false,
  required: ['mailbox'],
  properties: { mailbox: address },
} as const satisfies ObjectSchema

/** The address as it is asked for. Throws `invalid_request`. */
export const mailboxFrom = (input: unknown) =>
  check(mailboxSchema, input, 'invalid_request').mailbox.toLowerCase()

export const provedMailboxSchema = {
  type: 'object',
  description: 'A mailbox on the Exchange server, with the code from its Inbox.',
  additionalProperties: false,
  required: ['mailbox', 'code'],
  properties: {
    mailbox: address,
    code: { type: 'string', pattern: '^[0-9]{6}$', maxLength: 6, description: 'Six digits.' },
  },
} as const satisfies ObjectSchema

/** What the message with the code says below it. */
export const codeSays =
  'This code connects your calendar. It is valid for ten minutes. Type it into the pane, and tell it to nobody. If you did not ask for it, tell your administrator.'

/** What a person types to prove that a mailbox is theirs. */
export type ProvedMailbox = FromSchema<typeof provedMailboxSchema>

/** Throws `invalid_request`. */
export function provedMailboxFrom(input: unknown): ProvedMailbox {
  const { mailbox, code } = check(provedMailboxSchema, input, 'invalid_request')
  return { mailbox: mailbox.toLowerCase(), code }
}

/** Throws `invalid_request`. */
export function accountFrom(input: unknown): Account {
  return check(accountSchema, input, 'invalid_request')
}

/** Names an access token without showing it: the id of its credential, and the version. */
export const tokenIdPattern = '^[0-9a-f-]{36}[.][0-9]{1,9}$'

/** What an answer with an access token of a provider has. */
export const providerToken = {
  accessToken: { type: 'string', description: 'The bearer for the provider.' },
  expiresIn: { type: 'integer', minimum: 0, description: 'Seconds until the provider ends it.' },
  id: {
    type: 'string',
    pattern: tokenIdPattern,
    description: 'What to send as `refused` if the provider refuses the token.',
  },
} as const

export const accessTokenSchema = {
  type: 'object',
  description: 'A short-lived access token of the provider. Keep it in memory only.',
  additionalProperties: false,
  required: ['accessToken', 'expiresIn', 'id', 'opens'],
  properties: {
    ...providerToken,
    opens: {
      type: 'object',
      description: 'What the provider put into the token.',
      additionalProperties: false,
      required: ['calendar'],
      properties: {
        calendar: { type: 'string', enum: permissions },
        contacts: { type: 'string', enum: permissions, description: 'Missing: no contacts.' },
      },
    },
  },
} as const satisfies ObjectSchema

export type AccessToken = FromSchema<typeof accessTokenSchema>
