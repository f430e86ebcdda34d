import type { Fault } from '../../kit/faults.ts'
import type { AddIn } from '../manifest.ts'
import { record, world } from '../server.ts'
import { answered } from './answers.ts'
import { type Asked, type Call, calls, telemetry } from './calls.ts'
import { type CoreAsked, type CoreData, coreCalls } from './core.ts'
import * as dialogs from './dialogs.ts'
import { OfficeError, officeErrors } from './office-error.ts'
import type { OpenItem } from './open-item.ts'
import { actions, type Request } from './protocol.ts'
import type { Runtime } from './runtime.ts'
import { appContext, initialData } from './start-up.ts'
import { has } from './supported.ts'

type CallHost = Asked['host'] & CoreAsked['host'] & dialogs.DialogHost

/** What the calls use, and the start of Office.js. */
interface DispatchHost extends CallHost {
  addIn: AddIn
  item: OpenItem
  roamingSettings(): Record<string, string>
}

import { underFault } from './under-fault.ts'

/** Answers a message of Office.js: records it, applies a fault if one is set, and does the work. */
export async function dispatch(host: DispatchHost, runtime: Runtime, request: Request): Promise<void> {
  const arrived = performance.now()
  const deed = read(host, runtime, request)
  const fault = deed.call || deed.unrecorded ? await record(entry(runtime, deed)) : undefined
  const answer = await underFault(fault, arrived, () => carryOut(host, deed, fault))
  if (answer !== undefined) runtime.answer(request, answer)
}

/** A message, read: what to record, what to do, and how to answer. */
interface Deed {
  /** The member of Office.js, for the ledger. Missing for messages that Office.js sends to start and to move the focus. */
  call?: string
  /** Its name for faults, if Office.js sends it by itself. */
  unrecorded?: string
  params?: unknown
  does(): unknown
  /** The form of the answer, on success and on failure. */
  well(value: unknown): unknown
  badly(code: number): unknown
}

function read(host: DispatchHost, runtime: Runtime, request: Request): Deed {
  if (request._actionType !== actions.invoke) return registration(host, runtime, request)
  return messages[request._actionName]?.(host, runtime, request._data) ?? unknown(request._actionName)
}

/** `_actionName` → how the message is read. */
const messages: Record<string, (host: DispatchHost, runtime: Runtime, data: unknown) => Deed> = {
  ContextActivationManager_getAppContextAsync: (host, runtime) =>
    plumbing(() => appContext(host.setting, host.addIn, runtime.controlId, host.roamingSettings())),
  GetInitialData: ({ setting, addIn, item }) => ({
    ...plumbing(async () => {
      const { exchange } = await world()
      return initialData(setting, addIn, item.appointment, Date.now(), exchange)
    }),
    unrecorded: 'GetInitialData',
  }),
  ContextActivationManager_notifyHost: (_host, runtime, data) =>
    plumbing(() => steerFocus(runtime, (data as [string, number])[1])),
  ContextActivationManager_openWindowInHost: (host, _runtime, data) => {
    const { strUrl } = data as { strUrl: string }
    return { call: 'window.open', params: strUrl, does: () => host.openWindow(strUrl), ...core }
  },
  ExecuteMethod: (host, runtime, data) => {
    const { MethodData, ApiParams } = data as { MethodData: { DispatchId: number }; ApiParams: unknown }
    return outlookCall(host, runtime, MethodData.DispatchId, ApiParams)
  },
  executeMethod: (host, runtime, data) => {
    const { DdaMethod, ...args } = data as CoreData & { DdaMethod: { DispatchId: number } }
    return coreCall(host, runtime, DdaMethod.DispatchId, args)
  },
}

function outlookCall(host: DispatchHost, runtime: Runtime, id: number, params: unknown): Deed {
  if (telemetry.has(id)) return { does: () => undefined, ...wrappings.data }
  const call = calls[id]
  if (!call) return { ...unknown(`dispatch id ${id}`), ...wrappings.data }
  return {
    call: call.name(params),
    params,
    does: () => call.does({ item: host.item, runtime, host }, params),
    ...wrappings[call.answer ?? 'data'],
  }
}

function coreCall(host: DispatchHost, runtime: Runtime, id: number, data: CoreData): Deed {
  const call = coreCalls[id]
  if (!call) return unknown(`core dispatch id ${id}`)
  return {
    call: call.name,
    params: call.params?.(data),
    does: () => call.does({ runtime, host }, data),
    ...core,
  }
}

