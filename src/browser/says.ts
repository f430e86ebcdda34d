import { pageProblems } from '../contract/page-problems.ts'
import { type Problem, sentenceFrom } from '../contract/problems.ts'

/** The sentence that a page shows for a problem. */
export const says = (problem: Problem): string => sentenceFrom(pageProblems, problem)
