import { Problem } from '../../contract/problems.ts'
import { ask } from '../outlook/ask.ts'
import type { Service } from '../service.ts'
import type { SignedIn, Way } from './signed-in.ts'
import { zoomLogin } from './zoom-login.ts'

/** Through the organisation's own Exchange server, whose identity token is exchanged once for a session. */
export function exchange(service: Pick<Service, 'openSession'>, name: string): Way {
  async function open(link?: Parameters<Service['openSession']>[1]): Promise<SignedIn> {
    const { session, expiresIn } = await service.openSession(await identityToken(), link)
    return { token: session, name, until: Date.now() + (expiresIn - 60) * 1000 }
  }
  return {
    how: 'through Exchange',
    silently: () => open(),
    // Exchange knows the mailbox and not the Zoom user: the first time, a sign-in to Zoom ties the two.
    withTheirHelp: async () => open(await zoomLogin()),
  }
}

/** Exchange Online gives none any more: `sign_in_unavailable`. */
async function identityToken(): Promise<string> {
  try {
    return await ask<string>((done) => Office.context.mailbox.getUserIdentityTokenAsync(done))
  } catch (error) {
    throw new Problem('sign_in_unavailable', {}, error)
  }
}
