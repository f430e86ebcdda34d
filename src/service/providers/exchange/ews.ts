import { Problem } from '../../../contract/problems.ts'
import type { ExchangeEndpoint } from '../../identity/exchange/settings.ts'
import { basic } from '../../outbound/basic.ts'
import { FetchFailed, type Guard } from '../../outbound/guarded-fetch.ts'
import {
  type Account,
  authenticateMessage,
  channelBindings,
  negotiateMessage,
  readChallenge,
} from './ntlm.ts'
import { type Answer, type Connection, connectionTo, Unanswered, Undecided } from './one-connection.ts'
import { calendarFolders, envelope, isEnvelope } from './soap.ts'
import { all, anywhere, at, type Element, escaped, parseXml } from './xml.ts'

/** What an Exchange server says of an account. */
export type Verdict =
  | { kind: 'accepted' }
  /** The server has counted a failed attempt. */
  | { kind: 'refused' }
  /** The account has no calendar that EWS may open. `mayPass`: a proxy before EWS may say so too. */
  | { kind: 'no_calendar'; mayPass?: true }
  /** The server does not offer what the administrator configured. No password was checked. */
  | { kind: 'misconfigured' }
  /** `retryAfter`: seconds, if the server says so. */
  | { kind: 'down'; retryAfter?: number }

export type EwsServer = Pick<
  ExchangeEndpoint,
  'internal' | 'ewsAuthentication' | 'channelBindings' | 'tlsPins' | 'callbackUrl'
> & {
  ewsUrl: string
  /** PEM: the only certificate authorities that are trusted. Undefined: the public ones. */
  ca: Guard['ca']
  /** Until when accounts, and mailboxes that they act as, are left alone, in milliseconds of `performance.now()`. */
  busyUntil: Map<string, number>
}

interface Opens {
  server: EwsServer
  account: Account
  actsAs?: string
}

const nameOf = ({ account: { domain, user } }: Opens) => `${domain}\\${user}`.toLowerCase()
/** Exchange counts a request for the mailbox that the account acts as ("EWS throttling in Exchange"). */
const mailboxOf = (opens: Opens) => `${nameOf(opens)} ${opens.actsAs ?? ''}`

/** Seconds for which this mailbox is not asked for, because the server has said that it is busy. Undefined: it may be. */
function busyFor(opens: Opens): number | undefined {
  const { busyUntil } = opens.server
  for (const name of [nameOf(opens), mailboxOf(opens)]) {
    const left = (busyUntil.get(name) ?? 0) - performance.now()
    if (left > 0) return Math.ceil(left / 1000)
    busyUntil.delete(name)
  }
  return undefined
}

/** Throws `calendar_busy` with the seconds that are left. */
export function requireFree(opens: Opens): void {
  const retryAfter = busyFor(opens)
  if (retryAfter) throw new Problem('calendar_busy', { retryAfter })
}

/**
 * Leaves the server alone if this answer to the account says that it is busy. Returns for how many seconds. What EWS says
 * inside an answer is about the mailbox, and about no other one that the account acts as.
 */
export function heed(opens: Opens, answer: Answer): number | undefined {
  const seconds = pauseIn(answer)
  const name = [429, 503].includes(answer.status) ? nameOf(opens) : mailboxOf(opens)
  if (seconds) opens.server.busyUntil.set(name, performance.now() + seconds * 1000)
  return seconds
}

/**
 * Asks the server for the account's calendar folder, by Exchange Web Services (`GetFolder`). The password is sent, or
 * proved, exactly once: no answer leads to a second attempt, because a few failed ones lock the account. `actsAs`: the mailbox
 * that the account opens by impersonation. `body`: another operation. Returns what the server says that has judged the
 * password. Throws `Untried`, and `Unanswered` if the server may have counted a failed attempt: `verdictIn` says what that is.
 */
export async function checkAccount(
  server: EwsServer,
  account: Account,
  signal: AbortSignal,
  { actsAs, body = getCalendar }: { actsAs?: string; body?: string } = {},
): Promise<Verdict> {
  const opens = { server, account, ...(actsAs && { actsAs }) }
  const retryAfter = busyFor(opens)
  if (retryAfter) throw new Untried({ kind: 'down', retryAfter })
  try {
    const connection = await connectionTo(server.ewsUrl, server, signal)
    try {
      const proof = await proofOf(connection, server, account, signal)
      if ('kind' in proof) throw new Untried(proof)
      const answer = await connection.post({ body: envelope(body, actsAs), headers: proof }, signal)
      heed(opens, answer)
      return verdictOf(requireDecided(answer))
    } finally {
      connection.close()
    }
  } catch (error) {
    if (error instanceof FetchFailed && !(error instanceof Unanswered)) throw new Untried({ kind: 'down' })
    throw error
  }
}

