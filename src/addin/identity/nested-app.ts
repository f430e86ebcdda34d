import type { IPublicClientApplication } from '@azure/msal-browser'
import { proofFrom } from '../../browser/msal-result.ts'
import { once } from '../../browser/once.ts'
import type { ProofOptions } from '../../browser/proof.ts'
import { withTimeout } from '../../browser/timeout.ts'
import type { Bootstrap } from '../../contract/identity.ts'
import type { Way } from './way.ts'

/** Milliseconds. MSAL itself waits for ever if Outlook does not answer. */
const silentTimeout = 4_000
/** Milliseconds; the time a person may take to sign in. */
const interactiveTimeout = 120_000

/** Through Outlook: nested app authentication. It has no sign-out and no choice of account: Outlook decides. */
export function nestedApp(bootstrap: Bootstrap): Way {
  const client = once(() => inTime(createClient(bootstrap), silentTimeout))
  const request = ({ fresh = false, claims }: ProofOptions) => ({
    scopes: [bootstrap.scope],
    forceRefresh: fresh,
    ...(claims && { claims }),
  })
  return {
    how: 'throughOutlook',
    prepare: client,
    async silently(options) {
      const msal = await client()
      return proofFrom(inTime(msal.acquireTokenSilent(request(options)), silentTimeout))
    },
    async interactively(options) {
      const msal = await client()
      return proofFrom(inTime(msal.acquireTokenPopup(request(options)), interactiveTimeout))
    },
  }
}

const inTime = <T>(promise: Promise<T>, milliseconds: number) =>
  withTimeout(promise, milliseconds, 'sign_in_unavailable')

/** Loads MSAL only when a token is needed, and keeps its tokens in memory. */
async function createClient({ clientId, authority }: Bootstrap): Promise<IPublicClientApplication> {
  const { createNestablePublicClientApplication } = await import('@azure/msal-browser')
  return createNestablePublicClientApplication({
    auth: { clientId, authority },
    cache: { cacheLocation: 'memoryStorage' },
  })
}

/** Whether nested app authentication can be used. Some Outlooks claim the requirement set and have no bridge. */
export function hasBridge(): boolean {
  return Office.context.requirements.isSetSupported('NestedAppAuth', '1.1') && 'nestedAppAuthBridge' in window
}
