import { BlockList, isIP, isIPv4 } from 'node:net'

/** Where a webhook may go. IANA's special-purpose registries (RFC 6890 and its updates) name what is no public address. */

const ipv4 = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24'],
  ...['192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24'],
  ...['224.0.0.0/4', '240.0.0.0/4'],
]
/** Of 2000::/3, outside of which nothing is public: what leads elsewhere, or nowhere. */
const ipv6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20']

const listOf = (networks: readonly string[]): BlockList => {
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', bits] = network.split('/')
    const family = isIPv4(address) ? 'ipv4' : 'ipv6'
    list.addSubnet(address, Number(bits ?? (family === 'ipv4' ? 32 : 128)), family)
  }
  return list
}

const [specialIpv4, specialIpv6, global] = [listOf(ipv4), listOf(ipv6), listOf(['2000::/3'])]

export interface Allowed {
  /** Whether an address may be connected to. */
  connects(address: string): boolean
  /** Whether it was allowed by name: without TLS too. */
  plain(address: string): boolean
}

/** `networks`: addresses and networks that are allowed although they are not public. */
export const allowing = (networks: readonly string[]): Allowed => {
  const named = listOf(networks)
  const plain = (address: string) => isIP(address) !== 0 && named.check(address, isIPv4(address) ? 'ipv4' : 'ipv6')
  const isPublic = (address: string): boolean => {
    if (isIPv4(address)) return !specialIpv4.check(address, 'ipv4')
    return isIP(address) === 6 && global.check(address, 'ipv6') && !specialIpv6.check(address, 'ipv6')
  }
  return { plain, connects: (address) => isPublic(address) || plain(address) }
}

/** What is wrong with an address of a webhook, in words; `undefined`: nothing that can be seen before its name is looked up. */
export const wrongWith = (text: string, allowed: Allowed): string | undefined => {
  if (!URL.canParse(text)) return 'expected an address such as https://shop.example/webhooks'
  const { protocol, username, password, hash, hostname } = new URL(text)
  const host = hostname.replace(/^\[|\]$/g, '')
  if (username !== '' || password !== '') return 'expected an address without a user’s name or password'
  if (hash !== '') return 'expected an address without #'
  if (isIP(host) !== 0 && !allowed.connects(host)) return `expected a public address, got ${host}`
  if (protocol === 'https:' || (protocol === 'http:' && allowed.plain(host))) return undefined
  return 'expected an address that begins with https://'
}
