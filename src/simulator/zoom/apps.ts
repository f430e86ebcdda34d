/** The account's server-to-server app. These values mean nothing to the real Zoom. */
export const credentials = {
  accountId: 'simulated-account-id',
  clientId: 'simulated-client-id',
  clientSecret: 'simulated-client-secret',
  /** Signs the app's webhooks. */
  webhookSecret: 'simulated-webhook-secret',
} as const

/** The user-managed app by which people sign in, and connect their own Zoom account. */
export const userCredentials = {
  clientId: 'simulated-user-client-id',
  clientSecret: 'simulated-user-client-secret',
  webhookSecret: 'simulated-user-webhook-secret',
} as const
