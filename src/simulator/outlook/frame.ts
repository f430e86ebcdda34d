/**
 * What Outlook has in an add-in's frame before the page's own code runs. This file is loaded in the place of
 * office.js; it ends by loading the genuine one, synchronously, so the page never sees it without.
 */
import { putBridge } from './frame/bridge.ts'
import { putMicrosoftAjax } from './frame/microsoft-ajax.ts'
import { putNative } from './frame/native.ts'

putMicrosoftAjax()
putBridge()
putNative()
document.write('<script src="/lib/1/hosted/office.js"></script>')
