import { XmlDocument, type XmlElement } from 'libxml2-wasm'

const types = 'http://schemas.microsoft.com/exchange/services/2006/types'
const messages = 'http://schemas.microsoft.com/exchange/services/2006/messages'
const namespaces = { t: types, m: messages, s: 'http://schemas.xmlsoap.org/soap/envelope/' }

/** A request that an XML parser has read. It is gone when `read` returns. */
export interface Asked {
  /** `GetItem`. */
  operation: string
  /** The address of the mailbox that the account wants to act as (`ExchangeImpersonation`). Undefined: its own. */
  actsAs: string | undefined
  /** The elements at an XPath from the operation, with the prefixes `t` and `m`. */
  all(path: string): XmlElement[]
  /** The attribute or the text at an XPath. Undefined: there is none. */
  value(path: string): string | undefined
}

/** Calls `act` with what a SOAP request asks. Undefined: it is none. */
export function read<Answer>(text: string, act: (asked: Asked) => Answer): Answer | undefined {
  let document: XmlDocument | undefined
  try {
    document = XmlDocument.fromString(text)
  } catch {
    return undefined
  }
  try {
    const operation = document.get('/s:Envelope/s:Body/m:*', namespaces) as XmlElement | null
    if (!operation) return undefined
    return act({
      operation: operation.name,
      actsAs: document.get('/s:Envelope/s:Header/t:ExchangeImpersonation/t:ConnectingSID/*', namespaces)
        ?.content,
      all: (path) => operation.find(path, namespaces) as XmlElement[],
      value: (path) => operation.get(path, namespaces)?.content,
    })
  } finally {
    document.dispose()
  }
}

export const escaped = (text: string) =>
  text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`)

const envelope = (body: string) =>
  `<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Header><h:ServerVersionInfo MajorVersion="15" MinorVersion="2" MajorBuildNumber="1544" MinorBuildNumber="4" Version="V2017_07_11" xmlns:h="${types}" xmlns="${types}"/></s:Header><s:Body>${body}</s:Body></s:Envelope>`

/** One response message: a code, and what goes with it. `more`: of an error, what is after its code. */
export interface Said {
  code: string
  inside?: string
  more?: string
}

const messageOf = (operation: string, { code, inside = '', more = '' }: Said) =>
  `<m:${operation}ResponseMessage ResponseClass="${code === 'NoError' ? 'Success' : 'Error'}">${code === 'NoError' ? '' : '<m:MessageText>It went wrong.</m:MessageText>'}<m:ResponseCode>${code}</m:ResponseCode>${code === 'NoError' ? '' : '<m:DescriptiveLinkKey>0</m:DescriptiveLinkKey>'}${more}${inside}</m:${operation}ResponseMessage>`

/** The answer of an operation, with a message for each thing that was asked. */
export const responseOf = (operation: string, all: readonly Said[]) =>
  envelope(
    `<m:${operation}Response xmlns:m="${messages}" xmlns:t="${types}"><m:ResponseMessages>${all
      .map((said) => messageOf(operation, said))
      .join('')}</m:ResponseMessages></m:${operation}Response>`,
  )

/** What the server sends by itself to who has subscribed by push. */
export const notificationOf = (inside: string) =>
  envelope(
    `<m:SendNotification xmlns:m="${messages}" xmlns:t="${types}"><m:ResponseMessages><m:SendNotificationResponseMessage ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode><m:Notification>${inside}</m:Notification></m:SendNotificationResponseMessage></m:ResponseMessages></m:SendNotification>`,
  )

/** In milliseconds. */
const value = (name: string, text: string | number) => `<t:Value Name="${name}">${text}</t:Value>`
export const busyDetail = `<m:MessageXml>${value('InnerErrorResponseCode', 'ErrorServerBusy')}${value('BackOffMilliseconds', 45_000)}</m:MessageXml>`

/** A SOAP fault with a code. */
export const fault = (code: string, detail = '') =>
  envelope(
    `<s:Fault><faultcode xmlns:a="${types}">a:${code}</faultcode><faultstring xml:lang="en-US">It went wrong.</faultstring><detail><e:ResponseCode xmlns:e="http://schemas.microsoft.com/exchange/services/2006/errors">${code}</e:ResponseCode>${detail}</detail></s:Fault>`,
  )

export const busyFault = fault(
  'ErrorServerBusy',
  `<t:MessageXml xmlns:t="${types}">${value('BackOffMilliseconds', 30_000)}</t:MessageXml>`,
)
