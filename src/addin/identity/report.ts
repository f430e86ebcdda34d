import { Problem, type ProblemCode, problems } from '../../contract/problems.ts'
import type { SignedIn } from './signed-in.ts'

/** What the dialog's page tells the one who opened it: a proof, a one-time code of a sign-in to Zoom, or a problem's code. */
export type Report = { signedIn: SignedIn } | { link: string } | { problem: string }

/** The problem that a dialog reported instead of what it was opened for. */
export function problemIn(report: Report): Problem {
  const code = 'problem' in report ? report.problem : ''
  return new Problem(code in problems ? (code as ProblemCode) : 'sign_in_unavailable')
}
