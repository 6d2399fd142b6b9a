import type { CancelRequested } from '@countermand/contracts'
import { shipmentStatus } from '@countermand/contracts/vocabulary.ts'
import { InvalidArgumentError, Option } from 'commander'
import type { Options } from '../actions/trigger.ts'
import { type DefineCommand, examples } from '../exit.ts'

/** `1:2,3:1` → two of line 1 and one of line 3. */
const lines = (text: string): CancelRequested['lines'] =>
  text.split(',').map((part) => {
    const [lineId, quantity = '1', ...rest] = part.split(':')
    if (!lineId || !/^[1-9]\d*$/.test(quantity) || rest.length > 0)
      throw new InvalidArgumentError('expected lines such as 1:2,3:1.')
    return { lineId, quantity: Number(quantity) }
  })

const help = `
It publishes what upstream services would, on their topics, and does nothing else. Only in a sandbox on this machine, where nobody
has paid or sent anything in earnest; --outside-a-sandbox takes that back.`

/** `saga trigger`: what a shop would publish. */
export const trigger: DefineCommand = (program, ended) => {
  program
    .command('trigger [scenario]')
    .description('publishes what a shop would: an order, a request to cancel it, a decision, or a scenario of the demo')
    .option('--list', 'says which scenarios there are, and publishes nothing')
    .option('--order <id>', 'the order that it is about')
    .option('--request <id>', 'the request that it is about')
    .option('--ref <paymentRef>', 'how the sandbox treats the refund of a new order', 'pay_ok')
    .option('--tracking <number>', 'how the sandbox treats the parcel, such as OK-1')
    .addOption(new Option('--status <status>', 'of the parcel').choices(shipmentStatus.options).default('in-transit'))
    .option('--lines <lines>', 'with cancel: of which lines how many, such as 1:2,3:1', lines)
    .addOption(new Option('--decision <decision>', 'with decide').choices(['approve', 'reject']).default('approve'))
    .option('--by <who>', 'with decide and withdraw')
    .option('--outside-a-sandbox', 'also in a system that is none')
    .option('--json', 'prints one JSON document')
    .addHelpText('after', help)
    .addHelpText(
      'after',
      examples(
        'saga trigger --list',
        'saga trigger refund-refused',
        'saga trigger placed --tracking OK-1 --ref pay_slow_3000',
        'saga trigger cancel --order ord-1001 --lines 1:1',
        'saga trigger decide --request 3f2b… --decision reject',
      ),
    )
    .action(async (name: string | undefined, options: Options) =>
      ended(await (await import('../actions/trigger.ts')).run(name, options)),
    )
}
