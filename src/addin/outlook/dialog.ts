import { Problem, type ProblemCode } from '../../contract/problems.ts'
import { ask } from './ask.ts'

/** Milliseconds; the time a person may take to sign in. */
const deadline = 300_000

/** Office.js' dialog errors that have a problem of their own ("Errors and events in the Office dialog box"). */
const meanings: Record<number, ProblemCode> = {
  12006: 'sign_in_cancelled', // closed by the person
  12007: 'sign_in_window_open', // another one is open
  12009: 'sign_in_window_blocked', // ignored by the person
  12011: 'sign_in_window_blocked', // by the browser
}

/** Opens one of our pages in an Office dialog. Returns the JSON that the page sends, and closes the dialog. */
export async function openDialog<Answer>(path: string): Promise<Answer> {
  const dialog = await ask<Office.Dialog>((done) =>
    Office.context.ui.displayDialogAsync(
      `${location.origin}${path}`,
      { height: 60, width: 40, promptBeforeOpen: false },
      done,
    ),
  ).catch((problem: Problem) => {
    throw new Problem(
      meanings[(problem.cause as Office.Error | undefined)?.code ?? 0] ?? problem.code,
      {},
      problem,
    )
  })
  try {
    return JSON.parse(await messageOf(dialog)) as Answer
  } finally {
    close(dialog)
  }
}

/** Office.js throws if the person has already closed the dialog. */
function close(dialog: Office.Dialog): void {
  try {
    dialog.close()
  } catch {}
}

/** Accepts messages from our own origin only: the dialog visits other sites during the sign-in. */
function messageOf(dialog: Office.Dialog): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Problem('sign_in_unavailable')), deadline)
    dialog.addEventHandler(Office.EventType.DialogMessageReceived, (event) => {
      if (!('message' in event) || (event.origin && event.origin !== location.origin)) return
      clearTimeout(timer)
      resolve(event.message)
    })
    dialog.addEventHandler(Office.EventType.DialogEventReceived, (event) => {
      clearTimeout(timer)
      reject(new Problem(('error' in event && meanings[event.error]) || 'sign_in_unavailable'))
    })
  })
}
