import { type DefineCommand, examples } from '../exit.ts'
import { type TellOptions, type Told, tell, withTelling } from '../tell/command.ts'
import { checkTurn } from '../tell/possible.ts'
import { sendUpdate } from '../tell/send.ts'

interface Options extends TellOptions {
  readonly reason?: string
}

const help = `
Everything is put back as it was, as long as no money has moved; then it is too late. --by is who types, --on-behalf-of who has
changed their mind. To stop a cancellation that nobody has taken back: \`saga cancel\`.`

const inputOf = ({ by, onBehalfOf, reason }: Options) => ({
  by,
  ...(onBehalfOf === undefined ? {} : { onBehalfOf }),
  ...(reason === undefined ? {} : { reason }),
})

/** `saga withdraw`: the customer takes the request back. */
export const withdraw: DefineCommand = (program, ended) => {
  withTelling(program.command('withdraw <requestId>'))
    .description('takes a request to cancel back for whoever made it, before money has moved')
    .option('--on-behalf-of <customer>', 'who has changed their mind')
    .option('--reason <why>', 'why, in words')
    .addHelpText('after', help)
    .addHelpText(
      'after',
      examples(
        'saga withdraw 3f2b… --by ann --on-behalf-of cus-7 --dry-run',
        'saga withdraw 3f2b… --by ann --on-behalf-of cus-7 --reason "called: wants it after all"',
      ),
    )
    .action(async (id: string, options: Options) => {
      const input = inputOf(options)
      const told: Told = {
        ...{ what: 'withdraw', input },
        check: (requestId, standing) => checkTurn(requestId, standing, 'withdrawn'),
        send: (temporal, workflowId) => sendUpdate(temporal, workflowId, 'withdraw', input),
      }
      ended(await tell(id, told, options))
    })
}
