import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { allowing, wrongWith } from './public-address.ts'

const none = allowing([])

describe('an address', () => {
  it.each(['8.8.8.8', '93.184.216.34', '172.32.0.1', '2606:4700::1111', '2a00:1450:4001:81b::200e'])(
    '%s may be connected to',
    (address) => expect(none.connects(address)).toBe(true),
  )

  it.each([
    ...[
      '127.0.0.1',
      '127.8.9.1',
      '0.0.0.0',
      '10.1.2.3',
      '172.16.0.1',
      '172.31.255.255',
      '192.168.1.1',
      '169.254.169.254',
    ],
    ...['100.64.0.1', '192.0.0.8', '198.18.0.1', '203.0.113.7', '224.0.0.1', '255.255.255.255', '240.0.0.1'],
    ...[
      '::',
      '::1',
      '::ffff:127.0.0.1',
      '::ffff:8.8.8.8',
      '::127.0.0.1',
      'fe80::1',
      'fc00::1',
      'fd00:ec2::254',
      'ff02::1',
    ],
    ...['64:ff9b::7f00:1', '2002:7f00:1::', '2001::1', '2001:db8::1', '3fff::1', '', 'localhost', '1.2.3', '0x7f.1'],
  ])('%s may not', (address) => expect(none.connects(address)).toBe(false))

  it('that is written into an IPv6 address of any kind is not reached by it', () => {
    const byte = fc.integer({ min: 0, max: 255 })
    fc.assert(
      fc.property(
        fc.constantFrom('::ffff:', '::', '64:ff9b::', 'fe80::'),
        fc.tuple(byte, byte, byte, byte),
        (before, all) => {
          expect(none.connects(`${before}${all.join('.')}`)).toBe(false)
        },
      ),
    )
  })

  it('may be allowed, and nothing beside it is', () => {
    const some = allowing(['127.0.0.1', '10.0.0.0/8', 'fd00::/8'])
    expect(['127.0.0.1', '10.9.9.9', 'fd00::1'].map(some.connects)).toEqual([true, true, true])
    expect(['127.0.0.2', '11.0.0.1', '192.168.0.1', '::1'].map(some.plain)).toEqual([false, false, false, false])
  })
})

describe('what is wrong with', () => {
  it.each([
    ['https://shop.example/hooks?x=1', undefined],
    ['https://shop.example:8443/', undefined],
    ['https://93.184.216.34/', undefined],
    ['http://shop.example/', 'begins with https'],
    ['ftp://shop.example/', 'begins with https'],
    ['https://127.0.0.1/', 'a public address'],
    ['https://2130706433/', 'a public address'],
    ['https://0x7f.1/', 'a public address'],
    ['https://[::1]/', 'a public address'],
    ['https://[::ffff:10.0.0.1]/', 'a public address'],
    ['https://me:secret@shop.example/', 'password'],
    ['https://shop.example/#x', 'without #'],
    ['shop.example', 'an address such as'],
  ])('%s is said', (url, words) => {
    if (words === undefined) expect(wrongWith(url, none)).toBeUndefined()
    else expect(wrongWith(url, none)).toContain(words)
  })

  it('http is nothing where it was allowed by name', () => {
    expect(wrongWith('http://127.0.0.1:9/x', allowing(['127.0.0.1']))).toBeUndefined()
  })
})
