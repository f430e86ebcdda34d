import { setTimeout as pause } from 'node:timers/promises'
import { Problem } from '../../../contract/problems.ts'
import { withDeadline } from '../../deadline.ts'
import type { Fields, Log, LoggedCause } from '../../log.ts'
import { FetchFailed } from '../../outbound/guarded-fetch.ts'
import { serialQueue } from '../../serial-queue.ts'
import { Stale } from '../provider.ts'
import { backOffIn, type EwsServer, noCalendar, proofOf } from './ews.ts'
import type { Account } from './ntlm.ts'
import { type Answer, type Connection, connectionTo, type Parts, Unanswered } from './one-connection.ts'
import { envelope } from './soap.ts'
import { all, anywhere, at, type Element, NotXml, parseXml } from './xml.ts'

/** What opens a mailbox. */
export interface ExchangeAccess {
  /** Names the stored password: another one has another id. */
  readonly id: string
  readonly server: EwsServer
  readonly account: Account
}

/** A mailbox on an Exchange server, opened by its person's own account. */
export interface ExchangeCalendar {
  readonly subject: string
  /** Throws what says why there is no access. */
  access(): Promise<ExchangeAccess>
  /**
   * Runs `act`, which tries the password, while nobody else tries it, in any process. `refused`: the server refuses it, and
   * nobody tries it again. If `act` throws `Unanswered`, nobody tries it for a while. Throws what says why there is no access.
   */
  prove<Came>(act: (access: ExchangeAccess, signal: AbortSignal) => Promise<Came | 'refused'>): Promise<Came>
}

/** One of the response messages of an answer. */
export interface Message {
  readonly code: string
  readonly element: Element
}

/** Milliseconds for one call with its retry, before the retry, and for which an idle connection is kept. */
const deadline = 10_000
const wait = 300
const idle = 300_000
/** Seconds after which a server that is busy is asked again, if it does not say, and at most. */
const [usualPause, longestPause] = [60, 3_600]

/** Codes that say that the server, or this account's share of it, is busy ([MS-OXWSCDATA] 2.2.5.24). */
const busy = new Set([
  'ErrorServerBusy',
  'ErrorExceededConnectionCount',
  'ErrorExceededSubscriptionCount',
  'ErrorMailboxStoreUnavailable',
  'ErrorTimeoutExpired',
])
/** A state for changes that the server does not know any more. */
const stale = new Set(['ErrorInvalidSyncStateData', 'ErrorSyncFolderNotFound'])

/** A connection on which the account is proved. */
interface Proved {
  id: string
  connection: Connection
}

/**
 * Requests to Exchange servers. By NTLM, over one connection for each account, which stays proved. By Basic each request has
 * the password, so each proves it, over a connection of its own. A call is tried once more after silence or a server's error;
 * each is safe to repeat. A refused password is tried once: `calendar.prove` sees to that. Throws `calendar_unreachable`,
 * `calendar_busy` with the seconds to wait, `calendar_refuses`, `calendar_not_connected`, `exchange_misconfigured`, and what
 * `access` throws.
 */
