import { PublicClientApplication } from '@azure/msal-browser'
import type { Bootstrap } from '../../contract/identity.ts'

/** MSAL as in any page, for a sign-in without Outlook's help. Entra answers at `redirectPath`. */
export async function standardClient(
  { clientId, authority }: Bootstrap,
  redirectPath: string,
  cacheLocation: 'memoryStorage' | 'sessionStorage',
): Promise<PublicClientApplication> {
  const client = new PublicClientApplication({
    auth: {
      clientId,
      authority,
      knownAuthorities: [new URL(authority).host],
      redirectUri: `${location.origin}${redirectPath}`,
    },
    cache: { cacheLocation },
  })
  await client.initialize()
  return client
}
