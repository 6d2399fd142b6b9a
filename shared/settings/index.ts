export { duration, parseDuration } from './duration.ts'
export {
  type KafkaSecurity,
  kafkaSecurity,
  type TemporalSecurity,
  temporalSecurity,
} from './secured.ts'
export { readSettings, SettingsError, type SettingsSchema, settingsOrExit } from './settings.ts'
export * from './shared-settings.ts'
