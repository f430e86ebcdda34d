import { base64url } from '../../browser/base64url.ts'
import type { Login } from '../../contract/identity.ts'
import { zoomLoginPath } from '../../contract/paths.ts'
import { openDialog } from '../outlook/dialog.ts'
import { problemIn, type Report } from './report.ts'

/**
 * Opens a sign-in to Zoom in an Office dialog, which proves which Zoom user the person is. The code that comes back is
 * of no use without the verifier. So an attacker gains nothing by sending somebody the address of this sign-in.
 */
export async function zoomLogin(): Promise<Login> {
  const verifier = base64url(crypto.getRandomValues(new Uint8Array(32)))
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))
  const report = await openDialog<Report>(zoomLoginPath(base64url(new Uint8Array(digest))))
  if ('zoomCode' in report) return { code: report.zoomCode, verifier }
  throw problemIn(report)
}
