import realmUrl from '../realm/main.ts?worker&url'
import { type Place, Runtime } from './runtime.ts'
import type { Setting } from './setting.ts'
import { membersOf } from './supported.ts'
import { frames } from './transports.ts'

/**
 * Starts the add-in's file in the JavaScript-only runtime. The frame is at the add-in's origin, so that servers see that
 * origin in the worker's requests. The frame's code is ours.
 */
export function startRealm(setting: Setting, script: string): Runtime {
  const runtime = new Runtime('launch event', setting.mailbox, placeOf(setting, script))
  runtime.frame.addEventListener('load', async () => {
    runtime.post({ realm: await (await fetch(realmUrl)).text() })
  })
  return runtime
}

function placeOf(setting: Setting, script: string): Place {
  const conversationId = crypto.randomUUID()
  return {
    controlId: `ctl-${crypto.randomUUID()}`,
    src: new URL('/simulator/realm.html', script).href,
    name: JSON.stringify({
      host: location.origin,
      conversationId,
      script,
      members: membersOf(setting),
      offline: setting.quirks.offline,
    }),
    transport: frames(conversationId),
    allows: ['allow-scripts', 'allow-same-origin'],
  }
}
