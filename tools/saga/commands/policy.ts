import { type Command, Option } from 'commander'
import type { runDiff, runExplain, runLint, runSimulate } from '../actions/policy.ts'
import { ago } from '../ago.ts'
import { type DefineCommand, examples } from '../exit.ts'
import { moment } from '../moment.ts'

const about = `
The law is kept as data in policies/, one pack for each jurisdiction. A pack decides nothing by itself before somebody has signed it off, and
nothing here is legal advice. docs/policies.md says what a pack is.`

const actions = () => import('../actions/policy.ts')

const anyPolicies = (command: Command): Command =>
  command
    .option('--policies <folder>', 'the folder of packs (default: policies/ of this repository)')
    .option('--json', 'prints one JSON document')

/** An order and a request, as they are on the topics. */
const files = (command: Command): Command =>
  anyPolicies(command)
    .option('--order <file>', 'the data of order.placed.v1, as JSON, with what the law asks for besides')
    .option('--request <file>', 'the data of order.cancel.requested.v1, as JSON')
    .option('--events <file>', 'what happened: an array of { "type", "data" }, as on the topics')
    .addOption(new Option('--at <when>', 'as far as it was known then: how long ago, or when').argParser(moment))
    .option('--pack <pack>', "a pack, or pack@version (default: that of the order's jurisdiction)")
    .option('--terms <pack>', "a merchant's terms, which can only give more")

/** `saga policy`: the law as data. */
export const policy: DefineCommand = (program, ended) => {
  const group = program.command('policy').description('the law as data: explains, tries, compares and checks it')
  group.addHelpText('after', about)
  files(group.command('explain [id]'))
    .description(
      'says in words why a request, or the latest of an order, rests on what it rests on: the rules that won and lost',
    )
    .option('--language <tag>', "in which language (default: the order's, else English)")
    .addHelpText(
      'after',
      examples(
        'saga policy explain 3f0c9b1e --pack de',
        'saga policy explain --order order.json --request request.json --language de',
      ),
    )
    .action(async (id: string | undefined, options: Parameters<typeof runExplain>[1]) =>
      ended(await (await actions()).runExplain(id, options)),
    )
  files(group.command('simulate'))
    .description('says what a request would come to, and by when')
    .addHelpText(
      'after',
      examples('saga policy simulate --order order.json --request request.json --events events.json --pack de --json'),
    )
    .action(async (options: Parameters<typeof runSimulate>[0]) => ended(await (await actions()).runSimulate(options)))
  anyPolicies(group.command('diff <old> <new>'))
    .description('says what another pack or version decides otherwise, in all cells and in the cases')
    .option(
      '--since <duration>',
      'instead of the cases the requests that the order service keeps since, such as 90d',
      ago,
    )
    .addHelpText('after', '\nExit code 1: something changes.')
    .addHelpText('after', examples('saga policy diff zz@2026.1 zz@2026.2', 'saga policy diff eu de --since 90d --json'))
    .action(async (old: string, next: string, options: Parameters<typeof runDiff>[2]) =>
      ended(await (await actions()).runDiff(old, next, options)),
    )
  anyPolicies(group.command('lint'))
    .description('decides every cell of every pack, and says what is wrong, with file and line')
    .addHelpText('after', '\nExit code 1: a pack cannot be used. Warnings are no mistakes.')
    .addHelpText('after', examples('saga policy lint', 'saga policy lint --policies my-policies --json'))
    .action(async (options: Parameters<typeof runLint>[0]) => ended(await (await actions()).runLint(options)))
  anyPolicies(group.command('test [packs...]'))
    .description('decides the cases of the packs, and compares')
    .addHelpText('after', '\nExit code 1: a case is decided otherwise.')
    .addHelpText('after', examples('saga policy test', 'saga policy test de fr'))
    .action(async (packs: string[], options: Parameters<typeof runLint>[0]) =>
      ended(await (await actions()).runTest(packs, options)),
    )
}
