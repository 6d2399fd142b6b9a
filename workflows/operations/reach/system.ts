import type { Addresses } from './addresses.ts'
import { type Databases, openDatabases } from './databases.ts'
import { openTemporal, type Temporal } from './temporal.ts'

/** What an operator works on. */
export interface System {
  readonly where: Addresses
  readonly temporal: Temporal
  /** Opened when they are first asked. */
  readonly databases: Databases
}

/** Opens the system for one piece of work, and closes it after. Throws when Temporal does not answer. */
export const onSystem = async <Result>(
  where: Addresses,
  work: (system: System) => Promise<Result>,
): Promise<Result> => {
  const temporal = await openTemporal(where)
  const databases = openDatabases(where.databaseUrls)
  try {
    return await work({ where, temporal, databases })
  } finally {
    await databases.close()
    await temporal.close()
  }
}
