import { hash } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { Problem } from '../../../contract/problems.ts'
import { withDeadline } from '../../deadline.ts'
import type { Fields, Log, LoggedCause } from '../../log.ts'
import { FetchFailed } from '../../outbound/guarded-fetch.ts'
import { serialQueue } from '../../serial-queue.ts'
import { Stale } from '../provider.ts'
import {
  backOffIn,
  type EwsServer,
  elsewhere,
  heed,
  innerCodeIn,
  noCalendar,
  pauseIn,
  pauseOf,
  proofOf,
  requireDecided,
  requireFree,
} from './ews.ts'
import type { Account } from './ntlm.ts'
import {
  type Answer,
  type Connection,
  connectionTo,
  type Parts,
  type Request,
  Unanswered,
  Undecided,
} from './one-connection.ts'
import { silentServers } from './silence.ts'
import { envelope } from './soap.ts'
import { anywhere, at, type Element, NotXml, parseXml } from './xml.ts'

/** What opens a mailbox. */
export interface ExchangeAccess {
  /** Names the stored password: another one has another id. */
  readonly id: string
  readonly server: EwsServer
  readonly account: Account
  /** The address of the mailbox, where the account acts as others. Undefined: it is the account's own. */
  readonly actsAs?: string
}

/** By which the requests about a group of subscriptions reach the server of a pool that has them. */
export interface Affinity {
  /** The address of the first mailbox of the group. */
  readonly anchor: string
  /** What the server answered to the first subscription. */
  cookie?: string | undefined
}

