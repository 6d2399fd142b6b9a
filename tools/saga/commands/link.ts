import type { LinkOptions } from '../actions/link.ts'
import { type DefineCommand, examples } from '../exit.ts'

const about = `
The link is printed once: the console's database has its hash. It opens that order alone, without a password, for whoever has it: give it to its
customer and to nobody else. It counts until it is used, and for a week at most. Pages: SHOP_URL, else where npm start says.`

/** `saga link`: how a customer gets to their order. */
export const link: DefineCommand = (program, ended) => {
  program
    .command('link <orderId>')
    .description("makes a link to a customer's pages of an order, and prints it once")
    .option('--customer', 'the id is that of a customer: the link opens all their orders')
    .option('--hours <count>', 'for how long it counts, at most 168 (default 168)')
    .option('--json', 'prints one JSON document')
    .addHelpText('after', about)
    .addHelpText('after', examples('saga link ord-1001', 'saga link cus-7 --customer --hours 24'))
    .action(async (id: string, options: LinkOptions) =>
      ended(await (await import('../actions/link.ts')).runLink(id, options)),
    )
}
