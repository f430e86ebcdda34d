/** The registered application. These values mean nothing to the real Google. */
export const googleCredentials = {
  clientId: 'simulated.apps.googleusercontent.example',
  clientSecret: 'simulated-google-client-secret',
} as const
