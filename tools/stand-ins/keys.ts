import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'

/** Keys of RSA, for stand-ins of providers that sign by them. */

/** What the stand-ins sign by: made by OpenSSL. Nobody else signs with it, and no account but theirs takes it. */
export const standInKey = createPrivateKey(`-----BEGIN PRIVATE KEY-----
MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQCs4gefysxsd+z2
dgFZwUa1U/DTL8mjvELrLqSJRZgoHeyH3qMU4+7/JLuLnrPm+psWncxyYBtSJ8rY
Qr/YMX9wUciLVu4O0+CsK+ndSl5x+L/nH2OdtRYVKrJFSipVpoG7NAvNRQOwiO8j
O4Ju/Tyie/AZ2QZy1fNyj+Pw3N7gI4gpz1kDDGjHSAz1naNCBEoNOilwQx+xnKr7
+z+VOrrrclwm3BSoRLWIaHGR4oNQrC/0vb0X2GTE1o0XsFF9jg87rJj7AvewkbWG
8p+500RxLp9yW/2NxCp9fzUvz4nkXSqNdvxuN/jS7oBRlWyf0GpoNVCL/k5GHEtl
J8Zf5yJPAgMBAAECggEABSvzz29pIxuJTqwkCTPTciwzKZYl4YyJsfBgwqx+y0Bt
6XibB050QVSveZNDTXcUuZ351jgSySfglQyWIZkFd24y4hw1HeNvtqbPpauKXL10
vCy/taGLqhFvaMw5rPtAqUF60uasIBVQlgy7L6fKrw+nFJbd7wSAdl5gkr2Au1K4
KcEVD3rDFmr8Q79qJIQzqzwfGv+lYdPdvYwftERRpcmq3tPVduLfrVebAEJJUYFw
rgA0mKmaT8mGkVPXspGaluAGsxKXNpiYLfnlYm3NtnW7Pt6tUESaSNzt9bEsOetq
fLyvS77YB5cXOnJGoykkXRI1jDkPuucd/hWSpu+VvQKBgQDjPqYX8XyxJ+RFmTS1
9I8xTJ5lexKwb7ytoHiBzlTaEYTOFPFWtzScKhJOcYwOrkWZEGx8WDAnbZ2kueo8
Z0QHU3etRwOiydOwi38/bM9kAmYQiUwyBjU4gd3c5OU3VtQY7UqHQgJy9c6J1o2M
UBpc6PQHIcaP5vxRv86gSQXWzQKBgQDCwmNzh39SI6gc7M6IHOcAqziL28I91i4h
3ZXF4xmZR7QlFc7CjGhcuBKVRR+aM/Zl3f/TA6mt6gOmgibWjSRWlWeTWoNPQxYw
hWW/tiwC3wX4A2IqmSHW9SN9bSzMPYmJvQJXeZ/HOiWJPxgwCb/og/JFYDbV8hyH
TDg2R6+FiwKBgA3XixZ6RzYjT+xNYMCUnQRLvno//OtyYvPQioadot2Fo6lJ7Uly
72lzxpmwoO9j/ilMrs8EMCq2qpuWF4aGY8ZudyO+56HK2XIvjRi38AoPe1gWhOWn
Kya+Al2qM6wjRdge3CNRCgUmo+YRg53AY1q1defZTtcFIul33YY17H0hAoGBAJXl
2XeM3TDSIs0IcjmOzTjVj7MNVCYV1/HWwzTIguZXqs40R6uzN4vNXPgoeJdN0SI8
SG8XzZv+lgqs98mAXmyJl2txackyoDx+H377bkpTbxuhNwgETmhMyqD5y1XzMw2h
PNEo2hITrdpBhpNKnbsO+wPsdqgaLVzxC/6zE+PbAoGACa4yx3nbXTBYXU1yzf9Z
qzeKnDq70kr9OuTkbgUbyIq+flY19MW+h3Dd0Zdf8prCe4vYcPdZ7x4VVcZg7o7t
ZSV82xni/mZWzs2pD9rhJ1huVK12ZVMU6KsZLlq2tsBA/ioxaZNUYXHR5mLv+Xzv
6iUvPQyAybUd8k7qzuSesU0=
-----END PRIVATE KEY-----
`)

const derOf = (text: string) => ({ key: Buffer.from(text, 'base64'), format: 'der', type: 'pkcs8' }) as const

/** Of a private key: as its object, or as base64. */
export const publicTextOf = (key: KeyObject | string): string =>
  createPublicKey(typeof key === 'string' ? createPrivateKey(derOf(key)) : key)
    .export({ type: 'spki', format: 'der' })
    .toString('base64')

/** As an account has it, of what the stand-ins sign by. */
export const standInPublicKey: string = publicTextOf(standInKey)

/** One of a merchant, as providers' tools give it: base64, without its frame. */
export const newKey = (): { readonly privateKey: string; readonly publicKey: string } => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const text = privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64')
  return { privateKey: text, publicKey: publicTextOf(privateKey) }
}
