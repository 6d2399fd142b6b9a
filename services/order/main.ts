import { serviceMain } from '@countermand/service'
import { order } from './handlers.ts'
import { orderSettings } from './settings.ts'

await serviceMain({
  name: 'order',
  settings: orderSettings,
  databaseUrl: (settings) => settings.ORDER_DATABASE_URL,
  httpPort: (settings) => settings.ORDER_HTTP_PORT,
  create: (settings) => ({ definition: order({ defaults: settings, overrides: settings.POLICIES_FILE }) }),
})
