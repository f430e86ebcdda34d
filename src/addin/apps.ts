import { paths, signedInAppPath } from '../contract/paths.ts'
import { type SignedInApp, signedInAppsFrom } from '../contract/signed-in-apps.ts'
import type { Service } from './service.ts'

/** The apps that the person has signed in to. Every act throws a `Problem` if it fails. */
export function createApps({ sendProven }: Pick<Service, 'sendProven'>) {
  return {
    read: async (): Promise<SignedInApp[]> => signedInAppsFrom(await sendProven('GET', paths.signedInApps)),
    /** Ends the session of one, on whichever device it is. */
    end: (id: string) => sendProven('DELETE', signedInAppPath(id)),
  }
}
