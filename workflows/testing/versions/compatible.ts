import { defineQuery, setHandler } from '@temporalio/workflow'
import type { SagaInput, SagaResult } from '../../src/protocol/inputs.ts'
import { cancelOrder as asItIs } from '../../src/saga/cancel-order.ts'

/** A later version that asks the server for nothing else than before: it answers one more query. */
export async function cancelOrder(input: SagaInput): Promise<SagaResult> {
  setHandler(defineQuery<string>('version'), () => 'compatible')
  return asItIs(input)
}
