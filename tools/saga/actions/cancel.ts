import { checkTurn } from '@countermand/workflows/operations/tell/possible.ts'
import { sendCancel } from '@countermand/workflows/operations/tell/send.ts'
import type { Told } from '@countermand/workflows/operations/tell/tell.ts'
import type { ExitCode } from '../exit.ts'
import { tell } from '../tell/command.ts'
import type { TellOptions } from '../tell/options.ts'

export interface Options extends TellOptions {
  readonly reason: string
}

/** Turns the saga back by Temporal's Cancel. */
export const run = (id: string, options: Options): Promise<ExitCode> => {
  const { by, onBehalfOf, reason } = options
  const input = { by, ...(onBehalfOf === undefined ? {} : { onBehalfOf }), reason }
  const told: Told = {
    ...{ what: 'cancel', input },
    check: (requestId, standing) => checkTurn(requestId, standing, 'stopped'),
    send: async (temporal, workflowId) => {
      await sendCancel(temporal, workflowId, input)
      return { kept: false }
    },
    // Nobody answers a cancel: whether it came in time is seen by where the saga goes.
    worked: (after) =>
      (after.is === 'ended' && after.outcome === 'withdrawn') || (after.is === 'running' && after.stage === 'undoing'),
  }
  return tell(id, told, options)
}
