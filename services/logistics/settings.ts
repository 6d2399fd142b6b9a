import { databaseUrl, port, sharedSettings } from '@countermand/settings'
import { z } from 'zod'

export const logisticsSettings = z.object({
  ...sharedSettings,
  LOGISTICS_DATABASE_URL: databaseUrl('logistics'),
  LOGISTICS_HTTP_PORT: port(8083, 'port of /healthz, /readyz and /metrics'),
})
