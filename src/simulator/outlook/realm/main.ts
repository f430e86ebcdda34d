/**
 * The JavaScript-only runtime, in which classic Outlook on Windows runs launch events. Here it is a worker without a
 * worker's other globals. The first message brings the add-in's file. After running it, the worker registers for
 * `appCommandInvoked`, as Office.js does; so Outlook knows that it has started.
 */
import { deviating, type Members } from '../frame/members.ts'
import { goOffline } from '../frame/offline.ts'
import type { Request } from '../host/protocol.ts'
import { leaveOnlyKnown } from './globals.ts'
import { createOffice, type InitialData } from './office.ts'

interface Start {
  conversationId: string
  code: string
  members: Members
  offline: boolean
}

interface Answer {
  _responseType: number
  _correlationId: number
  _data: never
}

const channel = globalThis as unknown as {
  postMessage(message: string): void
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void
}
const [invocation, registration] = [0, 1] as const
const say = channel.postMessage.bind(channel)
const waiting = new Map<number, (data: never) => void>()
const functions = new Map<string, (event: object) => void>()
let conversationId = ''
let count = 0

channel.addEventListener('message', ({ data }) => {
  const message = JSON.parse(data) as Start | Answer
  if ('code' in message) start(message)
  else if (message._responseType === 0) waiting.get(message._correlationId)?.(message._data)
  else invoke(message._data)
})

async function start(given: Start): Promise<void> {
  conversationId = given.conversationId
  const [context, data] = await Promise.all([
    ask<object>('ContextActivationManager_getAppContextAsync', null),
    ask<InitialData>('GetInitialData', null),
  ])
  const office = createOffice({ context: context as never, data, call, associate })
  const { mailbox } = office.context
  mailbox.item = deviating(mailbox.item, given.members)
  if (given.offline) goOffline(globalThis)
  leaveOnlyKnown(globalThis)
  Object.assign(globalThis, { Office: office })
  try {
    // biome-ignore lint/security/noGlobalEval: running the file that the manifest names is this worker's purpose
    globalThis.eval(given.code)
  } catch (error) {
    console.error(error)
  }
  ask('appCommandInvoked', {}, registration)
}

function ask<Data>(
  _actionName: string,
  _data: unknown,
  _actionType: Request['_actionType'] = invocation,
): Promise<Data> {
  const _correlationId = ++count
  const request: Request = { _actionName, _actionType, _correlationId, _data }
  say(JSON.stringify({ _messageType: 0, _conversationId: conversationId, ...request }))
  return new Promise((resolve) => waiting.set(_correlationId, resolve))
}

const call = (DispatchId: number, ApiParams: unknown) =>
  ask<never>('ExecuteMethod', { MethodData: { DispatchId }, ApiParams })

function associate(name: string, act: (event: object) => void): void {
  functions.set(name.toUpperCase(), act)
}

const eventCompleted = 94
const noSuchFunction = 11101

/** Runs the function that the manifest names for the event. If no function is associated, it answers Outlook's error. */
function invoke([id, name, json]: [string, string, string]): void {
  const event = JSON.parse(json) as object
  const completed = (status: number, completedContext?: object) =>
    ask('executeMethod', {
      DdaMethod: { DispatchId: eventCompleted },
      0: id,
      1: status,
      2: JSON.stringify({ ...event, completedContext }),
    })
  const act = functions.get(name.toUpperCase())
  if (act) act({ ...event, completed: (context?: object) => completed(0, context) })
  else completed(noSuchFunction)
}
