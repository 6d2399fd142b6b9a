import { databasePasswordFile, databaseUrl, port, sharedSettings, temporalSettings } from '@countermand/settings'
import { z } from 'zod'

/** Settings of the operations process. */
export const operationsSettings = z.object({
  ...sharedSettings,
  ...temporalSettings,
  ORDER_DATABASE_URL: databaseUrl('order'),
  ORDER_DATABASE_PASSWORD_FILE: databasePasswordFile,
  INVENTORY_DATABASE_URL: databaseUrl('inventory'),
  INVENTORY_DATABASE_PASSWORD_FILE: databasePasswordFile,
  LOGISTICS_DATABASE_URL: databaseUrl('logistics'),
  LOGISTICS_DATABASE_PASSWORD_FILE: databasePasswordFile,
  PAYMENT_DATABASE_URL: databaseUrl('payment'),
  PAYMENT_DATABASE_PASSWORD_FILE: databasePasswordFile,
  OPERATIONS_HTTP_PORT: port(8092, 'health and metrics'),
})