/** Registering for an event. Dialogs are opened and closed by the same message. */
function registration(host: DispatchHost, runtime: Runtime, request: Request): Deed {
  const listens = request._actionType === actions.register
  const { targetId } = (request._data ?? {}) as { targetId?: unknown }
  const does = () => (listens ? runtime.register(request) : runtime.unregister(request))
  const more = special[request._actionName]
  if (!more) return { call: `${listens ? '' : 'un'}register:${spelled(request._actionName)}`, does, ...core }
  const both = () => {
    does()
    more.does(host, runtime, listens, targetId)
  }
  const params = more.params?.(targetId)
  return { ...(listens && more.call ? { call: more.call, params } : {}), does: both, ...core }
}

interface Special {
  call?: string
  params?(targetId: unknown): unknown
  does(host: DispatchHost, runtime: Runtime, listens: boolean, targetId: unknown): void
}

/** Events whose registration does more than register. */
const special: Record<string, Special> = {
  appCommandInvoked: { does: () => {} },
  [dialogs.promptEvent]: {
    call: 'ui.displayDialogAsync',
    does: (_host, runtime, listens) => dialogs.prompt(runtime, listens),
  },
  [dialogs.insideEvent]: {
    call: 'ui.displayDialogAsync',
    params: (targetId) => targetId && dialogs.wanted(targetId),
    does: (host, runtime, listens, targetId) =>
      listens ? dialogs.open(host, runtime, targetId) : dialogs.close(host, 'add-in'),
  },
}

/** `olkAppointmentTimeChanged` is `Office.EventType.AppointmentTimeChanged`. */
function spelled(event: string): string {
  const name = event.replace(/^olk/, '')
  return name.charAt(0).toUpperCase() + name.slice(1)
}

async function carryOut({ setting }: DispatchHost, deed: Deed, fault: Fault | undefined): Promise<unknown> {
  if (fault?.code !== undefined) return deed.badly(Number(fault.code))
  if (deed.call && !has(setting, deed.call)) return deed.badly(officeErrors.operationNotSupported)
  try {
    return deed.well(await answered(fault?.answer, deed.does))
  } catch (error) {
    if (error instanceof OfficeError) return deed.badly(error.code)
    console.error(deed.call, error)
    return deed.badly(officeErrors.internalFormatError)
  }
}

const entry = (runtime: Runtime, { call = '', unrecorded, params }: Deed) => ({
  runtime: runtime.kind,
  ...(unrecorded ? { call: unrecorded, unrecorded: true } : { call }),
  ...(params === undefined ? {} : { params }),
})

type Wrapping = Pick<Deed, 'well' | 'badly'>

/** The form of the answer for each kind of Outlook call. */
const wrappings: Record<NonNullable<Call['answer']> | 'data', Wrapping> = {
  data: {
    well: (data) => ({ error: false, data }),
    badly: (errorCode) => ({ error: true, errorCode }),
  },
  token: {
    well: (token) => ({ wasSuccessful: true, token }),
    badly: (errorCode) => ({
      wasSuccessful: false,
      errorCode,
      errorName: 'GenericTokenError',
      errorMessage: 'An internal error has occurred.',
    }),
  },
  properties: {
    well: (properties) => ({ wasSuccessful: true, customProperties: JSON.stringify(properties) }),
    badly: (code) => ({ wasSuccessful: false, errorMessage: `Error ${code}` }),
  },
  ews: {
    well: (body) => ({ wasProxySuccessful: true, body }),
    badly: (code) => ({ wasProxySuccessful: false, errorMessage: `Error ${code}` }),
  },
}

/** Core calls and registrations: Office.js ignores an answer without `Error`. */
const core: Wrapping = {
  well: (value) => ({ Error: 0, Version: 1, ...(value as object | undefined) }),
  badly: (code) => ({ Error: code, Version: 1 }),
}

/** Messages that Office.js sends by itself. The answer is the plain value. */
const plumbing = (does: () => unknown): Deed => ({ does, well: (value) => value, badly: () => null })

const unknown = (call: string): Deed => ({
  call,
  does: () => {
    throw new OfficeError(officeErrors.operationNotSupported)
  },
  ...core,
})

/** Office.js handles Tab, Escape and F2 in the frame and reports where the focus must go. */
function steerFocus(runtime: Runtime, action: number): void {
  const to = focusActions[action]
  if (to) runtime.frame.dispatchEvent(new CustomEvent('leave', { detail: to }))
}

const focusActions: Record<number, 'before' | 'after'> = {
  5: 'after',
  6: 'before',
  13: 'after',
  14: 'before',
  15: 'before',
  16: 'before',
  17: 'after',
  18: 'before',
}
