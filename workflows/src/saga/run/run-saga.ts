import { CancellationScope } from '@temporalio/workflow'
import type { SagaInput, SagaResult } from '../../protocol/inputs.ts'
import { close, listen, turnWhenCancelled } from './listen.ts'
import { meterStart } from './meter.ts'
import { unreadableStart } from './readable.ts'
import { rejectRequest, requestComes, unknownRequest } from './requests.ts'
import { openSaga } from './saga.ts'
import { type Roads, walk } from './turns.ts'

/** One run of a saga, from its start until everybody who asked has their answer: what around its roads is Temporal's. */
export const runSaga = async (input: SagaInput, roads: Roads): Promise<SagaResult> => {
  const unreadable = unreadableStart('cancelOrder', input)
  if (unreadable !== undefined) return unreadable
  const saga = openSaga(input)
  meterStart()
  listen(saga, rejectRequest)
  turnWhenCancelled(saga)
  const came = await requestComes(saga)
  return CancellationScope.nonCancellable(async () => close(saga, came ? await walk(saga, roads) : unknownRequest))
}
