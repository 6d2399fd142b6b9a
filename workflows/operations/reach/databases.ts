import { type ServiceName, serviceName } from '@countermand/contracts/vocabulary.ts'
import type { ReadDatabase } from '@countermand/database'
import { openReadOnly } from '@countermand/database/read-only.ts'

/** The four services' databases, read only: what is in them, the services' facts and checks say. */
export interface Databases extends Readonly<Record<ServiceName, ReadDatabase>> {
  close(): Promise<void>
}

/** Opens the four databases; connections are made when they are first needed. The caller closes them. */
export const openDatabases = (urls: Readonly<Record<ServiceName, string>>): Databases => {
  const order = openReadOnly('order', urls.order)
  const inventory = openReadOnly('inventory', urls.inventory)
  const logistics = openReadOnly('logistics', urls.logistics)
  const payment = openReadOnly('payment', urls.payment)
  return {
    order: order.database,
    inventory: inventory.database,
    logistics: logistics.database,
    payment: payment.database,
    close: async () => {
      await Promise.all([order, inventory, logistics, payment].map((each) => each.close()))
    },
  }
}

/** Asks all four the same. */
export const inEach = async <T>(
  databases: Databases,
  ask: (database: ReadDatabase, service: ServiceName) => Promise<readonly T[]>,
): Promise<T[]> => (await Promise.all(serviceName.options.map((name) => ask(databases[name], name)))).flat()
