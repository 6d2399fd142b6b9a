export type { Database, DatabaseTransaction } from './database.ts'
export { connectionCodes, databaseLimits, isInfrastructureError, isTooSlow, openDatabase } from './database.ts'
export { type Migrations, migrate } from './migrate.ts'
export type { ReadDatabase } from './read-only.ts'
