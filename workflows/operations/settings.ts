import { databaseUrl, port, sharedSettings, temporalSettings } from '@countermand/settings'
import { z } from 'zod'

/** Settings of the operations process. */
export const operationsSettings = z.object({
  ...sharedSettings,
  ...temporalSettings,
  ORDER_DATABASE_URL: databaseUrl('order'),
  INVENTORY_DATABASE_URL: databaseUrl('inventory'),
  LOGISTICS_DATABASE_URL: databaseUrl('logistics'),
  PAYMENT_DATABASE_URL: databaseUrl('payment'),
  OPERATIONS_HTTP_PORT: port(8092, 'health and metrics'),
})
