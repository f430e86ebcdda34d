import type { Proof } from '../../browser/proof.ts'
import type { Login } from '../../contract/identity.ts'
import { Problem } from '../../contract/problems.ts'
import { askAgain } from '../outlook/ask.ts'
import type { Service } from '../service.ts'
import { zoomLogin } from './login.ts'
import type { Way } from './way.ts'

/** Through the organisation's Exchange server: its identity token is exchanged for a session. */
export function exchange(service: Pick<Service, 'openSession'>, name: string): Way {
  async function open(login?: Login): Promise<Proof> {
    const { session, expiresIn } = await service.openSession(await identityToken(), login)
    return { token: session, name, expiresAt: Date.now() + (expiresIn - 60) * 1000 }
  }
  return {
    how: 'throughExchange',
    silently: () => open(),
    // Exchange knows the mailbox and not the Zoom user: the first time, the person signs in to Zoom to connect both.
    interactively: async () => open(await zoomLogin()),
  }
}

/** Throws `sign_in_unavailable`, for example on Exchange Online, which no longer issues such tokens. */
async function identityToken(): Promise<string> {
  try {
    const token = await askAgain<string>((done) => Office.context.mailbox.getUserIdentityTokenAsync(done))
    // Some servers succeed with an empty token (office-js issue 1081).
    if (token) return token
  } catch (error) {
    throw new Problem('sign_in_unavailable', {}, error)
  }
  throw new Problem('sign_in_unavailable')
}
