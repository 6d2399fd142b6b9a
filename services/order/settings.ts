import { databasePasswordFile, databaseUrl, port, sharedSettings } from '@countermand/settings'
import { policySettings } from '@countermand/settings/policies.ts'
import { z } from 'zod'

export const orderSettings = z.object({
  ...sharedSettings,
  ORDER_DATABASE_URL: databaseUrl('order'),
  ORDER_DATABASE_PASSWORD_FILE: databasePasswordFile,
  ORDER_HTTP_PORT: port(8081, 'port of /healthz, /readyz and /metrics'),
  ...policySettings,
})
export type OrderSettings = z.infer<typeof orderSettings>
