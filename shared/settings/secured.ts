import { z } from 'zod'
import { printable } from './printable.ts'

/** How the connections to other parts are secured. Each secret is a file, which is read where it is used: another one counts from then on. */

const name = z.string().regex(printable, 'expected a name without white space')
const path = (what: string) =>
  z.string().regex(printable, 'expected the path of a file').optional().describe(`${what} (default none)`)
const yesOrNo = (what: string) =>
  z.enum(['true', 'false'], 'expected true or false').default('false').describe(`true: ${what} (default false)`)

const isLoopback = (text: string): boolean =>
  URL.canParse(text) && ['127.0.0.1', '[::1]', 'localhost'].includes(new URL(text).hostname)

export const saslMechanisms = ['scram-sha-512', 'scram-sha-256', 'plain', 'oauthbearer'] as const

export const kafkaSecuritySettings = {
  KAFKA_SSL: yesOrNo('Kafka is spoken to over TLS'),
  KAFKA_SSL_CA_FILE: path('certificates, in PEM, of who signs those of the brokers'),
  KAFKA_SSL_CERT_FILE: path('certificate, in PEM, that shows the brokers who we are'),
  KAFKA_SSL_KEY_FILE: path('its private key, in PEM'),
  KAFKA_SASL_MECHANISM: z
    .enum(saslMechanisms, `expected ${saslMechanisms.join(', ')}`)
    .optional()
    .describe(`how a process signs in to Kafka: ${saslMechanisms.join(', ')} (default: it does not)`),
  KAFKA_SASL_USERNAME: name.optional().describe('who signs in, with scram and plain (default none)'),
  KAFKA_SASL_PASSWORD_FILE: path('file of the password'),
  KAFKA_SASL_TOKEN_FILE: path('file of the token, with oauthbearer'),
  KAFKA_SASL_TOKEN_URL: z
    .url({ protocol: /^https?$/, error: 'expected an address such as https://id.example.org/token' })
    .refine((text) => text.startsWith('https:') || isLoopback(text), 'expected https, as a secret is sent there')
    .optional()
    .describe('where a token is had instead, by client credentials (default none)'),
  KAFKA_SASL_CLIENT_ID: name.optional().describe('who asks there (default none)'),
  KAFKA_SASL_CLIENT_SECRET_FILE: path('file of its secret'),
  KAFKA_SASL_SCOPE: name.optional().describe('what is asked for there (default none)'),
} as const

/** By the names of Temporal's own command line and SDKs. */
export const temporalSecuritySettings = {
  TEMPORAL_TLS: yesOrNo('Temporal is spoken to over TLS'),
  TEMPORAL_TLS_SERVER_CA_CERT_PATH: path("certificates, in PEM, of who signs Temporal's"),
  TEMPORAL_TLS_SERVER_NAME: name.optional().describe("name in Temporal's certificate (default: its address)"),
  TEMPORAL_TLS_CLIENT_CERT_PATH: path('certificate, in PEM, that shows Temporal who we are'),
  TEMPORAL_TLS_CLIENT_KEY_PATH: path('its private key, in PEM'),
  TEMPORAL_API_KEY_FILE: path('file of the key of the API, which is sent over TLS only'),
} as const

/** Where a token for Kafka comes from. */
export type TokenSource =
  | { readonly file: string }
  | { readonly url: string; readonly clientId: string; readonly secretFile: string; readonly scope?: string }

/** How a process speaks to Kafka; each file is a path. */
export interface KafkaSecurity {
  readonly tls?: { readonly caFile?: string; readonly certFile?: string; readonly keyFile?: string }
  readonly sasl?:
    | {
        readonly mechanism: 'scram-sha-512' | 'scram-sha-256' | 'plain'
        readonly username: string
        readonly passwordFile: string
      }
    | { readonly mechanism: 'oauthbearer'; readonly token: TokenSource }
}

/** How a process speaks to Temporal; each file is a path. */
export interface TemporalSecurity {
  readonly tls?: {
    readonly caFile?: string
    readonly certFile?: string
    readonly keyFile?: string
    readonly serverName?: string
  }
  readonly apiKeyFile?: string
}

/** In the address of a database: the file that its password is in. */
export const passwordFileParameter = 'passwordfile'

const passwordFileName = /^(.+_DATABASE)_PASSWORD_FILE$/

