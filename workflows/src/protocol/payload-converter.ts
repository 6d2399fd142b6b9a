import { DefaultPayloadConverter, type Payload } from '@temporalio/common'

/**
 * What a payload is read as that nobody here can read: it is no JSON, or was encoded by somebody else's keys. No reader takes it for
 * anything: it has none of the fields that one looks for.
 */
export class UnreadablePayload {
  readonly unreadable: string
  constructor(cause: unknown) {
    this.unreadable = cause instanceof Error ? cause.message : String(cause)
  }
}

/** Reads every payload. The SDK's own throws at one that it cannot decode, and with it the workflow task of a signal, for ever. */
class ReadsAnything extends DefaultPayloadConverter {
  override fromPayload<T>(payload: Payload): T {
    try {
      return super.fromPayload(payload)
    } catch (error) {
      // What a payload is read as, the SDK never knows: whoever reads it checks it.
      return new UnreadablePayload(error) as T
    }
  }
}

/** The SDK looks for it by this name. */
export const payloadConverter = new ReadsAnything()
