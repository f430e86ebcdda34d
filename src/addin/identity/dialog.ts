import { proofFrom } from '../../browser/msal-result.ts'
import { once } from '../../browser/once.ts'
import type { Proof } from '../../browser/proof.ts'
import { withTimeout } from '../../browser/timeout.ts'
import type { Bootstrap } from '../../contract/identity.ts'
import { paths } from '../../contract/paths.ts'
import { Problem } from '../../contract/problems.ts'
import { openDialog } from '../outlook/dialog.ts'
import { problemIn, type Report } from './report.ts'
import type { Way } from './way.ts'

/** Milliseconds. If the browser blocks Entra's cookies in our frame, MSAL waits in vain. */
const silentTimeout = 4_000

/**
 * In an Office dialog, for an Outlook without nested app authentication. The dialog shows Entra's page, and closes at
 * once if Entra knows the person. `account`: the login hint; without it, Entra uses the account that is signed in.
 */
export function dialog(bootstrap: Bootstrap, account: string | undefined): Way {
  let hint: { loginHint?: string } = account ? { loginHint: account } : {}
  const client = once(async () => {
    const { createMsalClient } = await import('../../browser/msal-client.ts')
    return createMsalClient(bootstrap, '/addin/redirect/index.html', 'memoryStorage')
  })
  return {
    how: 'withMicrosoft',
    async silently({ claims }) {
      const msal = await client()
      const acquired = msal.ssoSilent({ scopes: [bootstrap.scope], ...hint, ...(claims && { claims }) })
      return proofFrom(withTimeout(acquired, silentTimeout, 'sign_in_unavailable')).catch(
        (problem: Problem) => {
          throw problem.code === 'offline' ? problem : new Problem('sign_in_required', {}, problem)
        },
      )
    },
    interactively: ({ claims }) => inDialog({ ...hint, ...(claims && { claims }) }),
    switchAccount: () => inDialog({ prompt: 'select_account' }),
  }

  async function inDialog(parameters: Record<string, string>): Promise<Proof> {
    const report = await openDialog<Report>(`${paths.dialog}?${new URLSearchParams(parameters)}`)
    if (!('proof' in report)) throw problemIn(report)
    hint = { loginHint: report.proof.name }
    return report.proof
  }
}
