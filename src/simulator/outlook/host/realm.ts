import realmUrl from '../realm/main.ts?worker&url'
import { type Place, Runtime } from './runtime.ts'
import type { Setting } from './setting.ts'
import { frames } from './transports.ts'

/**
 * Starts the add-in's file for runtimes without a page. The frame is the add-in's own origin, for the sake of what
 * the network sees of the worker in it; nothing of the frame is the add-in's.
 */
export function startRealm(setting: Setting, script: string): Runtime {
  const runtime = new Runtime('launch event', setting.mailbox, placeOf(script))
  runtime.frame.addEventListener('load', async () => {
    runtime.post({ realm: await (await fetch(realmUrl)).text() })
  })
  return runtime
}

function placeOf(script: string): Place {
  const conversationId = crypto.randomUUID()
  return {
    controlId: `ctl-${crypto.randomUUID()}`,
    src: new URL('/simulator/realm.html', script).href,
    name: JSON.stringify({ host: location.origin, conversationId, script }),
    transport: frames(conversationId),
    allows: ['allow-scripts', 'allow-same-origin'],
  }
}
