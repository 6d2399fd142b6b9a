import type { Carrier, CarrierCall, ResumeResult, StopResult } from './carrier.ts'

/** How carriers are asked, the same for all of them. */

/** That a carrier without keys has taken a stop on is remembered also where it gives it no id: later it may say nothing of it. */
const remembered = ({ carrierRef, idempotencyKey }: CarrierCall, said: StopResult): StopResult =>
  said.result === 'accepted' ? { carrierRef: carrierRef ?? idempotencyKey, ...said } : said

/** Asks to stop a parcel; a carrier that knows no keys only when it holds no stop yet, of this call or an earlier one. */
const stopWith = async (
  carrier: Carrier,
  call: CarrierCall,
  ask: (call: CarrierCall) => Promise<StopResult>,
): Promise<StopResult> => {
  if (carrier.asksFirst !== true) return ask(call)
  const known = await carrier.stopStatus(call)
  if (known.result === 'pending') return remembered(call, { result: 'accepted', askAgainMs: known.askAgainMs })
  return known.result === 'none' ? remembered(call, await ask(call)) : known
}

export const voidWith = (carrier: Carrier, call: CarrierCall): Promise<StopResult> =>
  stopWith(carrier, call, (each) => carrier.voidLabel(each))

export const interceptWith = (carrier: Carrier, call: CarrierCall): Promise<StopResult> =>
  stopWith(carrier, call, (each) => carrier.requestIntercept(each))

/** Takes a stop back; from a carrier that knows no keys only while it holds one. */
export const resumeWith = async (carrier: Carrier, call: CarrierCall): Promise<ResumeResult> => {
  if (carrier.asksFirst !== true) return carrier.resume(call)
  const { result } = await carrier.stopStatus(call)
  return result === 'none' || result === 'refused' ? { result: 'resumed' } : carrier.resume(call)
}
