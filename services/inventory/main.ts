import { serviceMain } from '@countermand/messaging'
import { databaseUrl, port, sharedSettings } from '@countermand/settings'
import { z } from 'zod'
import { inventory } from './handlers.ts'

await serviceMain({
  name: 'inventory',
  settings: z.object({
    ...sharedSettings,
    INVENTORY_DATABASE_URL: databaseUrl('inventory'),
    INVENTORY_HTTP_PORT: port(8082, 'port of /healthz, /readyz and /metrics'),
    INVENTORY_INITIAL_STOCK: z.coerce
      .number()
      .int()
      .nonnegative()
      .default(1_000_000)
      .describe('units of a SKU that is first heard of (default 1000000)'),
  }),
  databaseUrl: (settings) => settings.INVENTORY_DATABASE_URL,
  httpPort: (settings) => settings.INVENTORY_HTTP_PORT,
  create: (settings) => ({ definition: inventory({ initialStock: settings.INVENTORY_INITIAL_STOCK }) }),
})
