import { InterceptingCall, type Interceptor, Metadata, status } from '@grpc/grpc-js'
import {
  Connection,
  type ConnectionOptions,
  defaultGrpcRetryOptions,
  makeGrpcRetryInterceptor,
} from '@temporalio/client'

type Call = ConstructorParameters<typeof InterceptingCall>[0]

/** A call that is over as it begins: its asker is told so, as of any other that its server did not take. */
const callOfClosed = (details: string): Call => ({
  start: (_, listener) => {
    listener?.onReceiveMessage?.(null)
    listener?.onReceiveStatus?.({ code: status.CANCELLED, details, metadata: new Metadata() })
  },
  cancelWithStatus: () => {},
  sendMessage: () => {},
  sendMessageWithContext: () => {},
  startRead: () => {},
  halfClose: () => {},
  getPeer: () => '',
  getAuthContext: () => null,
})

/**
 * A connection that was closed throws at whoever begins a call. The SDK tries a call again from a timer, where nobody can catch that, and the
 * process ends: here it is an answer instead, and none that is tried again.
 */
const closedIsAnAnswer: Interceptor = (options, nextCall) => {
  try {
    return new InterceptingCall(nextCall(options))
  } catch (error) {
    return new InterceptingCall(callOfClosed(error instanceof Error ? error.message : String(error)))
  }
}

/** Connects a client to Temporal; the caller closes it. Throws when nothing answers in time. */
export const connectTemporal = (options: Omit<ConnectionOptions, 'interceptors'>): Promise<Connection> =>
  Connection.connect({
    ...options,
    interceptors: [makeGrpcRetryInterceptor(defaultGrpcRetryOptions()), closedIsAnAnswer],
  })
