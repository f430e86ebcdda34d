import { type FrameSettings, frameSettings } from './settings.ts'

/** A message of Office.js on phones and Mac. On Windows, Office.js calls functions; they become such messages too. */
interface Message {
  methodId: number
  params: unknown
  callbackId?: string
}

/** A message of the host: the answer to a message, or an event that the add-in listens to. */
interface Said {
  native: 'answer' | 'event'
  callbackId: string
  payload: unknown[]
}

/** Source: Office.js, `OSF.Webkit.MethodId`. */
const methods = {
  execute: 1,
  register: 2,
  unregister: 3,
  writeSettings: 4,
  getContext: 5,
  messageParent: 9,
  messageChild: 8,
}

/**
 * The objects that Outlook programs put into their web view, through which Office.js calls them. They only forward
 * messages to and from the host page.
 */
export function putNative(): void {
  const settings = frameSettings()
  const host = window.parent === window ? window.opener : window.parent
  if (!settings || !host) return
  const tell = (message: Message) => host.postMessage(JSON.stringify(message), settings.host)
  const hear = transports[settings.transport]?.(tell, settings)
  if (!hear) return
  window.addEventListener('message', ({ source, origin, data }) => {
    if (source !== host || origin !== settings.host) return
    const said = parse(data)
    if (said) hear(said)
  })
}

type Tell = (message: Message) => void
type Hear = (said: Said) => void

const transports: Record<string, ((tell: Tell, settings: FrameSettings) => Hear) | undefined> = {
  webkit: putWebkit,
  agave: putAgave,
  external: putExternal,
}

interface Callbacks {
  agaveHostCallback(callbackId: string, payload: unknown[]): void
  agaveHostEventCallback(callbackId: string, payload: unknown[]): void
}

const handTo =
  (callbacks: () => Callbacks): Hear =>
  ({ native, callbackId, payload }) =>
    native === 'event'
      ? callbacks().agaveHostEventCallback(callbackId, payload)
      : callbacks().agaveHostCallback(callbackId, payload)

/** iOS and Mac: dialogs are Outlook's own windows. */
function putWebkit(tell: Tell): Hear {
  const Agave = { postMessage: (text: string) => tell(JSON.parse(text)) }
  Object.assign(window, {
    webkit: { messageHandlers: { Agave } },
    _enableFullDialogAPI: true,
    _osfEnableDialogOrigin: true,
  })
  return handTo(() => (window as never as { OSF: { ScriptMessaging: Callbacks } }).OSF.ScriptMessaging)
}

/** Android: Office.js opens a dialog with `window.open`. Outlook turns the window into a dialog and gives it only its context. */
function putAgave(tell: Tell, settings: FrameSettings): Hear {
  const hear = handTo(() => window as never as Callbacks)
  const answer = ({ methodId, callbackId = '' }: Message) => {
    if (methodId !== methods.getContext) return
    setTimeout(hear, 0, { native: 'answer', callbackId, payload: settings.context ?? [] })
  }
  const said = window.opener ? answer : tell
  Object.assign(window, { agaveHost: { postMessage: (text: string) => said(JSON.parse(text)) } })
  const open = window.open.bind(window)
  window.open = (url = '', _name, features) =>
    open(asDialog(String(url)), JSON.stringify({ sim: settings }), features)
  return hear
}

/** The dialog's address, with this page's `_host_Info` marked as a dialog's. */
function asDialog(address: string): string {
  const outlook = new URLSearchParams(location.search).get('_host_Info')?.split('$')
  if (!outlook) return address
  outlook[5] = 'isDialog'
  return `${address}&_host_Info=${outlook.join('$')}`
}

type Handler = (...given: unknown[]) => void

/** Outlook on Windows: functions of `window.external`; lists are objects with `toArray`. */
function putExternal(tell: Tell, { context = [] }: FrameSettings): Hear {
  const callbacks = new Map<string, (payload: unknown[]) => void>()
  const events = new Map<string, (payload: unknown[]) => void>()
  let count = 0

  const call = (methodId: number, params: unknown, answered: (payload: unknown[]) => void) => {
    const callbackId = `call ${++count}`
    callbacks.set(callbackId, answered)
    tell({ methodId, params, callbackId })
    return callbackId
  }
  Object.assign(window.external, {
    GetContext: () => contextOf(context, tell),
    GetLoggingAllowed: () => false,
    Execute(id: number, given: unknown, answered?: Handler) {
      call(methods.execute, { id, apiArgs: plain(given) }, ([code, data]) =>
        answered?.(list(data as unknown[]), code),
      )
    },
    RegisterEvent(id: number, targetId: string, handler: Handler, answered?: Handler) {
      const callbackId = call(methods.register, { id, targetId }, (payload) => answered?.(list(payload)))
      events.set(callbackId, ([data, eventId]) => handler(eventId, list(data as unknown[])))
    },
    UnregisterEvent(id: number, targetId: string, answered?: Handler) {
      call(methods.unregister, { id, targetId }, (payload) => answered?.(list(payload)))
    },
    MessageParent2: (text: string) => tell({ methodId: methods.messageParent, params: text }),
    MessageChild2: (text: string) => tell({ methodId: methods.messageChild, params: text }),
  })

  return ({ native, callbackId, payload }) => {
    if (native === 'event') return events.get(callbackId)?.(payload)
    callbacks.get(callbackId)?.(payload)
    callbacks.delete(callbackId)
  }
}

const list = (values: unknown[]) => ({ toArray: () => values })

const plain = (given: unknown): unknown =>
  (given as { toArray?(): unknown[] } | undefined)?.toArray?.() ?? given

/** Each function of the context, with its index in the phones' list. Source: Office.js, `AppContextProperties`. */
const contextPlaces = {
  GetSolutionRef: 1,
  GetAppType: 2,
  GetAppVersionMajor: 3,
  GetAppVersionMinor: 4,
  GetAppCapabilities: 7,
  GetAppUILocale: 8,
  GetAppDataLocale: 9,
  GetDocUrl: 11,
  GetActivationMode: 12,
  GetControlIntegrationLevel: 13,
  GetSolutionToken: 14,
  GetCorrelationId: 16,
  GetInstanceId: 17,
  GetTouchEnabled: 18,
  GetCommerceAllowed: 19,
  GetSupportedMatrix: 20,
  GetHostCustomMessage: 21,
  GetHostFullVersion: 22,
  GetInitialDisplayMode: 23,
  // Our own index: phones have no theme.
  GetOfficeThemeInfo: 24,
}

function contextOf(context: unknown[], tell: Tell) {
  const places = Object.entries(contextPlaces).map(([name, place]) => [name, () => context[place]])
  const [keys, values] = context[0] as [string[], string[]]
  const settings = {
    Read(intoKeys: string[], intoValues: string[]) {
      intoKeys.push(...keys)
      intoValues.push(...values)
    },
    Write: (written: string[], given: string[]) =>
      tell({ methodId: methods.writeSettings, params: { keys: written, values: given } }),
  }
  return { ...Object.fromEntries(places), GetSettings: () => settings }
}

function parse(data: unknown): Said | undefined {
  return typeof data === 'string' && data.startsWith('{"native"') ? JSON.parse(data) : undefined
}
