export type { Database, DatabaseTransaction, Migrations } from './database.ts'
export { isInfrastructureError, migrate, openDatabase } from './database.ts'
