import { BlockList, isIP } from 'node:net'

/** Special-purpose addresses (RFC 6890, RFC 8190). */
const blocks = {
  /** Never connected to: this network, link-local (with cloud metadata services), multicast, reserved. */
  never: {
    ipv4: list('ipv4', ['0.0.0.0/8', '169.254.0.0/16', '192.0.0.0/24', '224.0.0.0/4', '240.0.0.0/4']),
    // The last five embed an IPv4 address, which would bypass the IPv4 list.
    ipv6: list('ipv6', [
      ...['fe80::/10', 'ff00::/8', '100::/64', '2001:db8::/32', 'fd00:ec2::/32'],
      ...['::ffff:0:0/96', '64:ff9b::/96', '64:ff9b:1::/48', '2001::/32', '2002::/16'],
    ]),
  },
  /** Connected to only if the administrator says so: loopback, private, carrier-grade NAT, benchmarks, documentation. */
  internal: {
    ipv4: list('ipv4', [
      ...['127.0.0.0/8', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10'],
      ...['198.18.0.0/15', '192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24'],
    ]),
    ipv6: list('ipv6', ['::/96', 'fc00::/7', 'fec0::/10']),
  },
} as const

/** Whether the service may connect to this address. `inside`: the administrator configured a private address. */
export function isAllowed(address: string, inside: boolean): boolean {
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
  if (!isIP(address) || blocks.never[family].check(address, family)) return false
  return inside || !blocks.internal[family].check(address, family)
}

function list(family: 'ipv4' | 'ipv6', nets: readonly string[]): BlockList {
  const made = new BlockList()
  for (const net of nets) {
    const [address = '', prefix] = net.split('/')
    made.addSubnet(address, Number(prefix), family)
  }
  return made
}
