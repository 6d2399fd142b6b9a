import type { ServiceDefinition } from '@countermand/service'
import { followOrder, followParcel, reserve } from './decide/facts.ts'
import { reserveAgain, returnStockToSale, setStockAside } from './decide/hold.ts'
import type { Reservation } from './state.ts'
import { store } from './store/store.ts'

/** All that the inventory service accepts. `initialStock`: of a SKU that is first heard of, in units. */
export const inventory = (options: { readonly initialStock: number }): ServiceDefinition<'inventory', Reservation> => ({
  name: 'inventory',
  store: store(options),
  commands: {
    SetStockAside: { decide: setStockAside },
    ReserveAgain: { decide: reserveAgain },
    ReturnStockToSale: { decide: returnStockToSale },
  },
  queries: {},
  events: {
    'order.accepted.v1': { decide: reserve },
    'order.amended.v1': { decide: followOrder },
    'shipment.changed.v1': { decide: followParcel },
    'stock.received.v1': { free: true },
  },
  tasks: {},
})
