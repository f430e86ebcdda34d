import { pageProblems, type Rows } from '../../contract/page-problems.ts'
import { type Problem, sentenceFrom } from '../../contract/problems.ts'
import { i18n } from './i18n.ts'

/** In other languages than English, which the contract has. */
const translated = i18n('sentences', {} as Record<string, string>)

/** The sentence that a page of the add-in shows for a problem. */
export const says = (problem: Problem, rows: Rows = pageProblems): string =>
  sentenceFrom(rows, problem, translated.get())
