/** The server-to-server app of the account. Nothing at Zoom knows these. */
export const credentials = {
  accountId: 'simulated-account-id',
  clientId: 'simulated-client-id',
  clientSecret: 'simulated-client-secret',
} as const

/** The user-managed app, with which people sign in and which may know who they are. */
export const userCredentials = {
  clientId: 'simulated-user-client-id',
  clientSecret: 'simulated-user-client-secret',
} as const