/** A password file without an address that it is the password of. */
export const passwordFilesAlone = (given: Readonly<Record<string, string | undefined>>): string[] =>
  Object.keys(given).flatMap((name) => {
    const [, database] = passwordFileName.exec(name) ?? []
    return database === undefined || given[`${database}_URL`] !== undefined
      ? []
      : [`${name}: expected ${database}_URL beside it`]
  })

/** Settings as they are given, where each database's address says which file its password is in. An address that is none stays as it is. */
export const withPasswordFiles = <Settings extends Readonly<Record<string, string | undefined>>>(
  given: Settings,
): Settings => {
  const joined = Object.entries(given).flatMap(([name, file]) => {
    const addressName = `${passwordFileName.exec(name)?.[1]}_URL`
    const address = given[addressName]
    if (file === undefined || address === undefined || !URL.canParse(address)) return []
    const url = new URL(address)
    url.searchParams.set(passwordFileParameter, file)
    return [[addressName, url.href] as const]
  })
  return { ...given, ...Object.fromEntries(joined) }
}

type Issue = (name: string, message: string) => void

const kafkaFields = z.object(kafkaSecuritySettings)
type KafkaFields = z.infer<typeof kafkaFields>

const isSet = <Name extends string>(
  settings: Readonly<Partial<Record<Name, unknown>>>,
  names: readonly Name[],
): Name[] => names.filter((name) => settings[name] !== undefined)

/** What is set and would count for nothing: whoever set it believes in it. */
const refuseUnused = <Name extends string>(
  settings: Readonly<Partial<Record<Name, unknown>>>,
  names: readonly Name[],
  without: string,
  issue: Issue,
): void => {
  for (const name of isSet(settings, names)) issue(name, `expected ${without} beside it`)
}

const pair = <Name extends string>(
  settings: Readonly<Partial<Record<Name, unknown>>>,
  [one, other]: readonly [Name, Name],
  issue: Issue,
): void => {
  const [found, ...both] = isSet(settings, [one, other])
  if (found !== undefined && both.length === 0)
    issue(found === one ? other : one, `expected a file, as ${found} is set`)
}

const given = <Name extends string>(name: Name, value: string | undefined): Readonly<Partial<Record<Name, string>>> => {
  const named: Partial<Record<Name, string>> = {}
  if (value !== undefined) named[name] = value
  return named
}

const tokenNames = ['KAFKA_SASL_TOKEN_FILE', 'KAFKA_SASL_TOKEN_URL'] as const
const clientNames = ['KAFKA_SASL_CLIENT_ID', 'KAFKA_SASL_CLIENT_SECRET_FILE', 'KAFKA_SASL_SCOPE'] as const
const passwordNames = ['KAFKA_SASL_USERNAME', 'KAFKA_SASL_PASSWORD_FILE'] as const

const tokenSource = (settings: KafkaFields, issue: Issue): TokenSource | undefined => {
  const { KAFKA_SASL_TOKEN_FILE: file, KAFKA_SASL_TOKEN_URL: url, KAFKA_SASL_SCOPE: scope } = settings
  const { KAFKA_SASL_CLIENT_ID: clientId, KAFKA_SASL_CLIENT_SECRET_FILE: secretFile } = settings
  if (file !== undefined && url !== undefined)
    issue('KAFKA_SASL_TOKEN_URL', 'expected it or KAFKA_SASL_TOKEN_FILE, got both')
  if (file !== undefined) return { file }
  if (url === undefined)
    issue('KAFKA_SASL_TOKEN_FILE', 'expected it or KAFKA_SASL_TOKEN_URL, as KAFKA_SASL_MECHANISM is oauthbearer')
  if (clientId === undefined) issue('KAFKA_SASL_CLIENT_ID', 'expected who asks at KAFKA_SASL_TOKEN_URL')
  if (secretFile === undefined)
    issue('KAFKA_SASL_CLIENT_SECRET_FILE', 'expected a file, as KAFKA_SASL_TOKEN_URL is asked with a secret')
  if (url === undefined || clientId === undefined || secretFile === undefined) return undefined
  return { url, clientId, secretFile, ...given('scope', scope) }
}