export function ewsRequests(log: Log) {
  const inTurn = serialQueue()
  const kept = new Map<string, Proved & { timer: NodeJS.Timeout }>()

  function drop(subject: string): void {
    const found = kept.get(subject)
    clearTimeout(found?.timer)
    found?.connection.close()
    kept.delete(subject)
  }

  function keep(subject: string, proved: Proved): void {
    clearTimeout(kept.get(subject)?.timer)
    const timer = setTimeout(() => drop(subject), idle).unref()
    kept.set(subject, { ...proved, timer })
  }

  /**
   * Proves the account on a new connection by this request, which is the only attempt with its password. Once that has left,
   * nothing but the end of the time for it gives the request up.
   */
  const prove = <Came extends Answer | Parts>(
    calendar: ExchangeCalendar,
    until: AbortSignal,
    send: (connection: Connection, authorization: string, signal: AbortSignal) => Promise<Came>,
  ): Promise<Proved & { came: Came }> =>
    calendar.prove(async ({ id, server, account }, soon) => {
      const signal = AbortSignal.any([until, soon])
      const connection = await connectionTo(server.ewsUrl, server, signal)
      try {
        const proof = await proofOf(connection, server, account, signal)
        if ('kind' in proof) throw problemOf(proof)
        signal.throwIfAborted()
        const came = await send(connection, proof.authorization, soon)
        if ('status' in came && came.status === 401) {
          connection.close()
          return 'refused'
        }
        return { id, connection, came }
      } catch (error) {
        connection.close()
        throw signal.aborted && !(error instanceof Unanswered) ? new FetchFailed('slow', error) : error
      }
    })

  async function send(calendar: ExchangeCalendar, body: string, signal: AbortSignal): Promise<Answer> {
    const { subject } = calendar
    const access = await calendar.access()
    const found = kept.get(subject)
    if (found?.id === access.id) {
      const answer = await found.connection.post(body, undefined, signal).catch(ifFetchFailed)
      if (answer && answer.status !== 401) {
        keep(subject, found)
        return answer
      }
    }
    // The server has ended the connection, or does not know any more who it is.
    drop(subject)
    if (signal.aborted) throw new FetchFailed('slow')
    const { id, connection, came } = await prove(calendar, signal, (connection, authorization, soon) =>
      connection.post(body, authorization, soon),
    )
    if (access.server.ewsAuthentication === 'ntlm') keep(subject, { id, connection })
    else connection.close()
    return came
  }

  async function once(calendar: ExchangeCalendar, operation: string, body: string, signal: AbortSignal) {
    const began = performance.now()
    const answer = await inTurn(calendar.subject, () => send(calendar, body, signal)).catch(ifFetchFailed)
    const status = answer?.status ?? 0
    log.info('exchange call', {
      method: 'POST',
      route: `/EWS/Exchange.asmx/${operation}`,
      status,
      ...(status === 0 && { reason: 'down' }),
      milliseconds: Math.round(performance.now() - began),
    })
    return answer
  }

  return {
    /** The response messages of an operation. `body`: its element, in the namespaces `m` and `t`. */
    async ask(
      calendar: ExchangeCalendar,
      operation: string,
      body: string,
      until: AbortSignal,
    ): Promise<Message[]> {
      const request = envelope(body)
      return withDeadline(
        deadline,
        async (signal) => {
          const answer = await once(calendar, operation, request, signal)
          const isRetried = !answer || (answer.status >= 500 && !said(answer)?.code)
          if (!isRetried || signal.aborted) return messagesIn(answer)
          await pause(wait, undefined, { signal }).catch(() => {})
          return messagesIn(signal.aborted ? answer : await once(calendar, operation, request, signal))
        },
        until,
      )
    },

    /**
     * The bodies of the envelopes of an answer that hangs, as they come, over a connection of its own. `silence`: for so
     * many milliseconds there may be no byte.
     */
    async *stream(
      calendar: ExchangeCalendar,
      operation: string,
      body: string,
      silence: number,
      until: AbortSignal,
    ): AsyncIterable<Element | undefined> {
      const ending = new AbortController()
      const end = () => ending.abort()
      until.addEventListener('abort', end)
      if (until.aborted) end()
      let timer = setTimeout(end, deadline)
      const heard = () => {
        clearTimeout(timer)
        timer = setTimeout(end, silence)
      }
      const { signal } = ending
      let opened: Connection | undefined
      try {
        // Also a stream waits for its turn: two that prove a changed password would be two failed attempts.
        const { connection, came } = await inTurn(calendar.subject, () =>
          prove(calendar, signal, (connection, authorization, soon) =>
            withDeadline(deadline, (begun) => connection.open(envelope(body), authorization, begun), soon),
          ),
        )
        opened = connection
        signal.addEventListener('abort', () => connection.close())
        if (signal.aborted) throw new FetchFailed('slow')
        log.info('exchange call', {
          method: 'POST',
          route: `/EWS/Exchange.asmx/${operation}`,
          status: 'status' in came ? came.status : 200,
        })
        if ('status' in came) {
          messagesIn(came)
          throw new Problem('calendar_unreachable')
        }
        for await (const text of envelopesIn(came.parts, heard)) yield bodyIn(text)
      } catch (error) {
        throw error instanceof FetchFailed ? new Problem('calendar_unreachable', {}, error) : error
      } finally {
        clearTimeout(timer)
        until.removeEventListener('abort', end)
        opened?.close()
      }
    },

    /** Nothing about this person is kept in memory any more. */
    forget: drop,
  }
}

export type EwsRequests = ReturnType<typeof ewsRequests>

function ifFetchFailed(error: unknown): undefined {
  if (!(error instanceof FetchFailed)) throw error
}

function problemOf(verdict: Exclude<Awaited<ReturnType<typeof proofOf>>, { authorization: string }>) {
  if (verdict.kind === 'misconfigured') return new Problem('exchange_misconfigured')
  const { retryAfter } = verdict.kind === 'down' ? verdict : {}
  return retryAfter ? new Problem('calendar_busy', { retryAfter }) : new Problem('calendar_unreachable')
}

