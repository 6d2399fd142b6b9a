import { createServer } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { senders } from '@countermand/gateway/senders/index.ts'
import type { Account } from '@countermand/providers/account.ts'
import { lookAt } from '@countermand/providers/check/look.ts'
import { looks } from '@countermand/providers/check/providers.ts'
import { type Http, openHttp } from '@countermand/providers/http.ts'
import { Secret } from '@countermand/providers/secret.ts'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createStandIn as alipay, newCredentials as alipayCredentials } from '../stand-ins/alipay/stand-in.ts'
import { listen } from '../stand-ins/control.ts'
import type { RequestFault } from '../stand-ins/faults.ts'
import { newKey, standInPublicKey } from '../stand-ins/keys.ts'
import { createStandIn as paypal } from '../stand-ins/paypal/stand-in.ts'
import { controlAt, listening } from '../stand-ins/started.ts'
import { createStandIn as stripe } from '../stand-ins/stripe/stand-in.ts'
import { createStandIn as ups } from '../stand-ins/ups/stand-in.ts'
import { createStandIn as webhookCarrier } from '../stand-ins/webhook-carrier/stand-in.ts'
import { keyId, newCredentials, createStandIn as wechatPay } from '../stand-ins/wechat-pay/stand-in.ts'

const signing = (text: string) => `whsec_${Buffer.from(text.padEnd(24, '.')).toString('base64')}`
const wechat = newCredentials()
const ali = alipayCredentials()
const secrets = {
  stripe: { apiKey: 'sk_test_planted', webhook: 'whsec_planted_stripe' },
  paypal: { clientSecret: 'planted-paypal' },
  alipay: { privateKey: ali.privateKey },
  'wechat-pay': { privateKey: wechat.privateKey, apiV3Key: wechat.credentials.apiV3Key },
  ups: { clientSecret: 'planted-ups', webhook: 'planted-alert' },
  'webhook-carrier': { signing: signing('planted ask'), webhook: signing('planted tell') },
} as const
const settings = {
  stripe: {},
  paypal: { clientId: 'client', webhookId: 'WEBHOOK1' },
  alipay: { appId: ali.credentials.appId, publicKeys: [standInPublicKey] },
  'wechat-pay': {
    ...{ mchid: wechat.credentials.mchid, serial: wechat.credentials.serial },
    publicKeys: { [keyId]: standInPublicKey },
  },
  ups: { clientId: 'client', contact: { name: 'Desk', telephone: '+1' } },
  'webhook-carrier': { carriers: ['acme'] },
} as const
type Name = keyof typeof secrets
const names = ['stripe', 'paypal', 'alipay', 'wechat-pay', 'ups', 'webhook-carrier'] as const satisfies readonly Name[]

let http: Http
const started = new Map<Name, Awaited<ReturnType<typeof listening>>>()
beforeAll(async () => {
  started.set('stripe', await listening(stripe({ apiKey: secrets.stripe.apiKey })))
  started.set('paypal', await listening(paypal({ clientId: 'client', clientSecret: secrets.paypal.clientSecret })))
  started.set('alipay', await listening(alipay(ali.credentials)))
  started.set('wechat-pay', await listening(wechatPay(wechat.credentials)))
  started.set('ups', await listening(ups({ clientId: 'client', clientSecret: secrets.ups.clientSecret })))
  started.set('webhook-carrier', await listening(webhookCarrier(secrets['webhook-carrier'].signing)))
})
afterAll(() => started.forEach((each) => void each.close()))
beforeEach(() => {
  http = openHttp({ answerMs: 2_000 })
  return () => http.close()
})

const accountAt = (
  name: Name,
  more: { readonly secrets?: object; readonly settings?: object; readonly baseUrl?: string } = {},
): Account => ({
  ...{ name: `${name}-1`, provider: name, baseUrl: more.baseUrl ?? started.get(name)?.url ?? '' },
  settings: { ...settings[name], ...more.settings },
  secrets: new Map(
    Object.entries({ ...secrets[name], ...more.secrets }).map(([key, value]) => [key, [new Secret(String(value))]]),
  ),
})
const look = async (account: Account, more: { readonly now?: () => number; readonly gateway?: URL } = {}) => {
  const how = looks.get(account.provider)
  if (how === undefined) throw new Error(`expected a look at ${account.provider}`)
  const findings = await lookAt(how, account, { http, ...more })
  // Whatever it says, nobody reads a secret in it.
  for (const secret of Object.values(secrets).flatMap((each) => Object.values(each)))
    expect(JSON.stringify(findings)).not.toContain(secret)
  return findings
}
const wrong = async (...of: Parameters<typeof look>) =>
  (await look(...of)).filter(({ ok }) => !ok).map(({ what, words }) => `${what}: ${words}`)
const plan = (name: Name, fault: RequestFault, match = '') =>
  controlAt(started.get(name)?.controlUrl ?? '').plan(fault, { match })

const another = {
  ...{ stripe: { apiKey: 'another' }, paypal: { clientSecret: 'another' }, ups: { clientSecret: 'another' } },
  ...{ 'webhook-carrier': { signing: signing('another') }, 'wechat-pay': { privateKey: newKey().privateKey } },
  alipay: { privateKey: newKey().privateKey },
} as const