/** No password was judged. */
class Untried extends Error {
  constructor(readonly verdict: Verdict) {
    super('No password was tried')
    this.name = 'Untried'
  }
}

/** What is known where nobody knows of the password. Any other error is thrown again. */
export function verdictIn(error: unknown): Verdict {
  if (error instanceof Untried) return error.verdict
  if (error instanceof Undecided) return verdictOf(error.answer)
  if (error instanceof Unanswered) return { kind: 'down' }
  throw error
}

/**
 * An answer to the proof of a password. Exchange refuses it by HTTP 401, and who has come through gets an envelope. Throws
 * `Undecided` for anything else, which says nothing of the password: `mayBeRefused` says whether it may hide a refusal.
 */
export function requireDecided(answer: Answer): Answer {
  if (answer.status !== 401 && !isEnvelope(answer.text)) throw new Undecided(answer)
  return answer
}

type Proof = { authorization: string } | Verdict

/** What the next request over this connection proves the account with. A refusal of that counts as a failed attempt. */
export async function proofOf(
  connection: Connection,
  server: EwsServer,
  account: Account,
  signal: AbortSignal,
): Promise<Proof> {
  try {
    return await (server.ewsAuthentication === 'basic'
      ? byBasic(connection, account, server, signal)
      : byNtlm(connection, account, server, signal))
  } catch (error) {
    // Nothing was proved yet.
    throw error instanceof Unanswered ? new FetchFailed(error.reason, error) : error
  }
}

/** RFC 7617. The server is asked what it offers before it gets the password. */
async function byBasic(
  { post }: Connection,
  account: Account,
  server: EwsServer,
  signal: AbortSignal,
): Promise<Proof> {
  const { domain, user, password } = account
  const offer = await post({ body: '' }, signal)
  if (offer.status !== 401) return withoutProof(offer, { server, account })
  if (!schemes(offer).some((scheme) => /^basic\b/i.test(scheme))) return { kind: 'misconfigured' }
  const name = domain ? `${domain}\\${user}` : user
  return { authorization: basic(name, password) }
}

async function byNtlm(
  { post, certificateHash }: Connection,
  account: Account,
  server: EwsServer,
  signal: AbortSignal,
): Promise<Proof> {
  const negotiate = negotiateMessage()
  const offer = await post(
    { body: '', headers: { authorization: `NTLM ${negotiate.toString('base64')}` } },
    signal,
  )
  if (offer.status !== 401) return withoutProof(offer, { server, account })
  const scheme = schemes(offer).find((one) => /^ntlm \S/i.test(one))
  const challenge = scheme && readChallenge(Buffer.from(scheme.slice('NTLM '.length), 'base64'))
  if (!challenge) return { kind: 'misconfigured' }
  const certificate = certificateHash()
  if (server.channelBindings && !certificate) throw new FetchFailed('certificate')
  const bindings = server.channelBindings && certificate ? channelBindings(certificate) : undefined
  const host = new URL(server.ewsUrl).hostname
  const message = await authenticateMessage({ account, negotiate, challenge, host, bindings })
  return { authorization: `NTLM ${message.toString('base64')}` }
}

/** Each `WWW-Authenticate` line has one scheme: Exchange sends a line for each. */
const schemes = ({ headers }: Answer) => (headers['www-authenticate'] ?? '').split(/,\s*/)

/** An answer to a request that proved nothing yet. */
function withoutProof(answer: Answer, opens: Opens): Verdict {
  const { status } = answer
  return status >= 500 || status === 429 ? down(heed(opens, answer)) : { kind: 'misconfigured' }
}

/** What an answer to the proof says of the account, whatever was asked. */
function verdictOf(answer: Answer): Verdict {
  const { status, text } = answer
  if (status === 401) return { kind: 'refused' }
  // A redirect is not followed with a password. A 403 says that EWS is off for this mailbox.
  if (status === 403) return { kind: 'no_calendar', mayPass: true }
  if (status < 200 || (status > 299 && status < 500 && status !== 429)) return { kind: 'misconfigured' }
  const code = codeIn(read(text))
  if (code === 'NoError') return { kind: 'accepted' }
  if (code && noCalendar.has(code)) return { kind: 'no_calendar' }
  return down(pauseIn(answer))
}

