import {
  type Channel,
  ChannelError,
  type FailureFacts,
  type RefundCall,
  type RefundResult,
  type StatusResult,
} from './channel.ts'

/** How channels are asked, the same for all of them. */

/** What a look finds once its refund was asked for. One that fails leaves open whether it was made, however far the look itself had come. */
export const lookAfter = async (look: Promise<StatusResult>, words: string): Promise<StatusResult> => {
  try {
    return await look
  } catch (error) {
    const { trouble, retryAfterMs }: FailureFacts = error instanceof ChannelError ? error.facts : {}
    throw new ChannelError(`${words}: ${error instanceof Error ? error.message : 'the look failed'}`, 'unknown', {
      cause: error,
      ...(trouble !== undefined && { trouble }),
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    })
  }
}

/** Asks for a refund, after a look where the call may have been made before and its key does not tell. */
export const askFor = async (channel: Channel, call: RefundCall, lookFirst: boolean): Promise<RefundResult> => {
  const known = lookFirst ? await channel.status(call) : undefined
  if (known !== undefined && known.outcome !== 'absent') return known
  const result = await channel.refund(call)
  if (result.outcome !== 'refused' || result.unsure !== true) return result
  // Anybody may have said that, or it is about what an earlier call has done: the provider's own book decides.
  const found = await lookAfter(channel.status(call), `nobody could learn whether it is so: ${result.reason}`)
  return found.outcome === 'absent' ? result : found
}

/** What came of a refund that is kept back for `why`: it is not asked for, and what its channel does not know of has not been. */
export const lookOnlyAt = async (channel: Channel, call: RefundCall, why: string): Promise<RefundResult> => {
  const found = await channel.status(call)
  if (found.outcome === 'absent') throw new ChannelError(why, 'before-anything', { trouble: 'setup', absent: true })
  return found
}

/** What came of a refund whose channel keeps a failure for its key: it is not asked for again under it. */
export const lookPastFailure = async (channel: Channel, call: RefundCall): Promise<RefundResult> => {
  const found = await channel.status(call)
  if (found.outcome === 'absent')
    throw new ChannelError('its channel keeps a failure for the key, and does not know of the refund', 'unknown', {
      kept: 'absent',
    })
  return found
}

/** Looks how a refund is that was asked for. */
export const lookAt = async (channel: Channel, call: RefundCall): Promise<RefundResult> => {
  const found: StatusResult = await channel.status(call)
  if (found.outcome === 'absent') throw new ChannelError('its channel does not know of the refund', 'unknown')
  return found
}
