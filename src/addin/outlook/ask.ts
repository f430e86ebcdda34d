import { Problem } from '../../contract/problems.ts'

/** Milliseconds. When its host is silent Office.js waits for ever, so every question has our deadline. */
const deadline = 5_000

/** Asks Outlook one thing. Throws `outlook_not_answering` on a refusal and on silence. */
export function ask<Answer>(
  question: (callback: (result: Office.AsyncResult<Answer>) => void) => void,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const fail = (cause?: unknown) => reject(new Problem('outlook_not_answering', {}, cause))
    const timer = setTimeout(fail, deadline)
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

/** Outlook said no, as it does to HTML in a plain-text body; it was not silent. */
export function refused(error: unknown): boolean {
  return error instanceof Problem && error.cause !== undefined
}
