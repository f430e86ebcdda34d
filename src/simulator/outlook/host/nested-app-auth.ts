import type { Fault } from '../../kit/faults.ts'
import type { AddIn } from '../manifest.ts'
import { broker } from '../server.ts'
import type { Setting } from './setting.ts'
import type { Ask } from './stage.ts'

/** What the bridge uses. */
interface BridgeHost {
  addIn: AddIn
  setting: Setting
  ask: Ask
}

/** A message of MSAL to the bridge in an add-in's frame. */
export interface BridgeRequest {
  messageType: 'NestedAppAuthRequest'
  method: 'GetInitContext' | 'GetToken' | 'GetTokenPopup'
  requestId: string
  tokenParams?: { clientId?: string; authority?: string; scope?: string; claims?: string }
}

/** The parameters that the ledger shows; none identifies the person. */
export function shown({ tokenParams }: BridgeRequest) {
  if (!tokenParams) return undefined
  const { clientId, authority, scope, claims } = tokenParams
  return { clientId, authority, scope, ...(claims ? { claims } : {}) }
}

/** The bridge's answer. A fault's code is a bridge status, such as `USER_CANCEL`. */
export async function answer(host: BridgeHost, request: BridgeRequest, fault: Fault | undefined) {
  return {
    messageType: 'NestedAppAuthResponse',
    requestId: request.requestId,
    ...(fault?.code === undefined ? await ask(host, request) : refusal(String(fault.code))),
  }
}

/** If the sign-in needs the person, the person can cancel it. */
async function ask(host: BridgeHost, request: BridgeRequest) {
  const { mailboxId, mailbox } = host.setting
  const refusesSilently = typeof mailbox.bridge === 'object' && !mailbox.bridge.GetTokenPopup
  const needsThem = refusesSilently || demandsMore(request)
  if (request.method === 'GetTokenPopup' && needsThem && !(await host.ask(question(host))))
    return refusal('USER_CANCEL')
  return broker(mailboxId, request).catch(unreachable)
}

/** Claims of the access token are what a policy demands of the person. MSAL always asks for some of the ID token. */
const demandsMore = ({ tokenParams }: BridgeRequest) =>
  JSON.parse(tokenParams?.claims ?? '{}').access_token !== undefined

const question = ({ addIn, setting: { mailbox } }: BridgeHost) => ({
  title: 'Sign in',
  message: `${addIn.name} wants to access its own service as you. You are ${mailbox.displayName}, ${mailbox.emailAddress}.`,
  stay: 'Cancel',
  go: 'Sign in',
})

function unreachable(error: unknown) {
  console.error('The broker did not answer', error)
  return refusal('NO_NETWORK')
}

const refusal = (status: string) => ({
  success: false,
  error: { status, description: `Simulated: ${status}` },
})
