export type { Database, DatabaseTransaction } from './database.ts'
export { databaseLimits, isInfrastructureError, openDatabase } from './database.ts'
export { type Migrations, migrate } from './migrate.ts'
