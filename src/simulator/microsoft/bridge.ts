import { type Fault, type Faults, onceReleased, pause } from '../kit/faults.ts'
import { isPerson, type Mailbox, type Person, type Refusals } from '../people.ts'
import type { Directory } from './delegated.ts'
import { type ErrorNumber, entraError } from './errors.ts'
import type { Keys } from './keys.ts'
import { homeAccountId, issue, permissionIn, type Registration, scopeRefusal } from './tokens.ts'

/** A request of the add-in to the bridge. Source: `@azure/msal-browser`, `BridgeRequestEnvelope`. */
export interface NestedAppAuthRequest {
  messageType: 'NestedAppAuthRequest'
  method: string
  requestId: string
  tokenParams?: TokenParams
}

interface TokenParams {
  clientId?: string
  /** Separated by spaces. */
  scope?: string
  authority?: string
  /** JSON. */
  claims?: string
  /** The `homeAccountId` of the account that the token is for. */
  platformBrokerId?: string
}

/** Outlook's response. */
export type NestedAppAuthResponse = { messageType: 'NestedAppAuthResponse'; requestId: string } & (
  | { success: true; initContext: object }
  | { success: true; token: object; account: object }
  | { success: false; error: { status: string; code: string; description: string } }
)

/**
 * The host side of Outlook's bridge for nested app authentication. It gets tokens from Entra for the signed-in person,
 * unless the mailbox's row in `people.ts` refuses. A fault for `entra` with `match: 'GetToken'` and a `code` answers
 * with that status.
 */
export function createBroker(
  registration: Registration & { addin?: string | undefined },
  keys: Keys,
  faults: Faults,
  { agreed, directory }: { agreed: Set<string>; directory: Directory },
) {
  const { origin, clientId, registered } = registration
  const environment = new URL(origin).host

  async function outcome(mailbox: Mailbox, { method, tokenParams }: NestedAppAuthRequest) {
    const fault = faults.next('entra', method)
    if (fault?.hold) await onceReleased(faults.hold('entra', method), async () => {})
    if (fault?.delay) await pause(fault.delay)
    if (fault?.silence) await new Promise(() => {})
    const person = mailbox.signedIn ?? mailbox
    if (!isPerson(person)) return unavailable
    const failure = (fault && failureOf(fault)) ?? refusal(mailbox, method)
    if (failure) return failure
    if (method === 'GetInitContext') return { initContext: initContext(person) }
    const refused = unacceptable(tokenParams ?? {}, person, registration)
    if (refused) return refused
    const permission = permissionIn(tokenParams?.scope ?? '', clientId) ?? ''
    const mayGoOn = method === 'GetTokenPopup' || agreed.has(mailbox.emailAddress)
    if (!mayGoOn && !registered.isConsented(permission))
      return failed('USER_INTERACTION_REQUIRED', 'consent_required', 'Nobody has consented.')
    if (directory.isChallenged(tokenParams?.claims) && directory.demandsMoreOf(person)) {
      if (method !== 'GetTokenPopup')
        return failed('USER_INTERACTION_REQUIRED', 'interaction_required', 'A policy demands more.')
      directory.satisfy(person)
    }
    if (method === 'GetTokenPopup') agreed.add(mailbox.emailAddress)
    return {
      token: { ...(await issue(keys, person, registration)), scope: tokenParams?.scope, properties: null },
      account: {
        environment,
        homeAccountId: homeAccountId(person),
        localAccountId: person.objectId,
        tenantId: person.tenantId,
        username: person.emailAddress,
        name: person.displayName,
      },
    }
  }

  /** The refusal in the mailbox's row, if there is one. */
  function refusal({ bridge, emailAddress }: Mailbox, method: string) {
    if (!isMethod(method))
      return failed('PERSISTENT_ERROR', 'invalid_request', `The bridge has no ${method}.`)
    if (typeof bridge === 'string') return bridge === 'answers' ? undefined : unavailable
    const error = agreed.has(emailAddress) ? undefined : bridge[method]
    return error && failed(error.status, error.code, `Simulated: ${error.code}.`)
  }

  const initContext = (person: Person) => ({
    sdkName: 'outlook-stand-in',
    sdkVersion: '1.0.0',
    capabilities: { queryAccount: false },
    accountContext: { homeAccountId: homeAccountId(person), environment, tenantId: person.tenantId },
  })

  return async (mailbox: Mailbox, request: NestedAppAuthRequest): Promise<NestedAppAuthResponse> => {
    const envelope = { messageType: 'NestedAppAuthResponse', requestId: request.requestId } as const
    const answer = await outcome(mailbox, request)
    return 'error' in answer
      ? { ...envelope, success: false, ...answer }
      : { ...envelope, success: true, ...answer }
  }
}

const isMethod = (method: string): method is keyof Refusals =>
  ['GetInitContext', 'GetToken', 'GetTokenPopup'].includes(method)

/** Why Entra issues nothing for this request. Source: Entra, "Authentication and authorization error codes". */
function unacceptable(
  asked: TokenParams,
  person: Person,
  registration: Registration & { addin?: string | undefined },
) {
  const { clientId, registered, addin } = registration
  if (asked.clientId !== clientId || !registered.exists()) return refused(700016, asked.clientId)
  const tenant = /^https?:\/\/[^/]+\/([^/]+)/.exec(asked.authority ?? '')?.[1]
  if (tenant !== undefined && !['common', 'organizations', person.tenantId].includes(tenant))
    return refused(90002, tenant)
  const wanted = asked.platformBrokerId
  if (wanted !== undefined && wanted !== homeAccountId(person))
    return failed('ACCOUNT_UNAVAILABLE', 'account_unavailable', 'Outlook is not signed in to this account.')
  const broker = addin && `brk-multihub://${new URL(addin).host}`
  if (broker && !registered.object().spa.redirectUris.includes(broker)) return refused(50011, broker)
  const refusal = scopeRefusal(asked.scope ?? '', registration)
  return refusal && refused(...refusal)
}

function failureOf({ code, drop, status }: Fault) {
  if (code !== undefined) return failed(String(code), String(code).toLowerCase(), `Simulated: ${code}.`)
  if (drop) return failed('NO_NETWORK', 'no_network', 'Entra cannot be reached.')
  if (status) return failed('TRANSIENT_ERROR', 'server_error', `Entra answers ${status}.`)
  return undefined
}

const failed = (status: string, code: string, description: string) => ({
  error: { status, code, description },
})

/** A refusal by Entra itself: a retry does not help. */
function refused(number: ErrorNumber, about?: string) {
  const { error, error_description } = entraError(number, about)
  return failed('PERSISTENT_ERROR', error, error_description)
}

const unavailable = failed(
  'NESTED_APP_AUTH_UNAVAILABLE',
  'unavailable',
  'This Outlook brokers no tokens for this account.',
)
