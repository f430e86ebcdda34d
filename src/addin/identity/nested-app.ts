import type { AuthenticationResult, IPublicClientApplication } from '@azure/msal-browser'
import type { Bootstrap } from '../../contract/identity.ts'
import { Problem, type ProblemCode } from '../../contract/problems.ts'
import { once, singleFlight } from '../once.ts'

/** Milliseconds. MSAL waits for ever on a silent bridge; a person who signs in may take their time. */
const silently = 8_000
const withTheirHelp = 120_000

export interface SignedIn {
  token: string
  /** What the person signs in with, to be shown. */
  name: string
  /** Milliseconds since 1970; a little before the token ends. */
  until: number
}

/** Signs a person in through Outlook: nested app authentication (MSAL). One question at a time, whoever asks. */
export function nestedApp(bootstrap: () => Promise<Bootstrap>) {
  const client = once(async () => createClient(await bootstrap()))
  const request = async (forceRefresh: boolean) => ({ scopes: [(await bootstrap()).scope], forceRefresh })

  let current: SignedIn | undefined

  const silent = singleFlight(async (fresh: boolean) => {
    const msal = await client()
    return signedIn(within(silently, msal.acquireTokenSilent(await request(fresh))))
  })
  const popup = singleFlight(async () => {
    const msal = await client()
    return signedIn(within(withTheirHelp, msal.acquireTokenPopup(await request(false))))
  })

  /** `fresh`: not the token that was just refused. `mayInteract`: a person is there and has asked for it. */
  return async function signIn({ fresh = false, mayInteract = false } = {}): Promise<SignedIn> {
    if (current && !fresh && Date.now() < current.until) return current
    current = await silent(fresh).catch((error) => {
      if (mayInteract && error instanceof Problem && error.code === 'sign_in_required') return popup()
      throw error
    })
    return current
  }
}

/** MSAL comes when a token is needed, not before. Tokens stay in memory; Outlook gives new ones silently. */
async function createClient({ clientId, authority }: Bootstrap): Promise<IPublicClientApplication> {
  if (!('nestedAppAuthBridge' in window)) throw new Problem('not_supported')
  const { createNestablePublicClientApplication } = await import('@azure/msal-browser')
  const options = { auth: { clientId, authority }, cache: { cacheLocation: 'memoryStorage' } } as const
  return within(silently, createNestablePublicClientApplication(options))
}

async function signedIn(asked: Promise<AuthenticationResult>): Promise<SignedIn> {
  try {
    const { accessToken, account, expiresOn } = await asked
    return { token: accessToken, name: account.username, until: (expiresOn?.getTime() ?? 0) - 60_000 }
  } catch (error) {
    throw problemOf(error)
  }
}

/** MSAL's errors that mean something to a person; it spells `cancelled` both ways. */
const meanings: Record<string, ProblemCode> = {
  user_canceled: 'sign_in_cancelled',
  user_cancelled: 'sign_in_cancelled',
  no_network_connectivity: 'offline',
  no_account_found: 'sign_in_required',
}

function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error
  const { name, errorCode } = error as { name?: string; errorCode?: string }
  const meaning = meanings[errorCode ?? '']
  if (meaning) return new Problem(meaning, {}, error)
  if (name === 'InteractionRequiredAuthError') return new Problem('sign_in_required', {}, error)
  return new Problem('sign_in_unavailable', {}, error)
}

function within<T>(milliseconds: number, promise: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout>
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Problem('sign_in_unavailable')), milliseconds)
  })
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}
