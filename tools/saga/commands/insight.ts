import { type Command, InvalidArgumentError } from 'commander'
import type { runEvaluate, runImport, runModel, runSimulate, runTrain, runTry } from '../actions/insight.ts'
import { type DefineCommand, examples } from '../exit.ts'

const about = `
Learns from orders, and says how well. Nothing that is learnt decides anything yet: no process asks a model. docs/intelligence.md says what is
measured, on which public data, and where to get it.`

const actions = () => import('../actions/insight.ts')

const whole =
  (least: number, most: number) =>
  (text: string): number => {
    if (/^\d{1,10}$/.test(text) && Number(text) >= least && Number(text) <= most) return Number(text)
    throw new InvalidArgumentError(`Expected a whole number from ${least} to ${most}.`)
  }

const ownHistory = (group: Command, ended: Parameters<DefineCommand>[1]): void => {
  group
    .command('import <file>')
    .description("reads a shop's own export, each row a line of an order, into a history to learn from")
    .option('--preset <name>', 'an export that is known: shopify')
    .option('--map <file>', 'which column says what, as JSON')
    .option('--out <file>', 'where the history is written')
    .option('--leave-out', 'leaves out orders of which a row is wrong (default: nothing is written)')
    .option('--dry-run', 'writes nothing')
    .option('--json', 'prints one JSON document, with all wrong rows')
    .addHelpText('after', '\nExit code 1: a row is wrong.')
    .addHelpText(
      'after',
      examples(
        'saga insight import orders.csv --preset shopify --dry-run',
        'saga insight import orders.csv.gz --map map.json --out history.jsonl --leave-out',
      ),
    )
    .action(async (file: string, options: Parameters<typeof runImport>[1]) =>
      ended(await (await actions()).runImport(file, options)),
    )
  group
    .command('try <history>')
    .description('learns from the older part of a history what became of the newer, and says whether it is worth it')
    .option('--json', 'prints one JSON document')
    .addHelpText('after', '\nExit code 1: no gain is shown over the own past rate.')
    .addHelpText('after', examples('saga insight try history.jsonl'))
    .action(async (file: string, options: Parameters<typeof runTry>[1]) =>
      ended(await (await actions()).runTry(file, options)),
    )
}

const models = (group: Command, ended: Parameters<DefineCommand>[1]): void => {
  group
    .command('train <history>')
    .description('learns from all of a history, and writes the model')
    .requiredOption('--out <file>', 'where the model is written')
    .addHelpText('after', examples('saga insight train history.jsonl --out model.json'))
    .action(async (file: string, options: Parameters<typeof runTrain>[1]) =>
      ended(await (await actions()).runTrain(file, options)),
    )
  group
    .command('model <file>')
    .description('says what a model file is, also one that LightGBM dumped; or why it is refused')
    .option('--json', 'prints one JSON document')
    .addHelpText('after', '\nExit code 2: the model is refused.')
    .addHelpText('after', examples('saga insight model model.json'))
    .action(async (file: string, options: Parameters<typeof runModel>[1]) =>
      ended(await (await actions()).runModel(file, options)),
    )
}

/** `saga insight`: what can be learnt from orders. */
export const insight: DefineCommand = (program, ended) => {
  const group = program
    .command('insight')
    .description('what can be learnt from orders: measures it, and tries it on your own')
  group.addHelpText('after', about)
  group
    .command('evaluate [suites...]')
    .description('measures the models on public data, beside the simplest rival and what others came to')
    .requiredOption('--data <folder>', 'the folder with the files, as docs/intelligence.md names them')
    .option('--json', 'prints one JSON document')
    .addHelpText(
      'after',
      '\nExit code 1: a figure was not reached. A suite whose file is missing is left out, and named.',
    )
    .addHelpText(
      'after',
      examples('saga insight evaluate --data data', 'saga insight evaluate hotel text --data data --json'),
    )
    .action(async (suites: string[], options: Parameters<typeof runEvaluate>[1]) =>
      ended(await (await actions()).runEvaluate(suites, options)),
    )
  ownHistory(group, ended)
  models(group, ended)
  group
    .command('simulate')
    .description('writes a year of a shop that never was, of which every true chance is known')
    .requiredOption('--orders <count>', 'how many orders', whole(1, 1_000_000))
    .option('--seed <number>', 'the same seed is the same year', whole(0, 4_294_967_295), 1)
    .requiredOption('--out <file>', 'where the history is written')
    .addHelpText('after', examples('saga insight simulate --orders 20000 --seed 7 --out history.jsonl'))
    .action(async (options: Parameters<typeof runSimulate>[0]) => ended(await (await actions()).runSimulate(options)))
}
