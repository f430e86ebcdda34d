import type { Client } from '../clients.ts'
import { calls } from './calls.ts'
import { type CoreData, coreCalls } from './core.ts'
import { actions, type Request, type Transport } from './protocol.ts'

export function transportOf({ transport }: Client, conversationId: string): Transport {
  if (transport === 'frames') return frames(conversationId)
  return transport === 'agave'
    ? program(common, (data, id) => [id, data])
    : program(withDialogs, (data, id) => [data, id])
}

// --- Outlook on the web: every message has a conversation id

const kinds = { request: 0, response: 1 } as const
const responses = { answer: 0, event: 1 } as const

export function frames(conversationId: string): Transport {
  const response = (request: Request, _responseType: number, data: unknown) => ({
    _serializerVersion: 1,
    _origin: location.origin,
    _messageType: kinds.response,
    _responseType,
    _actionName: request._actionName,
    _conversationId: conversationId,
    _correlationId: request._correlationId,
    _errorCode: 0,
    _data: data ?? null,
  })
  return {
    read(message) {
      const { _messageType, _conversationId } = message as Record<string, unknown>
      const ours = _messageType === kinds.request && _conversationId === conversationId
      return ours ? (message as Request) : undefined
    },
    answer: (request, data) => response(request, responses.answer, data),
    event: (registered, data) => response(registered, responses.event, data),
  }
}

// --- programs: methods by number, parameters by position. Source: Office.js, `OSF.Webkit.MethodId`

interface NativeMessage {
  methodId: number
  params: unknown
  callbackId?: string
}

/** `pair`: the order of an event's data and number, which differs between programs. */
const program = (methods: Methods, pair: (data: unknown[], id: number) => unknown[]): Transport => ({
  read(message) {
    const { methodId, params, callbackId = '' } = message as NativeMessage
    const said = methods[methodId]?.(params as never)
    return said && { _actionType: actions.invoke, _correlationId: callbackId, ...said }
  },
  answer: ({ _actionType, _actionName, _correlationId }, data) => ({
    native: 'answer',
    callbackId: _correlationId,
    payload: (payloads[_actionType === actions.invoke ? _actionName : ''] ?? statusOnly)(data as never),
  }),
  event: ({ _actionName, _correlationId }, data) => ({
    native: 'event',
    callbackId: _correlationId,
    payload: pair(listOf(data), eventIds.indexOf(_actionName)),
  }),
})

const listOf = (data: unknown) => (Array.isArray(data) ? data : Object.values(data ?? {}))

type Said = Pick<Request, '_actionName' | '_data'> & Partial<Request>

type Methods = Record<number, ((params: never) => Said) | undefined>

/** Method → the same message in the form of Outlook on the web. */
const common: Methods = {
  1: ({ id, apiArgs }: { id: number; apiArgs: unknown[] | null }) => execution(id, apiArgs ?? []),
  2: ({ id, targetId }: Registration) => registration(actions.register, id, targetId),
  3: ({ id, targetId }: Registration) => registration(actions.unregister, id, targetId),
  4: ({ values }: { values: string[] }) => outlookCall(404, [JSON.parse(values[0] ?? '{}')]),
  5: () => ({ _actionName: 'ContextActivationManager_getAppContextAsync', _data: null }),
}

/** Without dialogs on Android, where Office.js opens them without its host. */
const withDialogs: Methods = {
  ...common,
  6: (messageContent: string) => coreCall(145, { messageContent }),
  7: (messageToParent: string) => coreCall(144, { messageToParent }),
  8: (text: string) => coreCall(145, JSON.parse(text)),
  9: (text: string) => coreCall(144, JSON.parse(text)),
}

interface Registration {
  id: number
  targetId: string
}

function registration(_actionType: 1 | 2, id: number, targetId: string): Said {
  return { _actionType, _actionName: eventIds[id] ?? `event ${id}`, _data: { targetId } }
}

const initialData = 1

function execution(id: number, given: unknown[]): Said {
  if (id === initialData) return { _actionName: 'GetInitialData', _data: null }
  if (id in coreCalls) return coreCall(id, { ...given })
  return outlookCall(id, named(id, given))
}

const outlookCall = (DispatchId: number, ApiParams: unknown): Said => ({
  _actionName: 'ExecuteMethod',
  _data: { MethodData: { DispatchId }, ApiParams },
})

const coreCall = (DispatchId: number, data: CoreData): Said => ({
  _actionName: 'executeMethod',
  _data: { ...data, DdaMethod: { DispatchId } },
})

/** Parameters by name. Some have a position; the others come last, as JSON. */
function named(id: number, given: unknown[]): Record<string, unknown> {
  const places = Object.entries(calls[id]?.places ?? {})
  const byName = Object.fromEntries(places.map(([name, unpack], place) => [name, unpack(given[place])]))
  const rest = given[places.length]
  return { ...byName, ...(typeof rest === 'string' ? JSON.parse(rest) : {}) }
}

/** Action → the form of its answer in programs. */
const payloads: Record<string, ((data: never) => unknown[]) | undefined> = {
  ContextActivationManager_getAppContextAsync: (context: object) => contextList(context),
  GetInitialData: (data: object) => [0, [JSON.stringify(data), 0]],
  executeMethod: (data) => [0, statusOnly(data)],
  ExecuteMethod: ({ errorCode = 0, ...data }: { error?: boolean; errorCode?: number }) => [
    0,
    data.error ? ['{}', errorCode, '{}'] : [JSON.stringify(data), 0],
  ],
}

const statusOnly = ({ Error: code }: { Error: number }) => [code]

/** Dispatch id → event. Source: Office.js, `OSF.DDA.EventDispId`. */
const eventIds: string[] = Object.assign([], {
  9: 'officeThemeChanged',
  10: 'dialogMessageReceived',
  11: 'dialogNotificationShown',
  12: 'dialogParentMessageReceived',
  39: 'appCommandInvoked',
  46: 'olkItemSelectedChanged',
  47: 'olkRecipientsChanged',
  48: 'olkAppointmentTimeChanged',
  49: 'olkRecurrenceChanged',
  50: 'olkAttachmentsChanged',
  51: 'olkEnhancedLocationsChanged',
  52: 'olkInfobarClicked',
})

/** The context in programs: a list. Source: Office.js, `AppContextProperties`. */
export function contextList(context: object): unknown[] {
  const said = context as Record<string, unknown>
  // Roaming settings are one entry in a list of settings.
  const settings = [['SettingsKey'], [JSON.stringify(said._settings)]]
  const rest = contextPlaces.map((place) => (typeof place === 'string' ? said[place] : place))
  return [settings, ...rest]
}

const documentOpened = 2
const contextPlaces = [
  ...['_id', '_appName', 16, 0, 0, 0, '_clientMode', '_appUILocale', '_dataLocale', 0, '_docUrl'],
  ...[documentOpened, '_osfControlType', '_eToken', 0, '_correlationId', '_appInstanceId', false, true],
  ...['_requirementMatrix', '_hostCustomMessage', '_hostFullVersion', '_initialDisplayMode'],
]
