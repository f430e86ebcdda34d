import type { Proof } from '../../browser/proof.ts'
import { Problem, type ProblemCode } from '../../contract/problems.ts'

/** What the dialog's page sends to the page that opened it: a proof, the result of a sign-in to Zoom or Google, or a problem with its sentence. */
export type Report = { proof: Proof } | { link: string } | { problem: ProblemCode; title: string }

/** The problem in a report that has not what the dialog was opened for. */
export function problemIn(report: Report): Problem {
  if (!('problem' in report)) return new Problem('sign_in_unavailable')
  return new Problem(report.problem, { title: report.title })
}
