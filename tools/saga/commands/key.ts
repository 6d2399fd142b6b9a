import type { CreateOptions } from '../actions/key.ts'
import { type DefineCommand, examples } from '../exit.ts'

const about = `
The key is printed once, and kept by nobody: the console's database has its hash. Scopes say whose work its holder does: merchant, support or
operations. checkout alone tells of orders, and is believed like a writer of orders.placed.v1: payments, parcels and store credit that an
order names are taken as it says. Give it to your own shop, and to nobody else. Without --merchant it is of all merchants. To change one, make another, and take the first back once nobody uses it.`

const split = (list: string): string[] => list.split(',').map((each) => each.trim())

/** `saga key`: who may call the console's API. */
export const key: DefineCommand = (program, ended) => {
  const group = program.command('key').description("makes, lists and takes back keys of the console's API")
  group
    .command('create')
    .description('makes a key, and prints it once')
    .requiredOption('--name <who>', 'whose it is, in words')
    .requiredOption('--scope <scopes>', 'merchant, support, operations, checkout: one or several, with commas', split)
    .option('--merchant <ids>', 'of whose orders alone, with commas', split)
    .option('--expires <days>', 'after how many days it does not count any more')
    .option('--json', 'prints one JSON document')
    .addHelpText('after', about)
    .addHelpText(
      'after',
      examples(
        'saga key create --name "acme shop" --scope merchant --merchant mer-3',
        'saga key create --name "our checkout" --scope checkout',
        'saga key create --name ann --scope support --expires 90 --json',
      ),
    )
    .action(async (options: CreateOptions) => ended(await (await import('../actions/key.ts')).runCreate(options)))
  group
    .command('list')
    .description('lists the keys there ever were, without what opens anything')
    .option('--json', 'prints one JSON document')
    .addHelpText('after', examples('saga key list'))
    .action(async (options: { readonly json?: true }) =>
      ended(await (await import('../actions/key.ts')).runList(options)),
    )
  group
    .command('revoke <id>')
    .description('takes a key back: it does not count from now on')
    .addHelpText('after', examples('saga key revoke 3f2b9a10c4d5e6f7'))
    .action(async (id: string) => ended(await (await import('../actions/key.ts')).runRevoke(id)))
}
