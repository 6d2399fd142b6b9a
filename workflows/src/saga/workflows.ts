/** Every workflow of the worker, and what is around each: what the bundle is made of. */
export { cancelOrder } from './cancel-order.ts'
export { interceptors } from './carry-trace.ts'
export { pauseIntake } from './pause-intake.ts'
export { settleLateIntercept } from './settle-late-intercept.ts'
export { settleReversedRefund } from './settle-reversed-refund.ts'
export { sweepHolds } from './sweep-holds.ts'
