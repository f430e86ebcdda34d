import { Problem } from '../../contract/problems.ts'
import type { Callers } from '../identity/callers.ts'

interface Needs {
  callers: Pick<Callers, 'zoomUserOf'>
  /** Whether Entra refuses the credential of this person's calendar. */
  isRefusedByEntra(subject: string): Promise<boolean>
  /** Whether the organisation's Zoom account has this user, and has not deactivated them. */
  isActiveAtZoom(zoomUserId: string, signal: AbortSignal): Promise<boolean>
}

/** Milliseconds that Zoom may take. */
const patience = 6_000

/**
 * Whether who let a person sign in to an app has them no more: Entra by the calendar that they have connected, and Zoom for a
 * mailbox on an Exchange server, which no Zoom user may have any more. Who does not answer has not said so. Of a person of Entra
 * without a calendar nothing is known: their session ends a day after their sign-in.
 */
export const goneFrom =
  ({ callers, isRefusedByEntra, isActiveAtZoom }: Needs) =>
  async (subject: string): Promise<boolean> => {
    try {
      if (subject.startsWith('entra:')) return await isRefusedByEntra(subject)
      const zoomUserId = await callers.zoomUserOf(subject)
      return zoomUserId === undefined || !(await isActiveAtZoom(zoomUserId, AbortSignal.timeout(patience)))
    } catch (error) {
      if (error instanceof Problem && error.code !== 'unexpected') return false
      throw error
    }
  }
