/** A message of Office.js to its host, in the words of Outlook on the web. */
export interface Request {
  _actionName: string
  _actionType: (typeof actions)[keyof typeof actions]
  /** What the answer is told by. */
  _correlationId: number | string
  _data: unknown
}

export const actions = { invoke: 0, register: 1, unregister: 2 } as const

/** How an Outlook and the Office.js in one frame put things to each other. */
export interface Transport {
  /** Undefined: this is no message of Office.js. */
  read(message: object): Request | undefined
  /** What to post for an answer. */
  answer(request: Request, data: unknown): object
  /** What to post for an event that was registered for. */
  event(registered: Request, data: unknown): object
}
