import type { Notification, NotificationType } from '../item/notifications.ts'
import type { Button } from '../manifest.ts'
import type { Runtime } from './runtime.ts'

/** What is shown around the form. */
export interface Stage {
  pane: { runtime: Runtime; button: Button } | null
  dialog: Dialog | null
  /** Outlook's own lines in the info bar. */
  lines: readonly Notification[]
  question: (Question & { answer(go: boolean): void }) | null
  sending: boolean
}

interface Dialog {
  runtime: Runtime
  parent: Runtime
  /** Inside Outlook's window. */
  inside: boolean
  width: number
  height: number
}

/** Nothing is open. */
export const bareStage: Stage = { pane: null, dialog: null, lines: [], question: null, sending: false }

/** A question of Outlook to the person. */
export interface Question {
  title: string
  message: string
  /** The add-in is still working. */
  busy?: boolean
  stay: string
  /** Only if the person may go on. */
  go?: string
}

/** Asks the person: true, go on. */
export type Ask = (question: Question) => Promise<boolean>

/** Shows a line of Outlook's own in the info bar, in place of the line with this key. */
export type Say = (key: string, type: NotificationType, message: string) => void
