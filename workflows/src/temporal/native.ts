import { NativeConnection } from '@temporalio/worker'
import { securedTemporal, type TemporalServer } from './security.ts'

/** How often the key of the API is looked at: it takes no key that it could ask for one. */
const lookEveryMs = 10_000

/** Connects what polls for tasks; the caller closes it. Throws when nothing answers, or a file cannot be read. */
export const connectNative = async ({ address, security }: TemporalServer): Promise<NativeConnection> => {
  const { apiKey, ...tls } = securedTemporal(security)
  if (apiKey === undefined) return NativeConnection.connect({ address, ...tls })
  let known = apiKey()
  const native = await NativeConnection.connect({ address, ...tls, apiKey: known })
  const timer = setInterval(() => {
    const key = apiKey()
    if (key === known) return
    known = key
    void native.setApiKey(key)
  }, lookEveryMs)
  timer.unref()
  const close = native.close.bind(native)
  return Object.assign(native, {
    close: () => {
      clearInterval(timer)
      return close()
    },
  })
}
