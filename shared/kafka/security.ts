import { isIP } from 'node:net'
import { connect, type TLSSocket } from 'node:tls'
import { readSecretFile } from '@countermand/settings/secret-file.ts'
import type { KafkaSecurity } from '@countermand/settings/secured.ts'
import { tokensFrom } from './token.ts'

const keepAliveAfterMs = 60_000

/** What kafkajs asks for when it connects. */
interface Asked {
  readonly host: string
  readonly port: number
  readonly onConnect: () => void
}

/** The files are read for each connection: a certificate that was replaced counts from the next one on. */
const tlsSockets =
  ({ caFile, certFile, keyFile }: NonNullable<KafkaSecurity['tls']>) =>
  ({ host, port, onConnect }: Asked): TLSSocket => {
    const socket = connect(
      {
        ...{ host, port },
        // The name that its certificate is to have; an address is compared as it is.
        ...(isIP(host) === 0 && { servername: host }),
        ...(caFile !== undefined && { ca: readSecretFile(caFile, 'KAFKA_SSL_CA_FILE') }),
        ...(certFile !== undefined && { cert: readSecretFile(certFile, 'KAFKA_SSL_CERT_FILE') }),
        ...(keyFile !== undefined && { key: readSecretFile(keyFile, 'KAFKA_SSL_KEY_FILE') }),
      },
      onConnect,
    )
    socket.setKeepAlive(true, keepAliveAfterMs)
    return socket
  }

/** kafkajs reads it at each sign-in, and keeps a field of its own in it. */
const signIn = (sasl: NonNullable<KafkaSecurity['sasl']>) => {
  if (sasl.mechanism === 'oauthbearer')
    return { mechanism: sasl.mechanism, oauthBearerProvider: tokensFrom(sasl.token) }
  const { mechanism, username, passwordFile } = sasl
  const signed = <Name extends string>(name: Name) => ({
    ...{ mechanism: name, username },
    get password() {
      return readSecretFile(passwordFile, 'KAFKA_SASL_PASSWORD_FILE')
    },
  })
  switch (mechanism) {
    case 'scram-sha-512':
      return signed(mechanism)
    case 'scram-sha-256':
      return signed(mechanism)
    case 'plain':
      return signed(mechanism)
  }
}

/** What kafkajs is told so that it speaks as the settings say. There is no way back to speaking in the clear. */
export const securedKafka = ({ tls, sasl }: KafkaSecurity) => ({
  ...(tls !== undefined && { ssl: true, socketFactory: tlsSockets(tls) }),
  ...(sasl !== undefined && { sasl: signIn(sasl) }),
})
