import { listen } from '../control.ts'
import type { PlannedFault } from '../faults.ts'
import type { Credentials } from './api.ts'
import { createStandIn } from './stand-in.ts'

/** The stand-in in this process, for tests of what calls it. */
export const startStandIn = async (credentials: Credentials, slowMs?: number, now?: () => number) => {
  const { api, book, faults, requests, forgetTokens } = createStandIn(credentials, slowMs, now)
  const port = await listen(api)
  return {
    ...{ port, url: `http://127.0.0.1:${port}`, book, requests, forgetTokens },
    plan: (fault: PlannedFault['fault'], times = 1, match = '/api/') => faults.plan({ fault, times, match }),
    clear: faults.clear,
    close: () => {
      api.closeAllConnections()
      api.close()
    },
  }
}

export type StartedStandIn = Awaited<ReturnType<typeof startStandIn>>