describe.each(names)('an account at %s', (name) => {
  it('is as it must be', async () => {
    const findings = await look(accountAt(name))
    expect(findings.map(({ what, ok }) => [what, ok])).toEqual([
      ...[
        ['credentials', true],
        ['clock', true],
        ['notifications', true],
      ],
    ])
  })

  it('has wrong credentials', async () => {
    const account = accountAt(name, { secrets: another[name] })
    expect(await wrong(account)).toEqual([
      expect.stringMatching(/^credentials: .*(wrong, expired or revoked|no token)/),
    ])
  })

  it('has credentials that were taken back, or have expired', async () => {
    await plan(name, 'key-expired', name === 'paypal' || name === 'ups' ? '/v' : '')
    if (name === 'ups') await plan(name, 'key-expired', '/api/')
    const found = await wrong(accountAt(name))
    expect(found).toEqual([expect.stringMatching(/^credentials: .*expired or revoked/)])
    await controlAt(started.get(name)?.controlUrl ?? '').tell('DELETE /faults')
  })

  it('is answered by a page of HTML of somebody on the way', async () => {
    await plan(name, 'html-502')
    expect(await wrong(accountAt(name))).toEqual([
      expect.stringMatching(/^address: what answers is not .*502, and no JSON/),
    ])
  })

  it('is answered half', async () => {
    await plan(name, 'cut-half')
    expect(await wrong(accountAt(name))).toEqual([expect.stringMatching(/^address: .* came to no answer/)])
  })

  it.each([
    [600_000, '10 minutes ahead of'],
    [-600_000, '10 minutes behind'],
  ])('is worked with by a clock that is off by %d ms', async (offMs, words) => {
    const found = await wrong(accountAt(name), { now: () => Date.now() + offMs })
    expect(found).toEqual([expect.stringContaining(`clock: our clock is ${words}`)])
  })

  it('is where nobody answers', async () => {
    const account = accountAt(name, { baseUrl: 'http://127.0.0.1:9' })
    expect(await wrong(account)).toEqual([expect.stringMatching(/^address: nobody answers for .*ECONNREFUSED/)])
  })
})

it('has a key that is none, or is answered by a key that it lacks', async () => {
  const without = accountAt('wechat-pay', { secrets: { privateKey: 'no key' } })
  expect(await wrong(without)).toEqual([expect.stringContaining('credentials: secrets.privateKey is no RSA key')])
  const lacking = accountAt('wechat-pay', { settings: { publicKeys: { PUB_KEY_ID_09: newKey().publicKey } } })
  expect(await wrong(lacking)).toEqual([expect.stringContaining(`settings: WeChat Pay signs by ${keyId}`)])
  const another = accountAt('alipay', { settings: { publicKeys: [newKey().publicKey] } })
  expect(await wrong(another)).toEqual([expect.stringContaining('settings: none of settings.publicKeys')])
})

it('has a key that may not do what it has to', async () => {
  const account = accountAt('stripe', { settings: { connectedAccount: 'acct_another' } })
  expect(await wrong(account)).toEqual([expect.stringContaining('permission: Stripe knows who asks')])
})

describe('what notifications are checked by', () => {
  it.each([
    [accountAt('stripe', { baseUrl: '', secrets: { webhook: 'sk_test_1' } }), 'begins with whsec_'],
    [accountAt('webhook-carrier', { baseUrl: '', secrets: { webhook: 'nothing' } }), 'whsec_ and 24 bytes'],
    [
      accountAt('webhook-carrier', { baseUrl: '', secrets: { webhook: secrets['webhook-carrier'].signing } }),
      'secrets.signing too',
    ],
    [accountAt('ups', { baseUrl: '', secrets: { webhook: secrets.ups.clientSecret } }), 'is the client secret'],
    [{ ...accountAt('paypal', { baseUrl: '' }), settings: { clientId: 'client' } }, 'settings.webhookId is missing'],
    [accountAt('wechat-pay', { baseUrl: '', secrets: { apiV3Key: 'short' } }), '32 characters'],
  ])('is said to be wrong: %#', (account, words) => {
    expect(looks.get(account.provider)?.notifications(account)).toContain(words)
  })

  /** What the gateway does with a post, but for keeping it. */
  const gatewayOf = async (account: Account, status?: number) => {
    const server = createServer(async (request, response) => {
      const posted = { headers: request.headers as Record<string, string>, body: await buffer(request) }
      const said = senders.get(account.provider)?.verify(posted, account, Date.now())
      const isTaken = said?.ok === true || said?.because === 'unreadable'
      response.writeHead(status ?? (isTaken ? 200 : 401)).end()
    })
    return { url: new URL(`http://127.0.0.1:${await listen(server)}`), close: () => server.close() }
  }

  it.each(['stripe', 'ups', 'webhook-carrier'] as const)('is the same at the gateway, or is not: %s', async (name) => {
    const same = await gatewayOf(accountAt(name))
    const other = await gatewayOf(accountAt(name, { secrets: { webhook: signing('of somebody else') } }))
    expect(await wrong(accountAt(name), { gateway: same.url })).toEqual([])
    expect(await wrong(accountAt(name), { gateway: other.url })).toEqual([
      expect.stringContaining('notifications: the gateway checks by another secret'),
    ])
    for (const each of [same, other]) each.close()
  })

  it.each([
    [404, 'does not know stripe-1'],
    [503, 'answers 503'],
  ])('cannot be tried at a gateway that answers %d', async (status, words) => {
    const gateway = await gatewayOf(accountAt('stripe'), status)
    expect(await wrong(accountAt('stripe'), { gateway: gateway.url })).toEqual([expect.stringContaining(words)])
    gateway.close()
  })
})
