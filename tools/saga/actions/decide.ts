import { checkDecide } from '@countermand/workflows/operations/tell/possible.ts'
import { sendUpdate } from '@countermand/workflows/operations/tell/send.ts'
import type { Told } from '@countermand/workflows/operations/tell/tell.ts'
import type { ExitCode } from '../exit.ts'
import { tell } from '../tell/command.ts'
import type { TellOptions } from '../tell/options.ts'

export interface Options extends TellOptions {
  readonly decision: 'approve' | 'reject'
  readonly message?: string
  readonly reason?: string
}

const inputOf = ({ decision, by, onBehalfOf, message, reason }: Options) => ({
  ...{ decision, by },
  ...(onBehalfOf === undefined ? {} : { onBehalfOf }),
  ...(message === undefined ? {} : { message }),
  ...(reason === undefined ? {} : { reason }),
})

/** Tells the saga what its merchant has decided. */
export const run = (id: string, options: Options): Promise<ExitCode> => {
  const { decision } = options
  const input = inputOf(options)
  const told: Told = {
    ...{ what: decision, input, check: checkDecide },
    send: (temporal, workflowId) => sendUpdate(temporal, workflowId, 'decide', input),
  }
  return tell(id, told, options)
}
