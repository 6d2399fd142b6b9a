import { type DefineCommand, examples } from '../exit.ts'

interface Json {
  readonly json?: true
}

/** `saga webhook`: how those fare who are told by HTTP. */
export const webhook: DefineCommand = (program, ended) => {
  const group = program.command('webhook').description('shows how webhooks fare, tries them, and has them told again')
  const actions = () => import('../actions/webhook.ts')
  group
    .command('list')
    .description('lists all webhooks, and since when nothing arrives')
    .option('--json', 'prints one JSON document')
    .addHelpText('after', examples('saga webhook list'))
    .action(async (options: Json) => ended(await (await actions()).runList(options)))
  group
    .command('deliveries <webhook>')
    .description('shows what it was told last, and what came of it')
    .option('--json', 'prints one JSON document')
    .addHelpText('after', examples('saga webhook deliveries whe_3f2b9a'))
    .action(async (id: string, options: Json) => ended(await (await actions()).runDeliveries(id, options)))
  group
    .command('test <webhook>')
    .description('tells it webhook.test, which says nothing')
    .addHelpText('after', examples('saga webhook test whe_3f2b9a'))
    .action(async (id: string) => ended(await (await actions()).runTest(id)))
  group
    .command('redeliver <webhook> <delivery>')
    .description('has it told again now, whatever became of it')
    .addHelpText('after', examples('saga webhook redeliver whe_3f2b9a 1042'))
    .action(async (id: string, delivery: string) => ended(await (await actions()).runRedeliver(id, delivery)))
  group
    .command('enable <webhook>')
    .description('has it told again after it was disabled, with all that waits for it')
    .addHelpText('after', examples('saga webhook enable whe_3f2b9a'))
    .action(async (id: string) => ended(await (await actions()).runEnable(id)))
}