/** A mailbox on an Exchange server, opened by its person's own account, or by one that acts as it. */
export interface ExchangeCalendar {
  readonly subject: string
  /** Throws what says why there is no access. */
  access(): Promise<ExchangeAccess>
  /**
   * Runs `act`, which tries the password, while nobody else tries it, in any process. `refused`: the server refuses it, and
   * nobody tries it again. If `act` throws an `Unanswered` that `mayBeRefused`, nobody tries it for a while. Throws what says why there is no access.
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
/** Silence of a server counts that had so many of them: a call may have waited here, for its turn or for a password. */
const itsTime = 5_000
/**
 * Connections of an account that acts as others. By NTLM, who waits for a slow answer does not hold up all of its mailboxes; by
 * Basic each request waits for its turn with the password, whichever connection it has.
 */
const lanes = 8

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
 * Requests to Exchange servers. By NTLM, over one connection for each account, or up to eight where it acts as others, which
 * stay proved. By Basic each request has the password, so each proves it, over a connection of its own. A call is tried once
 * more after silence or a server's error; each is safe to repeat. While a server is busy, as it has said to an account, that
 * asks nothing, and a silent server gets few calls. A refused password is tried once: `calendar.prove` sees to that. Throws `calendar_unreachable`,
 * `calendar_busy` with the seconds to wait, `calendar_refuses`, `calendar_not_connected`, `exchange_misconfigured`, and what
 * `access` throws.
 */
export function ewsRequests(log: Log) {
  const inTurn = serialQueue()
  const kept = new Map<string, Proved & { timer: NodeJS.Timeout }>()
  const silent = silentServers()

  function drop(lane: string): void {
    const found = kept.get(lane)
    clearTimeout(found?.timer)
    found?.connection.close()
    kept.delete(lane)
  }

  function keep(lane: string, proved: Proved): void {
    clearTimeout(kept.get(lane)?.timer)
    const timer = setTimeout(() => drop(lane), idle).unref()
    kept.set(lane, { ...proved, timer })
  }

  /**
   * Proves the account on a new connection by this request, which is the only attempt with its password. Once that has left,
   * nothing but the end of the time for it gives the request up.
   */
  const prove = <Came extends Answer | Parts>(
    calendar: ExchangeCalendar,
    asking: Asking,
    until: AbortSignal,
    send: (connection: Connection, request: Request, signal: AbortSignal) => Promise<Came>,
  ): Promise<Proved & { access: ExchangeAccess; came: Came }> =>
    calendar.prove((access, soon) =>
      hear(access.server, async () => {
        const { id, server, account } = access
        requireFree(access)
        const signal = AbortSignal.any([until, soon])
        const connection = await connectionTo(server.ewsUrl, server, signal)
        try {
          const proof = await proofOf(connection, server, account, signal)
          if ('kind' in proof) throw problemOf(proof)
          signal.throwIfAborted()
          const came = await send(connection, requestOf(asking, access, proof.authorization), soon)
          if ('status' in came) {
            heed(access, came)
            if (requireDecided(came).status === 401) {
              connection.close()
              return 'refused'
            }
          }
          return { id, access, connection, came }
        } catch (error) {
          connection.close()
          throw signal.aborted && !(error instanceof Unanswered) ? new FetchFailed('slow', error) : error
        }
      }),
    )

  /** Notes whether the server answers at all. */
  async function hear<Came>({ ewsUrl }: EwsServer, call: () => Promise<Came>): Promise<Came> {
    const began = performance.now()
    try {
      const came = await call()
      silent.forget(ewsUrl)
      return came
    } catch (error) {
      if (error instanceof Undecided) silent.forget(ewsUrl)
      const isSlow = error instanceof FetchFailed && error.reason === 'slow'
      if (isSlow && performance.now() - began > itsTime) silent.add(ewsUrl)
      throw error
    }
  }

  async function send(calendar: ExchangeCalendar, lane: string, asking: Asking, signal: AbortSignal) {
    // Access may have ended meanwhile.
    const access = await calendar.access()
    requireFree(access)
    silent.require(access.server.ewsUrl)
    const found = kept.get(lane)
    if (found?.id === access.id) {
      const post = () => found.connection.post(requestOf(asking, access), signal)
      const answer = await hear(access.server, post).catch(ifFetchFailed)
      if (answer && answer.status !== 401) {
        heed(access, answer)
        keep(lane, found)
        return answer
      }
    }
    // The server has ended the connection, or does not know any more who it is.
    drop(lane)
    if (signal.aborted) throw new FetchFailed('slow')
    const proved = await prove(calendar, asking, signal, (connection, request, soon) =>
      connection.post(request, soon),
    ).catch(ifUndecided)
    if (!('came' in proved)) return proved
    const { id, connection, came } = proved
    if (access.server.ewsAuthentication === 'ntlm') keep(lane, { id, connection })
    else connection.close()
    return came
  }

  async function once(calendar: ExchangeCalendar, operation: string, asking: Asking, signal: AbortSignal) {
    const began = performance.now()
    const lane = laneOf(calendar.subject, await calendar.access())
    let failed: FetchFailed | undefined
    const answer = await inTurn(lane, () => send(calendar, lane, asking, signal)).catch((error) => {
      if (!(error instanceof FetchFailed)) throw error
      failed = error
      return undefined
    })
    const reason = failed?.reason === 'certificate' || failed?.reason === 'too_large' ? failed.reason : 'down'
    if (answer && asking.affinity) asking.affinity.cookie ??= cookieIn(answer)
    const status = answer?.status ?? 0
    log.info('exchange call', {
      method: 'POST',
      route: `/EWS/Exchange.asmx/${operation}`,
      status,
      ...(status === 0 ? { reason } : answer && pauseIn(answer) && { reason: 'busy' }),
      milliseconds: Math.round(performance.now() - began),
    })
    if (failed && isTooLarge(failed)) throw new Problem('calendar_unreachable', {}, failed)
    return answer
  }

  return {
    /** The response messages of an operation. `body`: its element, in the namespaces `m` and `t`. */
    async ask(
      calendar: ExchangeCalendar,
      operation: string,
      body: string,
      until: AbortSignal,
      affinity?: Affinity,
    ): Promise<Message[]> {
      const request = { body, affinity }
      return withDeadline(
        deadline,
        async (signal) => {
          const answer = await once(calendar, operation, request, signal)
          const isRetried = !answer || (answer.status >= 500 && answer.status !== 503 && !said(answer)?.code)
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
      affinity?: Affinity,
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
        const opens = await calendar.access()
        // Also a stream waits for its turn: two that prove a changed password would be two failed attempts.
        const { access, connection, came } = await inTurn(laneOf(calendar.subject, opens), async () => {
          silent.require(opens.server.ewsUrl)
          return prove(calendar, { body, affinity }, signal, (connection, request, soon) =>
            withDeadline(deadline, (begun) => connection.open(request, begun), soon),
          )
        })
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
        for await (const text of envelopesIn(came.parts, heard)) {
          heed(access, { status: 200, headers: {}, text })
          yield bodyIn(text)
        }
      } catch (error) {
        if (error instanceof Undecided) messagesIn(error.answer)
        throw error instanceof FetchFailed ? new Problem('calendar_unreachable', {}, error) : error
      } finally {
        clearTimeout(timer)
        until.removeEventListener('abort', end)
        opened?.close()
      }
    },

    /** No connection of a person's own account is kept any more. */
    forget: (subject: string) => drop(subject),
  }
}

export type EwsRequests = ReturnType<typeof ewsRequests>

interface Asking {
  body: string
  affinity: Affinity | undefined
}

/** What has limits and connections of its own: a person's own account, or one that acts as others. */
export const accountOf = (subject: string, { server, account, actsAs }: ExchangeAccess) =>
  actsAs === undefined ? subject : `${server.ewsUrl} ${account.domain}\\${account.user}`

/** Which connection the requests of a mailbox share. */
const laneOf = (subject: string, access: ExchangeAccess) =>
  access.actsAs === undefined
    ? subject
    : `${accountOf(subject, access)} ${hash('sha256', subject, 'buffer').readUInt8() % lanes}`

/** "Maintain affinity between a group of subscriptions and the Mailbox server in Exchange" */
function requestOf({ body, affinity }: Asking, { actsAs }: ExchangeAccess, authorization?: string): Request {
  const anchor = affinity?.anchor ?? actsAs
  return {
    body: envelope(body, actsAs),
    headers: {
      ...(authorization && { authorization }),
      ...(anchor && { 'x-anchormailbox': anchor }),
      ...(affinity && { 'x-preferserveraffinity': 'true' }),
      ...(affinity?.cookie && { cookie: affinity.cookie }),
    },
  }
}

const cookieIn = ({ headers }: Answer) =>
  headers['set-cookie']
    ?.find((cookie) => cookie.toLowerCase().startsWith('x-backendoverridecookie='))
    ?.split(';')[0]

function ifUndecided(error: unknown): Answer {
  if (error instanceof Undecided) return error.answer
  throw error
}

function ifFetchFailed(error: unknown): undefined {
  if (!(error instanceof FetchFailed) || isTooLarge(error)) throw error
}

/** Whether an answer, of which a `Problem` may tell, is larger than is read. The same request would get it again. */
export const isTooLarge = (error: unknown): boolean =>
  error instanceof FetchFailed
    ? error.reason === 'too_large'
    : error instanceof Problem && isTooLarge(error.cause)

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
  if (status === 403) throw failed('calendar_refuses', { status })
  if (status === 429 || status === 503)
    throw failed('calendar_busy', { status }, pauseOf(Number(headers['retry-after'])))
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
        : (busyIn(element) ?? at(element, 'ResponseCode')?.text.trim() ?? 'unknown'),
  }))
}

function busyIn(element: Element): string | undefined {
  const code = innerCodeIn(element)
  return code && busy.has(code) ? code : undefined
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
  return failed('calendar_busy', fields, pauseOf((backOff ?? 0) / 1000))
}

const failed = (
  code: 'calendar_busy' | 'calendar_refuses' | 'calendar_unreachable',
  fields: Fields,
  retryAfter?: number,
) => new Problem(code, retryAfter ? { retryAfter } : {}, new ExchangeRefusal(fields))

/**
 * Whether the server may have the mailbox all the same: it has said that it is elsewhere, or HTTP 403, which a proxy before it
 * says too.
 */
export const mayPass = (error: unknown) =>
  error instanceof Problem &&
  error.cause instanceof ExchangeRefusal &&
  (error.cause.logFields.status === 403 || elsewhere.has(String(error.cause.logFields.error)))

/** What the server answered, for the log. */
class ExchangeRefusal extends Error implements LoggedCause {
  constructor(readonly logFields: Fields) {
    super('Exchange refused')
    this.name = 'ExchangeRefusal'
  }
}
