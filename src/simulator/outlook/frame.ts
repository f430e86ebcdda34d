/**
 * Prepares an add-in's frame as Outlook does before the page's own code runs. It is loaded in place of office.js and
 * loads the genuine file at the end, synchronously, so the page's code never runs without Office.js.
 */
import { putBridge } from './frame/bridge.ts'
import { deviating } from './frame/members.ts'
import { putMicrosoftAjax } from './frame/microsoft-ajax.ts'
import { putNative } from './frame/native.ts'
import { goOffline } from './frame/offline.ts'
import { frameSettings } from './frame/settings.ts'

declare const Office: { onReady(ready: () => void): void; context: { mailbox?: { item?: object } } }

const settings = frameSettings()
if (settings?.offline) goOffline(window)

putMicrosoftAjax()
putBridge()
putNative()
document.write('<script src="/lib/1/hosted/office.js" data-office></script>')
// Before any callback of the page: Office.js calls them in the order in which they were registered.
document.querySelector('script[data-office]')?.addEventListener('load', () => Office.onReady(changeItem))

function changeItem(): void {
  const { mailbox } = Office.context
  if (settings && mailbox?.item) mailbox.item = deviating(mailbox.item, settings.members)
}
