import { frameSettings } from './settings.ts'

type Listener = (message: string) => void

/**
 * `window.nestedAppAuthBridge`: MSAL's way to get tokens from Outlook. It exists only in a framed page, and only if the
 * mailbox has it. The host page answers.
 */
export function putBridge(): void {
  const settings = framed() ? frameSettings() : undefined
  if (!settings || settings.bridge === 'absent') return
  const relays = new Map<Listener, (event: MessageEvent) => void>()
  const bridge = {
    postMessage(message: string) {
      if (settings.bridge === 'throws') throw new Error('The bridge is broken.')
      window.parent.postMessage(message, settings.host)
    },
    addEventListener(type: string, listener: Listener) {
      if (type !== 'message' || relays.has(listener)) return
      const relay = (event: MessageEvent) => {
        if (event.source === window.parent && event.origin === settings.host && isAnswer(event.data)) {
          listener(event.data)
        }
      }
      relays.set(listener, relay)
      window.addEventListener('message', relay)
    },
    removeEventListener(_type: string, listener: Listener) {
      const relay = relays.get(listener)
      if (relay) window.removeEventListener('message', relay)
      relays.delete(listener)
    },
  }
  Object.assign(window, { nestedAppAuthBridge: bridge })
}

/** A pop-up has its opener's window name, so the name does not show that a page is framed. */
const framed = () => window.parent !== window

const isAnswer = (data: unknown) => typeof data === 'string' && data.includes('"NestedAppAuthResponse"')
