import { checkTurn } from '@countermand/workflows/operations/tell/possible.ts'
import { sendUpdate } from '@countermand/workflows/operations/tell/send.ts'
import type { Told } from '@countermand/workflows/operations/tell/tell.ts'
import type { ExitCode } from '../exit.ts'
import { tell } from '../tell/command.ts'
import type { TellOptions } from '../tell/options.ts'

export interface Options extends TellOptions {
  readonly reason?: string
}

const inputOf = ({ by, onBehalfOf, reason }: Options) => ({
  by,
  ...(onBehalfOf === undefined ? {} : { onBehalfOf }),
  ...(reason === undefined ? {} : { reason }),
})

/** Tells the saga that its request is taken back. */
export const run = (id: string, options: Options): Promise<ExitCode> => {
  const input = inputOf(options)
  const told: Told = {
    ...{ what: 'withdraw', input },
    check: (requestId, standing) => checkTurn(requestId, standing, 'withdrawn'),
    send: (temporal, workflowId) => sendUpdate(temporal, workflowId, 'withdraw', input),
  }
  return tell(id, told, options)
}
