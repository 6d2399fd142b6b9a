export { duration, parseDuration } from './duration.ts'
export { readSettings, SettingsError } from './settings.ts'
export * from './shared-settings.ts'
