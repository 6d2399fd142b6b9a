import { CallFailed } from '@countermand/providers/call-failed.ts'
import type { Carrier, CarrierCall, ResumeResult, StatusResult, StopResult } from './carrier.ts'

/** How carriers are asked, the same for all of them. */

/** That a carrier without keys has taken a stop on is remembered also where it gives it no id: later it may say nothing of it. */
const remembered = ({ carrierRef, idempotencyKey }: CarrierCall, said: StopResult): StopResult =>
  said.result === 'accepted' ? { carrierRef: carrierRef ?? idempotencyKey, ...said } : said

/** Whoever only looked has asked for nothing yet, whatever became of the look. */
const lookBefore = (carrier: Carrier, call: CarrierCall): Promise<StatusResult> =>
  carrier.stopStatus(call).catch((error: unknown) => {
    throw error instanceof CallFailed ? new CallFailed(error.message, 'before-anything', error.facts) : error
  })

/** Asks to stop a parcel; a carrier that knows no keys only when it holds no stop yet, of this call or an earlier one. */
const stopWith = async (
  carrier: Carrier,
  call: CarrierCall,
  ask: (call: CarrierCall) => Promise<StopResult>,
): Promise<StopResult> => {
  if (carrier.asksFirst !== true) return ask(call)
  const known = await lookBefore(carrier, call)
  if (known.result === 'pending') return remembered(call, { result: 'accepted', askAgainMs: known.askAgainMs })
  return known.result === 'none' ? remembered(call, await ask(call)) : known
}

export const voidWith = (carrier: Carrier, call: CarrierCall): Promise<StopResult> =>
  stopWith(carrier, call, (each) => carrier.voidLabel(each))

export const interceptWith = (carrier: Carrier, call: CarrierCall): Promise<StopResult> =>
  stopWith(carrier, call, (each) => carrier.requestIntercept(each))

/** Takes a stop back; from a carrier that knows no keys only while it holds one, or may. */
export const resumeWith = async (carrier: Carrier, call: CarrierCall): Promise<ResumeResult> => {
  if (carrier.asksFirst !== true) return carrier.resume(call)
  const known = await carrier.stopStatus(call)
  const isFree = known.result === 'refused' || (known.result === 'none' && known.unsure !== true)
  return isFree ? { result: 'resumed' } : carrier.resume(call)
}
