import type { ServiceName } from '@countermand/contracts'
import type { Role } from '../role.ts'
import { inventoryRole } from './inventory.ts'
import { logisticsRole } from './logistics.ts'
import { orderRole } from './order.ts'
import { paymentRole } from './payment.ts'

export const roles: Readonly<Record<ServiceName, Role>> = {
  order: orderRole,
  inventory: inventoryRole,
  logistics: logisticsRole,
  payment: paymentRole,
}
