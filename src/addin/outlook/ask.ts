import { Problem } from '../../contract/problems.ts'

/** Milliseconds. Office.js itself waits for ever if Outlook does not answer. */
const deadline = 5_000

type Question<Answer> = (callback: (result: Office.AsyncResult<Answer>) => void) => void

/** Calls Office.js and returns its result. Throws `outlook_not_answering` on an error, which is the cause, and on a timeout. */
export function ask<Answer>(question: Question<Answer>, milliseconds = deadline): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const fail = (cause?: unknown) => reject(new Problem('outlook_not_answering', {}, cause))
    const timer = setTimeout(fail, milliseconds)
    try {
      question((result) => {
        clearTimeout(timer)
        if (result.status === Office.AsyncResultStatus.Succeeded) resolve(result.value)
        else fail(result.error)
      })
    } catch (error) {
      clearTimeout(timer)
      fail(error)
    }
  })
}

/** Repeats a call that Outlook refused, once: a refusal may pass (office-js issue 6624). The call must be safe to repeat. */
export function askAgain<Answer>(question: Question<Answer>): Promise<Answer> {
  return ask(question).catch((error) => {
    if (!refused(error)) throw error
    return ask(question)
  })
}

/** The code of `Office.Error`. Undefined: a timeout, or Office.js has no such member. */
export const codeOf = (error: unknown) => ((error as Problem).cause as Office.Error | undefined)?.code

/** Whether Outlook answered with an error, such as for HTML in a plain-text body. False after a timeout. */
export function refused(error: unknown): boolean {
  return error instanceof Problem && error.cause !== undefined
}
