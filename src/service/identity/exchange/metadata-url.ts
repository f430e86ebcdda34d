/** Host and path in plain ASCII: no user, query, fragment, escape, or other encoding of a dot or slash. */
const plain = /^https:\/\/[\w.-]+(:\d{1,5})?(\/[\w.-]+)+$/i

/**
 * The canonical form of an Exchange server's metadata address, `https://mail.contoso.example:443/autodiscover/metadata/json/1`.
 * Undefined: the address is not accepted.
 */
export function canonical(amurl: string): string | undefined {
  if (!plain.test(amurl) || !URL.canParse(amurl)) return undefined
  const { hostname, port, pathname } = new URL(amurl)
  return `https://${hostname}:${port || '443'}${pathname}`
}
