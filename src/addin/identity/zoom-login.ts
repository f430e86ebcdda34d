import { base64url } from '../../browser/base64url.ts'
import type { ZoomLogin } from '../../contract/identity.ts'
import { zoomLoginPath } from '../../contract/paths.ts'
import { openDialog } from '../outlook/dialog.ts'
import { problemIn, type Report } from './report.ts'

/**
 * Lets the person sign in to Zoom in a dialog, which proves which Zoom user they are. Only who knows the verifier can
 * use the code that comes back, so an address that somebody was sent ties nothing.
 */
export async function zoomLogin(): Promise<ZoomLogin> {
  const verifier = base64url(crypto.getRandomValues(new Uint8Array(32)))
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))
  const report = await openDialog<Report>(zoomLoginPath(base64url(new Uint8Array(digest))))
  if ('link' in report) return { code: report.link, verifier }
  throw problemIn(report)
}
