import { databaseUrl, port, sharedSettings } from '@countermand/settings'
import { z } from 'zod'

export const paymentSettings = z.object({
  ...sharedSettings,
  PAYMENT_DATABASE_URL: databaseUrl('payment'),
  PAYMENT_HTTP_PORT: port(8084, 'port of /healthz, /readyz and /metrics'),
})
