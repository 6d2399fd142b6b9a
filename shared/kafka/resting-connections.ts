import { createRequire } from 'node:module'

/** Of kafkajs: what waits to be sent on one connection. */
interface RequestQueue {
  readonly pending: readonly unknown[]
}

const require = createRequire(import.meta.url)

/**
 * Lets a connection rest while nothing waits on it. kafkajs 2.2.4 looks for waiting requests every millisecond, with a time that is
 * negative, which Node warns of (its issues 1704 and 1751, open): most of what a process costs that has nothing to do. Whatever comes to
 * wait is looked for from then on, as ever.
 */
export const letConnectionsRest = (): void => {
  const path = require.resolve('kafkajs/src/network/requestQueue')
  const queue: unknown = require(path)
  const schedule: unknown =
    typeof queue === 'function' ? Reflect.get(queue.prototype, 'scheduleCheckPendingRequests') : undefined
  if (typeof queue !== 'function' || typeof schedule !== 'function')
    throw new Error("expected kafkajs' queue of requests to look for waiting ones, it does not")
  Reflect.set(queue.prototype, 'scheduleCheckPendingRequests', function (this: RequestQueue) {
    if (this.pending.length > 0) schedule.call(this)
  })
}