/** Response codes that say that this account has no calendar for us ([MS-OXWSCDATA] 2.2.5.24). */
export const noCalendar = new Set([
  'ErrorAccessDenied',
  'ErrorFolderNotFound',
  'ErrorImpersonateUserDenied',
  'ErrorImpersonationDenied',
  'ErrorImpersonationFailed',
  'ErrorMissingEmailAddress',
  'ErrorNonExistentMailbox',
  'ErrorNonPrimarySmtpAddress',
])

/**
 * Codes that say that the mailbox is not here, and that the server passes nothing on to where it is: it has moved, or a pool is
 * set up wrongly. So the password is not deleted at once.
 */
export const elsewhere = new Set(['ErrorProxyRequestNotAllowed'])

const down = (retryAfter: number | undefined): Verdict => ({
  kind: 'down',
  ...(retryAfter && { retryAfter }),
})

/** Undefined: the text is neither an answer nor a SOAP fault. */
function read(text: string): Element | undefined {
  try {
    return parseXml(text)
  } catch {
    return undefined
  }
}

/** The first response code of an answer or a SOAP fault. */
const codeIn = (document: Element | undefined) => document && anywhere(document, 'ResponseCode')?.text.trim()

/** Seconds after which a server that is busy is asked again, if it does not say, and at most. */
const [usualPause, longestPause] = [60, 3_600]
const serverBusy = 'ErrorServerBusy'

/** Seconds for which a busy server wants to be left alone, in whichever of three ways it says so. Undefined: it is not busy. */
export function pauseIn({ status, headers, text }: Answer): number | undefined {
  if (status === 429 || status === 503) return pauseOf(Number(headers['retry-after']))
  // What people write may have that word too.
  const document = text.includes(serverBusy) ? read(text) : undefined
  const busy = document && withCodes(document).filter(isBusy)
  return busy?.length ? pauseOf(Math.max(...busy.map((one) => backOffIn(one) ?? 0)) / 1000) : undefined
}

/** The elements that have a response code: each message of an answer, or what a fault says. */
const withCodes = (element: Element): Element[] =>
  at(element, 'ResponseCode') ? [element] : element.children.flatMap(withCodes)

const isBusy = (element: Element) =>
  at(element, 'ResponseCode')?.text.trim() === serverBusy || innerCodeIn(element) === serverBusy

/** Of what a server says that is busy, in seconds. */
export const pauseOf = (seconds: number) =>
  seconds > 0 ? Math.min(Math.ceil(seconds), longestPause) : usualPause

/** Milliseconds that a busy server wants us to wait, as it says in a fault or in a message. Undefined: it does not say. */
export function backOffIn(element: Element): number | undefined {
  const milliseconds = Number(valueIn(element, 'BackOffMilliseconds'))
  return milliseconds > 0 ? milliseconds : undefined
}

/** A server that is busy may say so inside an internal error. */
export const innerCodeIn = (element: Element) => valueIn(element, 'InnerErrorResponseCode')?.trim()

function valueIn(element: Element, name: string): string | undefined {
  const said = anywhere(element, 'MessageXml')
  return said && all(said, 'Value').find(({ attributes }) => attributes.Name === name)?.text
}

/** Asks for the account's own calendar. */
export const getCalendar = `<m:GetFolder><m:FolderShape><t:BaseShape>IdOnly</t:BaseShape></m:FolderShape>${calendarFolders('m:FolderIds')}</m:GetFolder>`

/**
 * Saves a message in the Inbox of the mailbox. It is sent to nobody. Without the flags it would be a draft
 * (`PidTagMessageFlags`, [MS-OXCMSG] 2.2.1.6).
 */
export const saveMessage = (subject: string, text: string) =>
  `<m:CreateItem MessageDisposition="SaveOnly"><m:SavedItemFolderId><t:DistinguishedFolderId Id="inbox"/></m:SavedItemFolderId><m:Items><t:Message><t:Subject>${escaped(subject)}</t:Subject><t:Body BodyType="Text">${escaped(text)}</t:Body><t:ExtendedProperty><t:ExtendedFieldURI PropertyTag="0x0E07" PropertyType="Integer"/><t:Value>0</t:Value></t:ExtendedProperty></t:Message></m:Items></m:CreateItem>`
