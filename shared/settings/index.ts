export { duration, parseDuration } from './duration.ts'
export { readSettings, SettingsError, type SettingsSchema } from './settings.ts'
export * from './shared-settings.ts'
