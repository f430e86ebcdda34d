import { type BlockList, isIP } from 'node:net'

/**
 * The client's address: the nearest one that is not a trusted proxy. Each proxy appends its peer to `X-Forwarded-For`.
 * What stands left of an untrusted address may be forged.
 */
export function clientAddress(peer: string, forwardedFor: string | undefined, proxies: BlockList): string {
  const heardFrom = (forwardedFor ?? '').split(',').map((hop) => hop.trim())
  let address = plain(peer)
  while (isOneOf(proxies, address)) {
    const next = plain(heardFrom.pop() ?? '')
    if (!isIP(next)) break
    address = next
  }
  return isIP(address) === 6 ? network(address) : address
}

/** A dual-stack socket shows IPv4 as IPv6. */
const plain = (address: string) => address.replace(/^::ffff:(?=\d+\.)/i, '')

const isOneOf = (proxies: BlockList, address: string) =>
  proxies.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')

/** One household has 2^64 IPv6 addresses: they are limited as one. */
function network(address: string): string {
  const [head = '', tail] = address.split('::')
  const groups = head.split(':')
  const missing = tail === undefined ? 0 : 8 - groups.length - tail.split(':').length
  return [...groups, ...Array<string>(Math.max(0, missing)).fill('0'), ...(tail?.split(':') ?? [])]
    .slice(0, 4)
    .map((group) => Number.parseInt(group || '0', 16).toString(16))
    .join(':')
}
