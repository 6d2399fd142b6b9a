import { type DefineCommand, examples } from '../exit.ts'
import { type TellOptions, type Told, tell, withTelling } from '../tell/command.ts'
import { checkTurn } from '../tell/possible.ts'
import { sendCancel } from '../tell/send.ts'

interface Options extends TellOptions {
  readonly reason: string
}

const help = `
It is Temporal's Cancel: the saga puts everything back as it was, as long as no money has moved, and ends \`withdrawn\`. Who and why
are kept in the run's history, and shown by \`saga show\`; the public only hears that an operator did it.`

/** `saga cancel`: an operator stops a cancellation. */
export const cancel: DefineCommand = (program, ended) => {
  withTelling(program.command('cancel <requestId>'))
    .description('stops a cancellation, before money has moved: everything is put back as it was')
    .requiredOption('--reason <why>', 'why, in words')
    .addHelpText('after', help)
    .addHelpText(
      'after',
      examples(
        'saga cancel 3f2b… --by ann --reason "the parcel cannot be stopped" --dry-run',
        'saga cancel 3f2b… --by ann --reason "the parcel cannot be stopped"',
      ),
    )
    .action(async (id: string, options: Options) => {
      const { by, reason } = options
      const told: Told = {
        ...{ what: 'cancel', input: { by, reason } },
        check: (requestId, standing) => checkTurn(requestId, standing, 'stopped'),
        send: async (temporal, workflowId) => {
          await sendCancel(temporal, workflowId, { by, reason })
          return { kept: false }
        },
        // Nobody answers a cancel: whether it came in time is seen by where the saga goes.
        worked: (after) =>
          (after.is === 'ended' && after.outcome === 'withdrawn') ||
          (after.is === 'running' && after.stage === 'undoing'),
      }
      ended(await tell(id, told, options))
    })
}