/** Each envelope of an answer, as soon as it is whole. `heard` is told of each part. Throws `FetchFailed`. */
async function* envelopesIn(parts: Parts['parts'], heard: () => void): AsyncIterable<string> {
  const decoder = new TextDecoder()
  let text = ''
  const reading = parts[Symbol.asyncIterator]()
  for (;;) {
    const { done, value } = await reading.next().catch((error) => {
      throw new FetchFailed('unreachable', error)
    })
    if (done) return
    heard()
    text += decoder.decode(value, { stream: true })
    for (let end = endOfEnvelope(text); end > 0; end = endOfEnvelope(text)) {
      yield text.slice(0, end)
      text = text.slice(end)
    }
    if (text.length > longestEnvelope) throw new FetchFailed('too_large')
  }
}

/** Characters of one envelope of an answer that hangs. */
const longestEnvelope = 1024 * 1024

function endOfEnvelope(text: string): number {
  const found = /<\/(?:\w+:)?Envelope\s*>/.exec(text)
  return found ? found.index + found[0].length : 0
}

/** The body of an envelope. Undefined: the text is none. */
function bodyIn(text: string): Element | undefined {
  try {
    return at(parseXml(text), 'Body')
  } catch (error) {
    if (error instanceof NotXml) return undefined
    throw error
  }
}

/** What a fault says. */
function said({ text }: Answer): { code: string | undefined; backOff: number | undefined } | undefined {
  const fault = at(bodyIn(text), 'Fault')
  if (!fault) return undefined
  return { code: anywhere(fault, 'ResponseCode')?.text.trim(), backOff: backOffIn(fault) }
}

function messagesIn(answer: Answer | undefined): Message[] {
  if (!answer) throw new Problem('calendar_unreachable')
  const { status, headers } = answer
  const seconds = Number(headers['retry-after'])
  const retryAfter = seconds > 0 ? Math.min(Math.ceil(seconds), longestPause) : usualPause
  if (status === 403) throw failed('calendar_refuses', { status })
  if (status === 429 || status === 503) throw failed('calendar_busy', { status }, retryAfter)
  if (status !== 200) {
    const fault = said(answer)
    throw fault?.code ? failedBy(fault.code, fault.backOff) : failed('calendar_unreachable', { status })
  }
  return messagesOf(bodyIn(answer.text))
}

/** Throws `calendar_unreachable` if it is no answer of an operation. */
export function messagesOf(body: Element | undefined): Message[] {
  const messages = body?.children.flatMap((response) => at(response, 'ResponseMessages')?.children ?? [])
  if (!messages?.length) throw new Problem('calendar_unreachable')
  return messages.map((element) => ({
    element,
    code:
      element.attributes.ResponseClass === 'Success'
        ? 'NoError'
        : (innerCode(element) ?? at(element, 'ResponseCode')?.text.trim() ?? 'unknown'),
  }))
}

/** A server that is busy may say so inside an internal error. */
const innerCode = (element: Element) => {
  const values = at(element, 'MessageXml')
  const inner =
    values && all(values, 'Value').find(({ attributes }) => attributes.Name === 'InnerErrorResponseCode')
  return inner && busy.has(inner.text.trim()) ? inner.text.trim() : undefined
}

/** The element of a message that says no error. Throws `Stale` for a state that the server does not know any more. */
export function succeeded({ code, element }: Message): Element {
  if (code === 'NoError') return element
  if (stale.has(code)) throw new Stale()
  throw failedBy(code, backOffIn(element))
}

function failedBy(code: string, backOff: number | undefined): Problem {
  const fields = /^\w{1,48}$/.test(code) ? { error: code } : {}
  if (noCalendar.has(code)) return failed('calendar_refuses', fields)
  if (!busy.has(code)) return failed('calendar_unreachable', fields)
  const seconds = backOff === undefined ? usualPause : Math.ceil(backOff / 1000)
  return failed('calendar_busy', fields, Math.min(seconds, longestPause))
}

const failed = (
  code: 'calendar_busy' | 'calendar_refuses' | 'calendar_unreachable',
  fields: Fields,
  retryAfter?: number,
) => new Problem(code, retryAfter ? { retryAfter } : {}, new ExchangeRefusal(fields))

/** What the server answered, for the log. */
class ExchangeRefusal extends Error implements LoggedCause {
  constructor(readonly logFields: Fields) {
    super('Exchange refused')
    this.name = 'ExchangeRefusal'
  }
}
