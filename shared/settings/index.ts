export { duration, parseDuration } from './duration.ts'
export { readSettings, SettingsError, type SettingsSchema, settingsOrExit } from './settings.ts'
export * from './shared-settings.ts'
