import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'

x509.cryptoProvider.set(webcrypto)

/** A certificate and its private key, in PEM. */
export interface Identity {
  readonly certificate: string
  readonly privateKey: string
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const dayMs = 86_400_000

const newKeys = () => webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])

const pemOf = async (key: webcrypto.CryptoKey): Promise<string> =>
  x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')

const namesOf = (names: readonly string[]) =>
  new x509.SubjectAlternativeNameExtension(
    names.map((value) => ({ type: /^[\d.]+$/.test(value) ? 'ip' : 'dns', value })),
  )

const lifeOf = (untilMs: number) => ({
  notBefore: new Date(Date.now() - 2 * dayMs),
  notAfter: new Date(Date.now() + untilMs),
})

/** An authority of its own for one test or one system: nobody else trusts it. */
export const createAuthority = async (name: string): Promise<Identity> => {
  const keys = await newKeys()
  const { keyCertSign, cRLSign } = x509.KeyUsageFlags
  const own = await x509.X509CertificateGenerator.createSelfSigned({
    ...{ name: `CN=${name}`, keys, signingAlgorithm: algorithm, ...lifeOf(30 * dayMs) },
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(keyCertSign | cRLSign, true),
    ],
  })
  return { certificate: own.toString('pem'), privateKey: await pemOf(keys.privateKey) }
}

/** A server or a client, as an authority signs for it. `names`: what it is called, names or addresses; `untilMs`: how long it is good. */
export const signedBy = async (
  authority: Identity,
  commonName: string,
  {
    names = ['127.0.0.1', 'localhost'],
    untilMs = 30 * dayMs,
  }: { readonly names?: readonly string[]; readonly untilMs?: number } = {},
): Promise<Identity> => {
  const { publicKey, privateKey } = await newKeys()
  const [der] = x509.PemConverter.decode(authority.privateKey)
  if (der === undefined) throw new Error('expected the private key of an authority, got none')
  const { serverAuth, clientAuth } = x509.ExtendedKeyUsage
  const signed = await x509.X509CertificateGenerator.create({
    ...{ subject: `CN=${commonName}`, issuer: new x509.X509Certificate(authority.certificate).subject, publicKey },
    signingKey: await webcrypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign']),
    ...{ signingAlgorithm: algorithm, ...lifeOf(untilMs) },
    extensions: [
      new x509.BasicConstraintsExtension(false),
      new x509.ExtendedKeyUsageExtension([serverAuth, clientAuth]),
      namesOf(names),
    ],
  })
  return { certificate: signed.toString('pem'), privateKey: await pemOf(privateKey) }
}
