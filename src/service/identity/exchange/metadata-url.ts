/** Host and path in plain ASCII: no user, no query, no fragment, no escape, no other spelling of a dot or a slash. */
const plain = /^https:\/\/[\w.-]+(:\d{1,5})?(\/[\w.-]+)+$/i

/**
 * The one spelling of an Exchange server's metadata address, `https://mail.contoso.example:443/autodiscover/metadata/json/1`.
 * Undefined: no address that we accept.
 */
export function canonical(amurl: string): string | undefined {
  if (!plain.test(amurl) || !URL.canParse(amurl)) return undefined
  const { hostname, port, pathname } = new URL(amurl)
  return `https://${hostname}:${port || '443'}${pathname}`
}
