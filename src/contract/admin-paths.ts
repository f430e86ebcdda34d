/** The HTTP paths of the administrators' API; `{subject}` as OpenAPI writes it. Apart, so that no byte reaches the add-in. */
export const adminPaths = {
  me: '/admin/me',
  people: '/admin/people',
  person: '/admin/people/{subject}',
  revocation: '/admin/people/{subject}/revocation',
  appSession: '/admin/people/{subject}/apps/{id}',
  revocations: '/admin/revocations',
  policies: '/admin/policies',
  policyPreview: '/admin/policies/preview',
  personPolicies: '/admin/people/{subject}/policies',
  invitation: '/admin/invitation',
  mailboxes: '/admin/mailboxes',
  mailbox: '/admin/mailboxes/{objectId}',
  mailboxCheck: '/admin/mailboxes/{objectId}/check',
  rooms: '/admin/rooms',
  places: '/admin/places',
  room: '/admin/rooms/{address}',
  /** The room system of a room. */
  roomSystem: '/admin/rooms/{address}/system',
  screens: '/admin/screens',
  screen: '/admin/screens/{id}',
  serviceAccounts: '/admin/service-accounts',
  serviceAccount: '/admin/service-accounts/{server}',
  sync: '/admin/sync',
  syncCheck: '/admin/sync/{subject}/check',
  syncRetry: '/admin/sync/failed/{id}/retry',
  syncRetries: '/admin/sync/failed/retry',
  audit: '/admin/audit',
  auditVerification: '/admin/audit/verification',
  auditExport: '/admin/audit/export',
  keys: '/admin/keys',
  keyRemoval: '/admin/keys/{key}/removal',
  keyRetirement: '/admin/keys/{key}/retirement',
  health: '/admin/health',
  deployment: '/admin/deployment',
} as const

/** The path of one person. `subject`: the caller's id. */
export const personPath = (subject: string) =>
  adminPaths.person.replace('{subject}', encodeURIComponent(subject))

/** The revocation of one person: `PUT` revokes, `DELETE` allows again. */
export const revocationPath = (subject: string) => `${personPath(subject)}/revocation`

/** The session of an app: `DELETE` ends it. */
export const appSessionPath = (subject: string, id: string) =>
  `${personPath(subject)}/apps/${encodeURIComponent(id)}`

/** Which rule decides each value of a person. */
export const personPoliciesPath = (subject: string) => `${personPath(subject)}/policies`

/** The connection of a mailbox: `PUT` makes it, `DELETE` ends it. `objectId`: of a person or a room in the directory. */
export const mailboxPath = (objectId: string) =>
  adminPaths.mailbox.replace('{objectId}', encodeURIComponent(objectId))

/** `POST` asks Microsoft Graph again. */
export const mailboxCheckPath = (objectId: string) => `${mailboxPath(objectId)}/check`

/** A room: `PUT` adds it, `DELETE` removes it, also by the object id of its mailbox. */
export const roomPath = (address: string) => adminPaths.room.replace('{address}', encodeURIComponent(address))

/** The room system of a room: `PUT` saves it, `DELETE` removes it. */
export const roomSystemPath = (room: string) =>
  adminPaths.roomSystem.replace('{address}', encodeURIComponent(room))

/** The screen of a room: `DELETE` removes it. */
export const screenPath = (id: string) => adminPaths.screen.replace('{id}', encodeURIComponent(id))

/** The service account of an Exchange server: `PUT` saves it, `DELETE` removes it. */
export const serviceAccountPath = (server: string) =>
  adminPaths.serviceAccount.replace('{server}', encodeURIComponent(server))

/** `POST` compares the calendar of a person now. */
export const syncCheckPath = (subject: string) =>
  adminPaths.syncCheck.replace('{subject}', encodeURIComponent(subject))

/** `POST` follows an event again. */
export const syncRetryPath = (id: string) => adminPaths.syncRetry.replace('{id}', encodeURIComponent(id))

/** The removal of a key: `PUT` asks for it, `DELETE` withdraws the request. */
export const keyRemovalPath = (key: string) => adminPaths.keyRemoval.replace('{key}', encodeURIComponent(key))

/** `PUT` confirms what another administrator has asked for. */
export const keyRetirementPath = (key: string) =>
  adminPaths.keyRetirement.replace('{key}', encodeURIComponent(key))

/** The console's page, to which Entra redirects after the sign-in. */
export const consolePath = '/console/'

/** The delegated permission of our API that the console asks for. */
export const adminScope = (clientId: string) => `api://${clientId}/admin`
