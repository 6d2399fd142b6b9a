import type { Role, Step } from '../role.ts'
import { wanted } from '../sample-orders.ts'

const setAside: Step = {
  command: 'SetStockAside',
  message: (bus, ids, round, to) => bus.command('SetStockAside', { ...ids, round, lines: wanted }, to),
  yes: 'StockSetAside',
  no: 'ReservationNotFound',
  unheard: { answer: 'ReservationNotFound', nextRound: 'StockSetAside' },
  undo: {
    command: 'ReserveAgain',
    message: (bus, ids, round, to) => bus.command('ReserveAgain', { ...ids, round }, to),
    afterYes: 'StockReservedAgain',
    afterNo: 'NothingToUndo',
    afterNothing: 'NothingToUndo',
    nextRound: 'StockSetAside',
    restores: true,
  },
}

const returnToSale: Step = {
  command: 'ReturnStockToSale',
  message: (bus, ids, round, to) => bus.command('ReturnStockToSale', { ...ids, round }, to),
  yes: 'StockOnSale',
  after: setAside,
  unheard: { answer: 'StepFailed', nextRound: 'StockOnSale' },
}

export const inventoryRole: Role = {
  service: 'inventory',
  arrival: (bus, order) => bus.event('order.accepted.v1', order.orderId, order),
  steps: [setAside, returnToSale],
}
