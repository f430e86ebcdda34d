/** A request. `Exchange2013` is the newest schema that servers since 2016 all have, and what is asked of them needs. */
export const envelope = (body: string) =>
  `<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types" xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages"><soap:Header><t:RequestServerVersion Version="Exchange2013"/></soap:Header><soap:Body>${body}</soap:Body></soap:Envelope>`

/** The account's own calendar, in an element of this name. */
export const calendarFolder = (name: string) => `<${name}><t:DistinguishedFolderId Id="calendar"/></${name}>`
