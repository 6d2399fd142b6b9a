import { sharedSettings, temporalSettings } from '@countermand/settings'
import { kafkaSecuritySettings } from '@countermand/settings/secured.ts'
import { z } from 'zod'

const { KAFKA_BROKERS, KAFKA_TOPIC_PREFIX, KAFKA_PARTITIONS, KAFKA_REPLICATION } = sharedSettings

export const provisionSettings = z.object({
  KAFKA_BROKERS,
  ...kafkaSecuritySettings,
  KAFKA_TOPIC_PREFIX,
  KAFKA_PARTITIONS,
  KAFKA_REPLICATION,
  ...temporalSettings,
})
