import { serviceMain } from '@countermand/service'
import { inventory } from './handlers.ts'
import { inventorySettings } from './settings.ts'

await serviceMain({
  name: 'inventory',
  settings: inventorySettings,
  databaseUrl: (settings) => settings.INVENTORY_DATABASE_URL,
  httpPort: (settings) => settings.INVENTORY_HTTP_PORT,
  create: (settings) => ({ definition: inventory({ initialStock: settings.INVENTORY_INITIAL_STOCK }) }),
})
