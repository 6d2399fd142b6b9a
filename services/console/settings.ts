import { databaseUrl, port, sharedSettings, span } from '@countermand/settings'
import { z } from 'zod'

export const consoleSettings = z.object({
  ...sharedSettings,
  CONSOLE_DATABASE_URL: databaseUrl('console'),
  CONSOLE_HTTP_PORT: port(8086, 'port of /healthz, /readyz and /metrics'),
  ORDERS_KEPT: span('90d', 'how long an order is kept after it was last heard of'),
  CASES_KEPT: span('1095d', 'how long what became of a request is kept after it was last heard of'),
  SHOP_HOST: sharedSettings.HTTP_HOST.describe('address that shops call (default 127.0.0.1)'),
  SHOP_PORT: port(8087, 'port of the API'),
})
export type ConsoleSettings = z.infer<typeof consoleSettings>
