import { readSecretFile } from '@countermand/settings/secret-file.ts'
import type { TemporalSecurity } from '@countermand/settings/secured.ts'
import { watchedFile } from '@countermand/settings/watched-file.ts'
import type { TLSConfig } from '@temporalio/client'

/** Where Temporal is, and how it is spoken to (absent: in the clear, by nobody). */
export interface TemporalServer {
  readonly address: string
  readonly security?: TemporalSecurity | undefined
}

const tlsOf = ({ caFile, certFile, keyFile, serverName }: NonNullable<TemporalSecurity['tls']>): TLSConfig => ({
  ...(serverName !== undefined && { serverNameOverride: serverName }),
  ...(caFile !== undefined && {
    serverRootCACertificate: Buffer.from(readSecretFile(caFile, 'TEMPORAL_TLS_SERVER_CA_CERT_PATH')),
  }),
  ...(certFile !== undefined &&
    keyFile !== undefined && {
      clientCertPair: {
        crt: Buffer.from(readSecretFile(certFile, 'TEMPORAL_TLS_CLIENT_CERT_PATH')),
        key: Buffer.from(readSecretFile(keyFile, 'TEMPORAL_TLS_CLIENT_KEY_PATH')),
      },
    }),
})

/** The key as the file has it: looked at for every call, read when it is another. While it cannot be read, the last one counts. */
/** What a header may hold: whoever refuses another quotes it in an error. */
const sendable = /^[\x21-\x7e]+$/

const keyIn = (path: string): (() => string) => {
  const file = watchedFile(path)
  let key = readSecretFile(path, 'TEMPORAL_API_KEY_FILE').trim()
  if (!sendable.test(key))
    throw new Error(`expected TEMPORAL_API_KEY_FILE to be one line of letters, digits and signs: ${path}`)
  return () => {
    try {
      const changed = file.changed()?.trim() ?? ''
      if (sendable.test(changed)) key = changed
    } catch {
      // It is being replaced.
    }
    return key
  }
}

interface Secured {
  readonly tls?: TLSConfig
  readonly apiKey?: () => string
}

/** What a connection is told so that it speaks as the settings say. Throws, in words, when a file cannot be read. */
export const securedTemporal = ({ tls, apiKeyFile }: TemporalSecurity = {}): Secured => ({
  ...(tls !== undefined && { tls: tlsOf(tls) }),
  ...(apiKeyFile !== undefined && { apiKey: keyIn(apiKeyFile) }),
})
