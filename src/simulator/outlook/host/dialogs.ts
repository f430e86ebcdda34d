import type { Watched } from '../watched.ts'
import { refuse } from './office-error.ts'
import type { Runtime } from './runtime.ts'
import type { Setting } from './setting.ts'
import type { Stage } from './stage.ts'

/** What a dialog uses. */
export interface DialogHost {
  setting: Setting
  stage: Watched<Stage>
  start(kind: 'dialog', page: string): Runtime
  end(runtime: Runtime): void
}

/** Office.js registers for this event to open a dialog inside Outlook's window, and gets the dialog's messages by it. */
export const insideEvent = 'dialogMessageReceived'

/** Office.js registers for this event when it asks the person, inside the add-in's frame, to allow a pop-up. */
export const promptEvent = 'dialogNotificationShown'

const closedByPerson = 12006

/** The arguments of `displayDialogAsync`: sizes in percent of the window. */
export interface Wanted {
  url: string
  width: number
  height: number
}

export function wanted(targetId: unknown): Wanted {
  const { url = '', width = 50, height = 50 } = JSON.parse(String(targetId)) as Partial<Wanted>
  return { url, width, height }
}

/**
 * Shows a dialog: on the web inside the window, because there Office.js opens pop-ups without its host; elsewhere in
 * its own window.
 */
export function open(host: DialogHost, parent: Runtime, targetId: unknown): void {
  const { url, width, height } = wanted(targetId)
  const runtime = host.start('dialog', url)
  const inside = host.setting.client.transport === 'frames'
  if (!inside) openApart(host, runtime, width, height)
  host.stage.change({ dialog: { runtime, parent, inside, width, height } })
}

function openApart(host: DialogHost, runtime: Runtime, width: number, height: number): void {
  if (!runtime.openWindow((screen.width * width) / 100, (screen.height * height) / 100)) {
    host.end(runtime)
    refuse('popupBlocked')
  }
  const watch = setInterval(() => {
    if (!runtime.isClosed) return
    clearInterval(watch)
    if (host.stage.get().dialog?.runtime === runtime) close(host, 'person')
  }, 500)
}

/** Closes the dialog. The add-in is told if the person closed it. */
export function close(host: DialogHost, by: 'person' | 'add-in'): void {
  const { dialog } = host.stage.get()
  if (!dialog) return
  if (by === 'person') dialog.parent.raise(insideEvent, { messageType: closedByPerson })
  host.end(dialog.runtime)
  host.stage.change({ dialog: null })
}

/** A command's frame is hidden, so Outlook shows it while Office.js asks the person in it. */
export function prompt(runtime: Runtime, asking: boolean): void {
  runtime.frame.toggleAttribute('data-asking', asking)
  if (asking) runtime.frame.focus()
}
