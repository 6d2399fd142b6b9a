export * from './bus.ts'
export * from './databases.ts'
export * from './eventually.ts'
