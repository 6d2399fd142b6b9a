export * from './bus.ts'
export * from './databases.ts'
export * from './eventually.ts'
export * from './hostile-text.ts'
