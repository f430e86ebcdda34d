/**
 * Prepares an add-in's frame as Outlook does before the page's own code runs. It is loaded in place of office.js and
 * loads the genuine file at the end, synchronously, so the page's code never runs without Office.js.
 */
import { putBridge } from './frame/bridge.ts'
import { putMicrosoftAjax } from './frame/microsoft-ajax.ts'
import { putNative } from './frame/native.ts'

putMicrosoftAjax()
putBridge()
putNative()
document.write('<script src="/lib/1/hosted/office.js"></script>')
