import { readSecretFile } from '@countermand/settings/secret-file.ts'
import { passwordFileParameter } from '@countermand/settings/secured.ts'
import pg from 'pg'

const withPassword = (address: string): string => {
  const url = new URL(address)
  const file = url.searchParams.get(passwordFileParameter)
  if (file === null) return address
  url.searchParams.delete(passwordFileParameter)
  // What is set is encoded but for the sign that says that it is.
  url.password = encodeURIComponent(readSecretFile(file, 'the password of the database'))
  if (url.password === '')
    throw new Error('expected a user and a host in the address of a database with a password file')
  return url.href
}

type Prepared = { readonly config: pg.ClientConfig } | { readonly failure: Error }

/** The files that the address names are read as the client is made. */
const prepare = (config: pg.ClientConfig): Prepared => {
  try {
    const { connectionString = '' } = config
    const now = { ...config, connectionString: withPassword(connectionString) }
    // It reads the certificates, and throws where it cannot.
    new pg.Client(now)
    return { config: now }
  } catch (error) {
    return { failure: error instanceof Error ? error : new Error(String(error)) }
  }
}

/** PostgreSQL's own code for a client that cannot connect: whatever the reason, no message is at fault, and it is tried again. */
class NotConnected extends Error {
  override readonly name = 'NotConnected'
  readonly code = '08001'
}

const notConnected = (cause: Error): NotConnected => new NotConnected(cause.message || cause.name, { cause })

/** One that cannot be made is one that does not connect: the pool makes clients where nobody could catch that. */
export class DatabaseClient extends pg.Client {
  readonly #failure: Error | undefined

  constructor(config: pg.ClientConfig = {}) {
    const prepared = prepare(config)
    super('config' in prepared ? prepared.config : {})
    this.#failure = 'failure' in prepared ? prepared.failure : undefined
  }

  override connect(): Promise<pg.Client>
  override connect(callback: (error: Error) => void): void
  override connect(callback?: (error: Error) => void): Promise<pg.Client> | undefined {
    const failure = this.#failure
    if (callback === undefined)
      return (failure === undefined ? super.connect() : Promise.reject(failure)).catch((error: Error) => {
        throw notConnected(error)
      })
    if (failure === undefined)
      super.connect((error: Error) => callback(error instanceof Error ? notConnected(error) : error))
    else process.nextTick(callback, notConnected(failure))
    return undefined
  }
}

/** An open connection outlives a password or a certificate that was replaced, and then makes room for one by the new. */
const longestLifeSeconds = 3_600

/** A pool whose connections have what the files of the address hold when they are made. */
export const openPool = (address: string, options: Omit<pg.PoolConfig, 'connectionString'>): pg.Pool =>
  new pg.Pool({
    maxLifetimeSeconds: longestLifeSeconds,
    ...options,
    ...{ connectionString: address, Client: DatabaseClient },
  })
