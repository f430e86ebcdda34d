import { PublicClientApplication } from '@azure/msal-browser'
import type { Bootstrap } from '../contract/identity.ts'

/** MSAL for a page that signs people in without Outlook's help. Entra redirects to `redirectPath` on this origin. */
export async function createMsalClient(
  { clientId, authority }: Pick<Bootstrap, 'clientId' | 'authority'>,
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
