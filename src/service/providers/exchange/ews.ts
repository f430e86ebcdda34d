import { DOMParser } from '@xmldom/xmldom'
import type { ExchangeEndpoint } from '../../identity/exchange/settings.ts'
import { FetchFailed, type Guard } from '../../outbound/guarded-fetch.ts'
import {
  type Account,
  authenticateMessage,
  channelBindings,
  negotiateMessage,
  readChallenge,
} from './ntlm.ts'
import { type Answer, type Connection, overOneConnection } from './one-connection.ts'

/** What an Exchange server says of an account. */
export type Verdict =
  | { kind: 'accepted' }
  /** The server has counted a failed attempt. */
  | { kind: 'refused' }
  /** The password is right, and the account has no calendar that EWS may open. */
  | { kind: 'no_calendar' }
  /** The server does not offer what the administrator configured. No password was checked. */
  | { kind: 'misconfigured' }
  /** `retryAfter`: seconds, if the server says so. */
  | { kind: 'down'; retryAfter?: number }

export type EwsServer = Pick<ExchangeEndpoint, 'internal' | 'ewsAuthentication' | 'channelBindings'> & {
  ewsUrl: string
  /** PEM: the only certificate authorities that are trusted. Undefined: the public ones. */
  ca: Guard['ca']
}

/**
 * Asks the server for the account's calendar folder, by Exchange Web Services (`GetFolder`). The password is sent, or
 * proved, exactly once: no answer leads to a second attempt, because a few failed ones lock the account.
 */
export async function checkAccount(
  server: EwsServer,
  account: Account,
  signal: AbortSignal,
): Promise<Verdict> {
  try {
    return await overOneConnection(server.ewsUrl, server, signal, (connection) =>
      server.ewsAuthentication === 'basic'
        ? byBasic(connection, account)
        : byNtlm(connection, account, server),
    )
  } catch (error) {
    if (error instanceof FetchFailed) return { kind: 'down' }
    throw error
  }
}

/** RFC 7617. The server is asked what it offers before it gets the password. */
async function byBasic({ post }: Connection, { domain, user, password }: Account): Promise<Verdict> {
  const offer = await post('', undefined)
  if (offer.status !== 401) return withoutProof(offer)
  if (!schemes(offer).some((scheme) => /^basic\b/i.test(scheme))) return { kind: 'misconfigured' }
  const name = domain ? `${domain}\\${user}` : user
  return verdictOf(await post(getCalendar, `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`))
}

async function byNtlm(
  { post, certificateHash }: Connection,
  account: Account,
  server: EwsServer,
): Promise<Verdict> {
  const negotiate = negotiateMessage()
  const offer = await post('', `NTLM ${negotiate.toString('base64')}`)
  if (offer.status !== 401) return withoutProof(offer)
  const scheme = schemes(offer).find((one) => /^ntlm \S/i.test(one))
  const challenge = scheme && readChallenge(Buffer.from(scheme.slice('NTLM '.length), 'base64'))
  if (!challenge) return { kind: 'misconfigured' }
  const certificate = certificateHash()
  const bindings = server.channelBindings && certificate ? channelBindings(certificate) : undefined
  const host = new URL(server.ewsUrl).hostname
  const message = await authenticateMessage({ account, negotiate, challenge, host, bindings })
  return verdictOf(await post(getCalendar, `NTLM ${message.toString('base64')}`))
}

/** Each `WWW-Authenticate` line has one scheme: Exchange sends a line for each. */
const schemes = ({ headers }: Answer) => (headers['www-authenticate'] ?? '').split(/,\s*/)

/** An answer to a request that proved nothing yet. */
function withoutProof({ status, headers }: Answer): Verdict {
  return status >= 500 || status === 429 ? down(headers['retry-after']) : { kind: 'misconfigured' }
}

function verdictOf(answer: Answer): Verdict {
  const { status, headers, text } = answer
  if (status === 401) return { kind: 'refused' }
  // A redirect is not followed with a password. A 403 says that EWS is off for this mailbox.
  if (status === 403) return { kind: 'no_calendar' }
  if (status < 200 || (status > 299 && status < 500)) return { kind: 'misconfigured' }
  const { code, backOff } = read(text)
  if (code === 'NoError') return { kind: 'accepted' }
  if (code && noCalendar.includes(code)) return { kind: 'no_calendar' }
  return down(headers['retry-after'], backOff)
}

/** Response codes that say that this account has no calendar for us ([MS-OXWSCDATA] 2.2.5.24). */
const noCalendar = [
  'ErrorAccessDenied',
  'ErrorFolderNotFound',
  'ErrorMissingEmailAddress',
  'ErrorNonExistentMailbox',
  'ErrorNonPrimarySmtpAddress',
]

/** `backOff`: milliseconds, as a busy server says in a fault or in a message. */
function down(retryAfter: string | undefined, backOff?: number): Verdict {
  const seconds = backOff === undefined ? Number(retryAfter) : Math.ceil(backOff / 1000)
  return { kind: 'down', ...(seconds > 0 && { retryAfter: Math.min(seconds, 3600) }) }
}

/** The response code of an answer or a SOAP fault. Undefined: the text is neither. */
function read(text: string): { code?: string; backOff?: number } {
  try {
    const document = new DOMParser({ onError: refuse }).parseFromString(text, 'text/xml')
    const textOf = (name: string) => document.getElementsByTagNameNS('*', name)[0]?.textContent?.trim()
    const values = [...document.getElementsByTagNameNS('*', 'Value')]
    const backOff = values.find((value) => value.getAttribute('Name') === 'BackOffMilliseconds')?.textContent
    const code = textOf('ResponseCode')
    return { ...(code && { code }), ...(backOff && { backOff: Number(backOff) }) }
  } catch {
    return {}
  }
}

function refuse(): never {
  throw new Error('The answer is not XML.')
}

const getCalendar = `<?xml version="1.0" encoding="utf-8"?>
<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"
  xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types"
  xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages">
  <soap:Header><t:RequestServerVersion Version="Exchange2013"/></soap:Header>
  <soap:Body>
    <m:GetFolder>
      <m:FolderShape><t:BaseShape>IdOnly</t:BaseShape></m:FolderShape>
      <m:FolderIds><t:DistinguishedFolderId Id="calendar"/></m:FolderIds>
    </m:GetFolder>
  </soap:Body>
</soap:Envelope>`
