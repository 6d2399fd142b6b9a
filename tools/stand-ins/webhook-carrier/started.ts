import { listen } from '../control.ts'
import type { PlannedFault } from '../faults.ts'
import { createStandIn } from './stand-in.ts'

/** The stand-in in this process, for tests of what calls it. */
export const startStandIn = async (secret: string, slowMs?: number, now?: () => number) => {
  const { api, book, faults, requests } = createStandIn(secret, slowMs, now)
  const port = await listen(api)
  return {
    ...{ port, url: `http://127.0.0.1:${port}`, book, requests },
    plan: (fault: PlannedFault['fault'], times = 1) => faults.plan({ fault, times }),
    clear: faults.clear,
    /** How the carrier has a parcel. */
    stateOf: (orderId: string, shipmentId: string) =>
      book.entries().find((each) => each.orderId === orderId && each.shipmentId === shipmentId),
    close: () => {
      api.closeAllConnections()
      api.close()
    },
  }
}

export type StartedStandIn = Awaited<ReturnType<typeof startStandIn>>
