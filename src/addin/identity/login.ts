import { base64url } from '../../browser/base64url.ts'
import type { Login } from '../../contract/identity.ts'
import { googleLoginPath, zoomLoginPath } from '../../contract/paths.ts'
import type { Permits } from '../../contract/permission.ts'
import { openDialog } from '../outlook/dialog.ts'
import { problemIn, type Report } from './report.ts'

/** Opens a sign-in to Zoom in an Office dialog. */
export const zoomLogin = () => login(zoomLoginPath)

/** Opens a sign-in to Google in an Office dialog, with the consent to this. */
export const googleLogin = (permits: Permits) => login((challenge) => googleLoginPath(challenge, permits))

/**
 * The code that comes back is of no use without the verifier. So an attacker gains nothing by sending somebody the
 * address of this sign-in.
 */
async function login(path: (challenge: string) => string): Promise<Login> {
  const verifier = base64url(crypto.getRandomValues(new Uint8Array(32)))
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))
  const report = await openDialog<Report>(path(base64url(new Uint8Array(digest))))
  if ('link' in report) return { code: report.link, verifier }
  throw problemIn(report)
}
