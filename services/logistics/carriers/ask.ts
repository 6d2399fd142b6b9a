import type { Carrier, CarrierCall, ResumeResult, StatusResult, StopResult } from './carrier.ts'

/** How carriers are asked, the same for all of them. */

const lookAt = async (carrier: Carrier, call: CarrierCall): Promise<StatusResult> =>
  carrier.asksFirst === true ? carrier.stopStatus(call) : { result: 'none' }

/** Asks to stop a parcel; a carrier that knows no keys only when it holds no stop yet, of this call or an earlier one. */
const stopWith = async (
  carrier: Carrier,
  call: CarrierCall,
  ask: (call: CarrierCall) => Promise<StopResult>,
): Promise<StopResult> => {
  const known = await lookAt(carrier, call)
  if (known.result === 'none') return ask(call)
  return known.result === 'pending' ? { result: 'accepted', askAgainMs: known.askAgainMs } : known
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
