import type { CancelledLine, StockLine } from '@countermand/contracts'

/** Whether inventory and logistics know the line: what is not goods is neither kept in stock nor in a parcel. */
export const isInStock = (line: CancelledLine): line is StockLine => line.kind === undefined && line.sku !== undefined
