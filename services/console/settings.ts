import { databaseUrl, port, sharedSettings } from '@countermand/settings'
import { z } from 'zod'

export const consoleSettings = z.object({
  ...sharedSettings,
  CONSOLE_DATABASE_URL: databaseUrl('console'),
  CONSOLE_HTTP_PORT: port(8086, 'port of /healthz, /readyz and /metrics'),
})
