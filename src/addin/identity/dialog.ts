import { once } from '../../browser/once.ts'
import { withTimeout } from '../../browser/timeout.ts'
import type { Bootstrap } from '../../contract/identity.ts'
import { paths } from '../../contract/paths.ts'
import { Problem } from '../../contract/problems.ts'
import { openDialog } from '../outlook/dialog.ts'
import { signedIn } from './msal.ts'
import { problemIn, type Report } from './report.ts'
import type { Ask, SignedIn, Way } from './signed-in.ts'

/** Milliseconds; a browser that keeps Entra's cookies from our frame makes this wait in vain. */
const silence = 4_000

/**
 * In a window of its own, for an Outlook that signs nobody in: Entra's page, or nothing to see when it knows the person.
 * `account`: whom to ask for, until the person chooses another; without it, whoever they are signed in as.
 */
export function dialog(bootstrap: Bootstrap, account: string | undefined): Way {
  let hint: { loginHint?: string } = account ? { loginHint: account } : {}
  const client = once(async () => {
    const { standardClient } = await import('./standard.ts')
    return standardClient(bootstrap, '/addin/redirect/index.html', 'memoryStorage')
  })
  return {
    how: 'with Microsoft',
    async silently({ claims }: Ask) {
      const msal = await client()
      const request = { scopes: [bootstrap.scope], ...hint, ...(claims && { claims }) }
      return signedIn(withTimeout(msal.ssoSilent(request), silence, 'sign_in_unavailable')).catch(
        (problem: Problem) => {
          throw problem.code === 'offline' ? problem : new Problem('sign_in_required', {}, problem)
        },
      )
    },
    withTheirHelp: ({ claims }: Ask) => inWindow({ ...hint, ...(claims && { claims }) }),
    switchAccount: () => inWindow({ prompt: 'select_account' }),
  }

  async function inWindow(asked: Record<string, string>): Promise<SignedIn> {
    const report = await openDialog<Report>(`${paths.dialog}?${new URLSearchParams(asked)}`)
    if (!('signedIn' in report)) throw problemIn(report)
    hint = { loginHint: report.signedIn.name }
    return report.signedIn
  }
}