const saslOf = (settings: KafkaFields, issue: Issue): KafkaSecurity['sasl'] => {
  const { KAFKA_SASL_MECHANISM: mechanism, KAFKA_SSL: tls } = settings
  const passwords = mechanism !== undefined && mechanism !== 'oauthbearer'
  if (!passwords) refuseUnused(settings, passwordNames, 'KAFKA_SASL_MECHANISM of scram or plain', issue)
  if (mechanism !== 'oauthbearer')
    refuseUnused(settings, [...tokenNames, ...clientNames], 'KAFKA_SASL_MECHANISM=oauthbearer', issue)
  else if (settings.KAFKA_SASL_TOKEN_URL === undefined)
    refuseUnused(settings, clientNames, 'KAFKA_SASL_TOKEN_URL', issue)
  if (mechanism === undefined) return undefined
  // Both send what they sign in with as it is.
  if ((mechanism === 'plain' || mechanism === 'oauthbearer') && tls !== 'true')
    issue(
      'KAFKA_SASL_MECHANISM',
      `expected KAFKA_SSL=true beside ${mechanism}, which shows its secret to whoever listens`,
    )
  if (mechanism === 'oauthbearer') {
    const token = tokenSource(settings, issue)
    return token === undefined ? undefined : { mechanism, token }
  }
  const { KAFKA_SASL_USERNAME: username, KAFKA_SASL_PASSWORD_FILE: passwordFile } = settings
  for (const name of passwordNames)
    if (settings[name] === undefined) issue(name, `expected it, as KAFKA_SASL_MECHANISM is ${mechanism}`)
  return username === undefined || passwordFile === undefined ? undefined : { mechanism, username, passwordFile }
}

const filesOf = (ca: string | undefined, cert: string | undefined, key: string | undefined) => ({
  ...given('caFile', ca),
  ...given('certFile', cert),
  ...given('keyFile', key),
})

const issuesOf =
  (context: z.RefinementCtx): Issue =>
  (name, message) =>
    context.addIssue({ code: 'custom', path: [name], message })

/** What a process's settings say of it. Read twice it says the same: what was read once is read again. */
export const kafkaSecurity = kafkaFields.transform((settings, context): KafkaSecurity => {
  const issue = issuesOf(context)
  const { KAFKA_SSL_CA_FILE: ca, KAFKA_SSL_CERT_FILE: cert, KAFKA_SSL_KEY_FILE: key } = settings
  const files = ['KAFKA_SSL_CA_FILE', 'KAFKA_SSL_CERT_FILE', 'KAFKA_SSL_KEY_FILE'] as const
  if (settings.KAFKA_SSL === 'false') refuseUnused(settings, files, 'KAFKA_SSL=true', issue)
  pair(settings, ['KAFKA_SSL_CERT_FILE', 'KAFKA_SSL_KEY_FILE'], issue)
  const sasl = saslOf(settings, issue)
  return {
    ...(settings.KAFKA_SSL === 'true' && { tls: filesOf(ca, cert, key) }),
    ...(sasl !== undefined && { sasl }),
  }
})

const temporalFiles = [
  ...(['TEMPORAL_TLS_SERVER_CA_CERT_PATH', 'TEMPORAL_TLS_SERVER_NAME'] as const),
  ...(['TEMPORAL_TLS_CLIENT_CERT_PATH', 'TEMPORAL_TLS_CLIENT_KEY_PATH', 'TEMPORAL_API_KEY_FILE'] as const),
]

/** The same for Temporal. */
export const temporalSecurity = z.object(temporalSecuritySettings).transform((settings, context): TemporalSecurity => {
  const issue = issuesOf(context)
  const { TEMPORAL_TLS: tls, TEMPORAL_TLS_SERVER_NAME: name, TEMPORAL_API_KEY_FILE: apiKeyFile } = settings
  const { TEMPORAL_TLS_SERVER_CA_CERT_PATH: ca, TEMPORAL_TLS_CLIENT_CERT_PATH: cert } = settings
  if (tls === 'false') refuseUnused(settings, temporalFiles, 'TEMPORAL_TLS=true', issue)
  pair(settings, ['TEMPORAL_TLS_CLIENT_CERT_PATH', 'TEMPORAL_TLS_CLIENT_KEY_PATH'], issue)
  return {
    ...(tls === 'true' && {
      tls: { ...filesOf(ca, cert, settings.TEMPORAL_TLS_CLIENT_KEY_PATH), ...given('serverName', name) },
    }),
    ...given('apiKeyFile', apiKeyFile),
  }
})

/** Rules that are about several settings, for the processes that have those. */
export const rulesOf = (names: Readonly<Record<string, unknown>>): readonly z.ZodType[] => [
  ...('KAFKA_SSL' in names ? [kafkaSecurity] : []),
  ...('TEMPORAL_TLS' in names ? [temporalSecurity] : []),
]
