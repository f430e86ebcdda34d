import { asProblem } from '../../browser/as-problem.ts'
import { createMsalClient } from '../../browser/msal-client.ts'
import { proofFrom } from '../../browser/msal-result.ts'
import { Problem, type ProblemCode } from '../../contract/problems.ts'
import { problems } from '../../contract/service-problems.ts'
import type { Report } from '../identity/report.ts'
import { createService } from '../service.ts'
import { dialogTexts } from '../texts/dialog.ts'
import { speakAsOutlook, type Texts } from '../texts/i18n.ts'
import { says } from '../texts/says.ts'

/** Only this page has the sentences of the service too: a sign-in to Zoom or Google ends here with a code. */
const serviceTexts = import.meta.glob<Texts>('../../languages/service/*.json', {
  import: 'default',
})

/** The page in the Office dialog. Entra, Zoom and Google redirect back here. The page reports the result to its opener, which closes it. */
async function run(): Promise<Report | undefined> {
  const fragment = new URLSearchParams(location.hash.slice(1))
  const link = fragment.get('link')
  const problem = fragment.get('problem')
  if (link) return { link }
  if (problem) return reportOf(new Problem(isCode(problem) ? problem : 'sign_in_unavailable'))
  return signInWithMicrosoft()
}

const isCode = (code: string): code is ProblemCode => Object.hasOwn(problems, code)

const reportOf = (problem: Problem): Report => ({
  problem: problem.code,
  title: says(problem, problems),
})

/** Undefined: the window is being redirected to Entra, and will come back here. */
async function signInWithMicrosoft(): Promise<Report | undefined> {
  const bootstrap = await createService(location.origin, async () => '').bootstrap()
  // MSAL's state must survive the redirect. Session storage is this window's own and ends with it.
  const msal = await createMsalClient(bootstrap, location.pathname, 'sessionStorage')
  const parameters = new URLSearchParams(location.search)
  const acquired = msal.handleRedirectPromise()
  if (await acquired.catch(() => true)) return { proof: await proofFrom(acquired as Promise<never>) }
  const claims = parameters.get('claims')
  await msal.acquireTokenRedirect({
    scopes: [bootstrap.scope],
    loginHint: parameters.get('loginHint') ?? '',
    prompt: parameters.get('prompt') ?? '',
    ...(claims && { claims }),
  })
  return undefined
}

function show(id: 'heading' | 'state', sentence: string): void {
  const element = document.getElementById(id)
  if (element) element.textContent = sentence
}

function reply(report: Report): void {
  Office.context.ui.messageParent(JSON.stringify(report), { targetOrigin: location.origin })
}

Office.onReady(async () => {
  await speakAsOutlook(serviceTexts)
  const texts = dialogTexts.get()
  document.title = texts.title
  show('heading', texts.signingIn)
  show('state', texts.closes)
  try {
    const report = await run()
    if (report) reply(report)
  } catch (error) {
    const problem = asProblem(error)
    // If the window stays open, it says why.
    show('state', says(problem, problems))
    reply(reportOf(problem))
  }
})
