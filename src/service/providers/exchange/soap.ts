import { escaped } from './xml.ts'

/**
 * A request. `Exchange2013` is the newest schema that servers since 2016 all have, and what is asked of them needs. `actsAs`:
 * the address of the mailbox that the account acts as. Undefined: its own.
 */
export const envelope = (body: string, actsAs?: string) =>
  `<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types" xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages"><soap:Header><t:RequestServerVersion Version="Exchange2013"/>${actsAs === undefined ? '' : impersonation(actsAs)}</soap:Header><soap:Body>${body}</soap:Body></soap:Envelope>`

/** Whether a text is an answer of a SOAP service. What stands before it answers something else. */
export const isEnvelope = (text: string) => /^\s*(?:<\?xml[^>]*\?>\s*)?<(?:[\w.-]+:)?Envelope[\s>]/.test(text)

/** The account's own calendar, and others by their ids, in an element of this name. */
export const calendarFolders = (name: string, others: readonly string[] = []) =>
  `<${name}>${ownCalendar}${others.map(folderOf).join('')}</${name}>`

export const ownCalendar = '<t:DistinguishedFolderId Id="calendar"/>'
export const folderOf = (id: string) => `<t:FolderId Id="${escaped(id)}"/>`

const impersonation = (address: string) =>
  `<t:ExchangeImpersonation><t:ConnectingSID><t:PrimarySmtpAddress>${escaped(address)}</t:PrimarySmtpAddress></t:ConnectingSID></t:ExchangeImpersonation>`
