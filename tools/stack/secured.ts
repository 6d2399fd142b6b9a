import { randomBytes } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createAuthority, type Identity, signedBy } from './certificates.ts'

/** What secured doors of the parts are made of, and what their clients need. All that is a path is of a file in the stack's home. */
export interface Secured {
  readonly authority: Identity
  /** Who signs the certificates of the servers, and of clients that show theirs. */
  readonly caFile: string
  readonly certFile: string
  readonly keyFile: string
  /** Certificate and key of Kafka's door, in one file as its broker reads them. */
  readonly serverFile: string
  readonly server: Identity
  /** May do everything in Kafka. */
  readonly username: string
  /** Those who have rights of their own there, each with the same password; who is none of them has none. */
  readonly principals: readonly string[]
  readonly password: string
  readonly passwordFile: string
  /** Where Kafka listens beside its plain door. */
  readonly kafkaPort: number
}

/** Makes an authority, a certificate of the servers and one of a client, and a password. */
export const makeSecured = async (home: string, kafkaPort: number, principals: readonly string[]): Promise<Secured> => {
  const directory = join(home, 'secured')
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const authority = await createAuthority('Countermand test authority')
  const [server, client] = await Promise.all([signedBy(authority, 'server'), signedBy(authority, 'countermand')])
  const password = randomBytes(18).toString('base64url')
  const file = async (name: string, content: string) => {
    const path = join(directory, name)
    await writeFile(path, content, { mode: 0o600 })
    return path
  }
  const [caFile, certFile, keyFile, serverFile, passwordFile] = await Promise.all([
    file('ca.pem', authority.certificate),
    file('client.pem', client.certificate),
    file('client.key', client.privateKey),
    file('server.pem', `${server.privateKey}\n${server.certificate}\n`),
    file('kafka.password', `${password}\n`),
  ])
  const files = { caFile, certFile, keyFile, serverFile, passwordFile }
  return { ...files, authority, server, username: 'countermand', principals, password, kafkaPort }
}

/** Of Kafka: a door with TLS where everybody signs in, and may show a certificate. */
export const securedDoor = ({ caFile, serverFile, username, password }: Secured): Record<string, string> => {
  const login = 'org.apache.kafka.common.security'
  const settings = {
    'sasl.enabled.mechanisms': 'SCRAM-SHA-512,SCRAM-SHA-256,PLAIN,OAUTHBEARER',
    'scram-sha-512.sasl.jaas.config': `${login}.scram.ScramLoginModule required;`,
    'scram-sha-256.sasl.jaas.config': `${login}.scram.ScramLoginModule required;`,
    'plain.sasl.jaas.config': `${login}.plain.PlainLoginModule required user_${username}="${password}";`,
    // Tokens that nobody has signed, which Kafka takes for tests: who is meant is in them.
    'oauthbearer.sasl.jaas.config': `${login}.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="broker";`,
    ...{ 'ssl.keystore.type': 'PEM', 'ssl.keystore.location': serverFile },
    ...{ 'ssl.truststore.type': 'PEM', 'ssl.truststore.location': caFile },
    'ssl.client.auth': 'requested',
  }
  const ofListener = Object.entries(settings).map(([name, value]) => [`listener.name.secured.${name}`, value])
  return {
    ...Object.fromEntries(ofListener),
    // Rights count behind both doors: who comes by the plain one is nobody, and nobody may do everything there.
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'super.users': `User:ANONYMOUS;User:${username}`,
  }
}

/** Of Kafka: whose password its new home knows. */
export const securedUsers = ({ username, principals, password }: Secured): string[] => {
  const strong = [username, ...principals].map((name) => `SCRAM-SHA-512=[name=${name},password=${password}]`)
  const user = `SCRAM-SHA-256=[name=${username},password=${password}]`
  return [...strong, user].flatMap((each) => ['--add-scram', each])
}
