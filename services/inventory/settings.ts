import { databasePasswordFile, databaseUrl, port, sharedSettings } from '@countermand/settings'
import { z } from 'zod'

export const inventorySettings = z.object({
  ...sharedSettings,
  INVENTORY_DATABASE_URL: databaseUrl('inventory'),
  INVENTORY_DATABASE_PASSWORD_FILE: databasePasswordFile,
  INVENTORY_HTTP_PORT: port(8082, 'port of /healthz, /readyz and /metrics'),
  INVENTORY_INITIAL_STOCK: z.coerce
    .number()
    .int()
    .nonnegative()
    .default(1_000_000)
    .describe('units of a SKU that is first heard of (default 1000000)'),
})
