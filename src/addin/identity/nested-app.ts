import type { IPublicClientApplication } from '@azure/msal-browser'
import { once } from '../../browser/once.ts'
import { withTimeout } from '../../browser/timeout.ts'
import type { Bootstrap } from '../../contract/identity.ts'
import { signedIn } from './msal.ts'
import type { Ask, Way } from './signed-in.ts'

/** Milliseconds. MSAL waits for ever on a silent bridge; a person who signs in may take their time. */
const silence = 4_000
const patience = 120_000
const late = 'sign_in_unavailable'

/** Through Outlook itself: nested app authentication. There is no sign-out; Outlook's account is the account. */
export function nestedApp(bootstrap: Bootstrap): Way {
  const client = once(() => withTimeout(createClient(bootstrap), silence, late))
  const request = ({ fresh = false, claims }: Ask) => ({
    scopes: [bootstrap.scope],
    forceRefresh: fresh,
    ...(claims && { claims }),
  })
  return {
    how: 'through Outlook',
    async silently(ask) {
      const msal = await client()
      return signedIn(withTimeout(msal.acquireTokenSilent(request(ask)), silence, late))
    },
    async withTheirHelp(ask) {
      const msal = await client()
      return signedIn(withTimeout(msal.acquireTokenPopup(request(ask)), patience, late))
    },
  }
}

/** MSAL comes when a token is needed, not before, and keeps nothing on disk. */
async function createClient({ clientId, authority }: Bootstrap): Promise<IPublicClientApplication> {
  const { createNestablePublicClientApplication } = await import('@azure/msal-browser')
  return createNestablePublicClientApplication({
    auth: { clientId, authority },
    cache: { cacheLocation: 'memoryStorage' },
  })
}

/** Outlook says that it can, and has put the bridge in place: some say so and have none. */
export function hasBridge(): boolean {
  return Office.context.requirements.isSetSupported('NestedAppAuth', '1.1') && 'nestedAppAuthBridge' in window
}
