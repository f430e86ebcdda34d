import type { Proof } from '../../browser/proof.ts'
import { Problem, type ProblemCode, pageProblems } from '../../contract/problems.ts'

/** What the dialog's page sends to the page that opened it: a proof, the one-time code of a sign-in to Zoom, or a problem's code. */
export type Report = { proof: Proof } | { zoomCode: string } | { problem: string }

/** The problem in a report that has not what the dialog was opened for. */
export function problemIn(report: Report): Problem {
  const code = 'problem' in report ? report.problem : ''
  return new Problem(code in pageProblems ? (code as ProblemCode) : 'sign_in_unavailable')
}
