/** A message of Office.js to its host, in the form of Outlook on the web. */
export interface Request {
  _actionName: string
  _actionType: (typeof actions)[keyof typeof actions]
  /** The answer repeats it. */
  _correlationId: number | string
  _data: unknown
}

export const actions = { invoke: 0, register: 1, unregister: 2 } as const

/** The message format between an Outlook and the Office.js in one frame. */
export interface Transport {
  /** Undefined: not a message of Office.js. */
  read(message: object): Request | undefined
  /** The message for an answer. */
  answer(request: Request, data: unknown): object
  /** The message for an event. */
  event(registered: Request, data: unknown): object
}
