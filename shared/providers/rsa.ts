import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import { z } from 'zod'

/** RSA-SHA256, as WeChat Pay and Alipay (which calls it RSA2) sign both ways; signatures are base64. */

/** As the providers' pages show keys: PEM, or the base64 in it alone. */
const isBare = (text: string): boolean => /^[A-Za-z0-9+/\s]+=*\s*$/.test(text)
const derOf = (text: string): Buffer => Buffer.from(text, 'base64')

const isLongEnough = (key: KeyObject): boolean =>
  key.asymmetricKeyType === 'rsa' && (key.asymmetricKeyDetails?.modulusLength ?? 0) >= 2048

const publicKeyIn = (text: string): KeyObject | undefined => {
  try {
    const key = createPublicKey(isBare(text) ? { key: derOf(text), format: 'der', type: 'spki' } : text)
    // What holds a private key gives its public one too: that has no place among settings.
    return isLongEnough(key) && !text.includes('PRIVATE') ? key : undefined
  } catch {
    return undefined
  }
}

/** A public key, or the certificate that holds one, of 2048 bits and more. */
export const rsaPublicKey = z.string().transform((text, context): KeyObject => {
  const key = publicKeyIn(text)
  if (key !== undefined) return key
  context.addIssue({ code: 'custom', message: 'expected an RSA public key or a certificate, as PEM or base64' })
  return z.NEVER
})

/** A private key, as `pkcs8` or `pkcs1`; `undefined`: it is none. */
export const privateKeyIn = (text: string): KeyObject | undefined => {
  const forms = isBare(text)
    ? (['pkcs8', 'pkcs1'] as const).map((type) => ({ key: derOf(text), format: 'der', type }) as const)
    : [text]
  for (const form of forms) {
    try {
      const key = createPrivateKey(form)
      return isLongEnough(key) ? key : undefined
    } catch {}
  }
  return undefined
}

export const signatureOf = (text: string, key: KeyObject): string =>
  sign('RSA-SHA256', Buffer.from(text), key).toString('base64')

export const isSignatureOf = (text: string | Buffer, signature: string, key: KeyObject): boolean =>
  /^[A-Za-z0-9+/]{300,1400}={0,2}$/.test(signature) &&
  verify('RSA-SHA256', Buffer.from(text), key, Buffer.from(signature, 'base64'))
