export type { Database, DatabaseTransaction, Migrations } from './database.ts'
export { databaseLimits, isInfrastructureError, migrate, openDatabase } from './database.ts'
