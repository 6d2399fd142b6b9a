import { readFileSync } from 'node:fs'
import { standInKey, standInPublicKey } from '@countermand/tools/stand-ins/keys.ts'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { wechatPaySettings } from './account.ts'
import { wechatPayAuthorization, wechatPayKeyId } from './wechat-pay-signature.ts'

const request = z.object({
  ...{ by: z.string(), method: z.string(), path: z.string(), body: z.string(), authorization: z.string() },
})
const file = new URL('../../services/gateway/senders/wechat-pay-vectors.json', import.meta.url)
const { mchid, serial, requests } = z
  .object({ mchid: z.string(), serial: z.string(), requests: z.array(request) })
  .parse(JSON.parse(readFileSync(file, 'utf8')))

/** The fields of an `Authorization`: their order is nobody's concern. */
const fieldsOf = (authorization: string): Record<string, string> =>
  Object.fromEntries([...authorization.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]))

describe('a request to WeChat Pay', () => {
  it.each(requests)('is signed as $by signs it: $method $path', ({ authorization, ...asked }) => {
    const { timestamp, nonce_str: nonce, ...theirs } = fieldsOf(authorization)
    const ours = wechatPayAuthorization(asked, { mchid, serial }, standInKey, Number(timestamp) * 1000, nonce)
    expect(ours).toMatch(/^WECHATPAY2-SHA256-RSA2048 /)
    expect(fieldsOf(ours)).toEqual({ ...theirs, timestamp, nonce_str: nonce })
  })
})

describe('an account at WeChat Pay', () => {
  const settings = { mchid, serial, publicKeys: { PUB_KEY_ID_01: standInPublicKey } }
  it('asks for answers by a key, where it has one that can be asked for', () => {
    expect(wechatPayKeyId(wechatPaySettings.parse(settings))).toBe('PUB_KEY_ID_01')
    const certificates = { '5157F09EFDC096DE': standInPublicKey }
    expect(wechatPayKeyId(wechatPaySettings.parse({ ...settings, publicKeys: certificates }))).toBeUndefined()
  })

  it.each([
    { mchid: '19-1' },
    { serial: 'abcdef12' },
    { publicKeys: {} },
    { publicKeys: { PUB_KEY_ID_01: 'no key' } },
    { publicKeys: { 'my key': standInPublicKey } },
    // A private key has no place among settings.
    { publicKeys: { PUB_KEY_ID_01: standInKey.export({ type: 'pkcs8', format: 'pem' }).toString() } },
    { notifyUrl: 'http://notify.shop.example/notify/wechat-cn' },
    { notifyUrl: 'https://notify.shop.example/notify/wechat-cn?x=1' },
    { apiV3Key: 'in the wrong place' },
  ])('is none with %j', (wrong) => expect(wechatPaySettings.safeParse({ ...settings, ...wrong }).success).toBe(false))
})
