import type { Fault } from '../../faults.ts'
import type { MailboxId } from '../../mailboxes.ts'
import { broker } from '../server.ts'

/** What MSAL says through the bridge that Outlook puts into an add-in's frame. */
export interface BridgeRequest {
  messageType: 'NestedAppAuthRequest'
  method: 'GetInitContext' | 'GetToken' | 'GetTokenPopup'
  requestId: string
  tokenParams?: { clientId?: string; authority?: string; scope?: string; claims?: string }
}

/** What the ledger shows of a request: what is asked for, nothing that identifies. */
export function shown({ tokenParams }: BridgeRequest) {
  if (!tokenParams) return undefined
  const { clientId, authority, scope, claims } = tokenParams
  return { clientId, authority, scope, ...(claims ? { claims } : {}) }
}

/** The broker's answer, in the bridge's wrapping. A fault's code is a bridge status, such as `USER_CANCEL`. */
export async function answer(mailbox: MailboxId, request: BridgeRequest, fault: Fault | undefined) {
  return {
    messageType: 'NestedAppAuthResponse',
    requestId: request.requestId,
    ...(fault?.code === undefined
      ? await broker(mailbox, request).catch(unreachable)
      : refusal(String(fault.code))),
  }
}

function unreachable(error: unknown) {
  console.error('The broker did not answer', error)
  return refusal('NO_NETWORK')
}

const refusal = (status: string) => ({
  success: false,
  error: { status, description: `Simulated: ${status}` },
})
