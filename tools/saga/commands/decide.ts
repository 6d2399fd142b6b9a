import { Option } from 'commander'
import { type DefineCommand, examples } from '../exit.ts'
import { type TellOptions, type Told, tell, withTelling } from '../tell/command.ts'
import { checkDecide } from '../tell/possible.ts'
import { sendUpdate } from '../tell/send.ts'

interface Options extends TellOptions {
  readonly decision: 'approve' | 'reject'
  readonly message?: string
}

const help = `
Only while the saga waits for its merchant: \`saga list --stage confirming\`. --by is who types, --on-behalf-of who has decided;
both are kept with the request. --message is public, as the merchant's own would be.`

const inputOf = ({ decision, by, onBehalfOf, message }: Options) => ({
  ...{ decision, by },
  ...(onBehalfOf === undefined ? {} : { onBehalfOf }),
  ...(message === undefined ? {} : { message }),
})

/** `saga decide`: the merchant's decision, by whoever may make it. */
export const decide: DefineCommand = (program, ended) => {
  withTelling(program.command('decide <requestId>'))
    .description("decides for the merchant whether a request to cancel is granted that waits for the merchant's word")
    .addOption(new Option('--decision <decision>', 'what').choices(['approve', 'reject']).makeOptionMandatory())
    .option('--on-behalf-of <merchant>', 'whose decision it is')
    .option('--message <text>', 'for the customer and the public, in words')
    .addHelpText('after', help)
    .addHelpText(
      'after',
      examples(
        'saga decide 3f2b… --decision approve --by ann --on-behalf-of mer-3 --dry-run',
        'saga decide 3f2b… --decision reject --by ann --on-behalf-of mer-3 --message "it was made to measure"',
      ),
    )
    .action(async (id: string, options: Options) => {
      const { decision } = options
      const input = inputOf(options)
      const told: Told = {
        ...{ what: decision, input, check: checkDecide },
        send: (temporal, workflowId) => sendUpdate(temporal, workflowId, 'decide', input),
      }
      ended(await tell(id, told, options))
    })
}
