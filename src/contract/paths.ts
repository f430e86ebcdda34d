import type { Permits } from './permission.ts'

/** Outside the object below, because every byte of that would reach classic Outlook. */
const meeting = '/meetings/{key}'

/** The HTTP paths of the web calendar service, spelled once; `{key}` as OpenAPI writes it. */
export const paths = {
  bootstrap: '/bootstrap',
  meeting,
  meetingOptions: '/meetings/{key}/options',
  meetingInvitation: '/meetings/{key}/invitation',
  /** What can be chosen for a new meeting. */
  options: '/meeting-options',
  /** What a person has saved: the defaults of their new meetings, and templates. */
  templates: '/templates',
  template: '/templates/{id}',
  defaults: '/defaults',
  /** The meeting templates of the Zoom account. */
  zoomTemplates: '/zoom-templates',
  exchangeSession: '/sessions/exchange',
  zoomLogin: '/link/zoom',
  zoomLoginCallback: '/link/zoom/callback',
  googleLogin: '/link/google',
  googleLoginCallback: '/link/google/callback',
  zoomAccount: '/zoom-account',
  me: '/me',
  connections: '/connections',
  connection: '/connections/{provider}',
  /** Puts a message with a code into a mailbox on an Exchange server. */
  exchangeCode: '/connections/exchange/code',
  /** The apps that the person has signed in to. */
  signedInApps: '/signed-in-apps',
  signedInApp: '/signed-in-apps/{id}',
  microsoftAccessToken: '/connections/microsoft/access-token',
  /** The add-in's page in an Office dialog. The result of the sign-in is in the fragment. */
  dialog: '/addin/dialog/index.html',
} as const

/** The path of one meeting. `key` is what the add-in stores on the item: 128 random bits, base64url. */
export function meetingPath(key: string): string {
  return meeting.replace('{key}', encodeURIComponent(key))
}

/** The path of the options of one meeting. */
export function meetingOptionsPath(key: string): string {
  return paths.meetingOptions.replace('{key}', encodeURIComponent(key))
}

/** The path of all that the invitation to one meeting says. */
export function meetingInvitationPath(key: string): string {
  return paths.meetingInvitation.replace('{key}', encodeURIComponent(key))
}

/** The path of one template. */
export function templatePath(id: string): string {
  return paths.template.replace('{id}', encodeURIComponent(id))
}

/** The path of the caller's connection with a provider. */
export function connectionPath(provider: string): string {
  return paths.connection.replace('{provider}', provider)
}

/** The path of one session of an app. */
export function signedInAppPath(id: string): string {
  return paths.signedInApp.replace('{id}', encodeURIComponent(id))
}

/** The form of a meeting's key. */
export const keyPattern = '^[A-Za-z0-9_-]{22}$'

/** Where the Office dialog opens for a sign-in to Zoom. `challenge`: SHA-256 of the verifier, base64url. */
export function zoomLoginPath(challenge: string): string {
  return `${paths.zoomLogin}?challenge=${encodeURIComponent(challenge)}`
}

/** The same for Google, with what the person is asked to allow. */
export function googleLoginPath(challenge: string, { permission, contacts }: Permits): string {
  const query = `challenge=${encodeURIComponent(challenge)}&permission=${permission}`
  return `${paths.googleLogin}?${query}${contacts ? `&contacts=${contacts}` : ''}`
}
