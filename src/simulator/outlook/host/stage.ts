import type { Notification, NotificationType } from '../item/notifications.ts'
import type { Button } from '../manifest.ts'
import type { Runtime } from './runtime.ts'

/** What stands around the form, for the add-in. */
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
  /** In Outlook's own window. */
  inside: boolean
  width: number
  height: number
}

/** Nothing going on. */
export const bareStage: Stage = { pane: null, dialog: null, lines: [], question: null, sending: false }

/** What Outlook asks the person. */
export interface Question {
  title: string
  message: string
  /** The add-in is still at it. */
  busy?: boolean
  stay: string
  /** Only where the person may go on. */
  go?: string
}

/** Asks the person: true, go on. */
export type Ask = (question: Question) => Promise<boolean>

/** Shows a line of Outlook's own in the info bar, in place of the line with this key. */
export type Say = (key: string, type: NotificationType, message: string) => void
