import type { SagaInput, SagaResult } from '../../src/protocol/inputs.ts'
import { cancelOrder as asItIs } from '../../src/saga/cancel-order.ts'
import { tellWarehouse } from './warehouse.ts'

/** A later version with one more step, and nothing that keeps it from runs that are open: a mistake. */
export async function cancelOrder(input: SagaInput): Promise<SagaResult> {
  await tellWarehouse(input.orderId)
  return asItIs(input)
}
