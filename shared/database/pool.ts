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
    if (callback === undefined) return this.#failure === undefined ? super.connect() : Promise.reject(this.#failure)
    if (this.#failure === undefined) super.connect(callback)
    else process.nextTick(callback, this.#failure)
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
