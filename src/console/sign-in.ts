import { CacheLookupPolicy } from '@azure/msal-browser'
import { createMsalClient } from '../browser/msal-client.ts'
import { proofFrom } from '../browser/msal-result.ts'
import { once } from '../browser/once.ts'
import type { Proof } from '../browser/proof.ts'
import { adminScope, consolePath } from '../contract/admin-paths.ts'
import { type Bootstrap, bootstrapFrom } from '../contract/identity.ts'
import { Problem } from '../contract/problems.ts'

interface Wanted {
  /** A claims challenge of the service, as JSON. */
  claims?: string
  /** The service refused the last token. */
  fresh?: boolean
}

/** What comes back with a sign-in that a claims challenge caused. */
const steppingUp = 'step-up'

/**
 * Signs an administrator in by a redirect to Entra: no window of its own that a browser could block. Tokens are in this
 * tab's session storage, and end with the tab. `bootstrap` asks the service where to sign in.
 */
export function createSignIn(bootstrap: () => Promise<unknown>) {
  const ready = once(async () => {
    const settings = bootstrapFrom(await bootstrap())
    const msal = await createMsalClient(settings, consolePath, 'sessionStorage')
    return { msal, settings }
  })
  /** The answer of the redirect that opened this page, once. */
  const returned = once(async () => {
    const { msal } = await ready()
    const result = await msal.handleRedirectPromise().catch(async (error) => proofFrom(Promise.reject(error)))
    if (result && 'account' in result) {
      msal.setActiveAccount(result.account)
      return { proof: await proofFrom(Promise.resolve(result)), steppedUp: result.state === steppingUp }
    }
    return undefined
  })
  let current: Proof | undefined

  return {
    /** Whether somebody is signed in in this tab. Throws the `Problem` of the redirect that opened this page. */
    async resume(): Promise<boolean> {
      const back = await returned()
      current ??= back?.proof
      const { msal } = await ready()
      return msal.getActiveAccount() !== null
    },

    /** Leaves the page: Entra asks which account it is. */
    async begin(): Promise<never> {
      const { msal, settings } = await ready()
      await msal.acquireTokenRedirect({ scopes: [scopeOf(settings)], prompt: 'select_account' })
      return new Promise(() => {})
    },

    /** An access token for the administrators' API. Leaves the page if Entra must ask the person. */
    async token({ claims, fresh = false }: Wanted = {}): Promise<string> {
      if (claims && (await returned())?.steppedUp) throw new Problem('second_factor_required')
      if (current && !claims && !fresh && current.expiresAt > Date.now()) return current.token
      const { msal, settings } = await ready()
      const account = msal.getActiveAccount()
      if (!account) throw new Problem('sign_in_required')
      const request = { scopes: [scopeOf(settings)], ...(claims && { claims }) }
      const acquired = msal.acquireTokenSilent({
        ...request,
        account,
        forceRefresh: fresh,
        // The console refuses to be framed, so Entra cannot answer in a hidden frame.
        cacheLookupPolicy:
          fresh || claims ? CacheLookupPolicy.RefreshToken : CacheLookupPolicy.AccessTokenAndRefreshToken,
      })
      try {
        current = await proofFrom(acquired)
        return current.token
      } catch (error) {
        if (!(error instanceof Problem) || error.code !== 'sign_in_required') throw error
        await msal.acquireTokenRedirect({
          ...request,
          loginHint: account.username,
          ...(claims && { state: steppingUp }),
        })
        return new Promise(() => {})
      }
    },

    /** Forgets the tokens in this tab. */
    async end(): Promise<void> {
      const { msal } = await ready()
      current = undefined
      msal.setActiveAccount(null)
      await msal.clearCache()
    },
  }
}

const scopeOf = ({ clientId }: Bootstrap) => adminScope(clientId)
