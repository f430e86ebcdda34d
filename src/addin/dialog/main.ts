import { asProblem } from '../../browser/as-problem.ts'
import { signedIn } from '../identity/msal.ts'
import type { Report } from '../identity/report.ts'
import { standardClient } from '../identity/standard.ts'
import { createService } from '../service.ts'

/**
 * The page in the Office dialog. It comes back here from Entra or from Zoom, tells who opened it what came of it, and
 * is closed by them.
 */
async function run(): Promise<Report | undefined> {
  const fragment = new URLSearchParams(location.hash.slice(1))
  const link = fragment.get('link')
  const problem = fragment.get('problem')
  if (link) return { link }
  if (problem) return { problem }
  return signInWithMicrosoft()
}

/** Undefined: this window is on its way to Entra, and comes back. */
async function signInWithMicrosoft(): Promise<Report | undefined> {
  const bootstrap = await createService(location.origin, async () => '').bootstrap()
  // Only the window's own storage, gone with it, outlives the way to Entra and back.
  const msal = await standardClient(bootstrap, location.pathname, 'sessionStorage')
  const asked = new URLSearchParams(location.search)
  const result = msal.handleRedirectPromise()
  if (await result.catch(() => true)) return { signedIn: await signedIn(result as Promise<never>) }
  await msal.acquireTokenRedirect({
    scopes: [bootstrap.scope],
    loginHint: asked.get('loginHint') ?? '',
    prompt: asked.get('prompt') ?? '',
    ...(asked.get('claims') && { claims: asked.get('claims') as string }),
  })
  return undefined
}

/** A window that stays open says why. */
function show(sentence: string): void {
  const state = document.getElementById('state')
  if (state) state.textContent = sentence
}

Office.onReady(async () => {
  try {
    const report = await run()
    if (report) Office.context.ui.messageParent(JSON.stringify(report), { targetOrigin: location.origin })
  } catch (error) {
    const problem = asProblem(error)
    show(problem.says)
    Office.context.ui.messageParent(JSON.stringify({ problem: problem.code }), {
      targetOrigin: location.origin,
    })
  }
})
