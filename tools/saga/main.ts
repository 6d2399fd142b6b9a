/** `npm run saga --`: the operator's and developer's command line. Each command is one file in `commands/`. */
import { Command, CommanderError } from 'commander'
import { list } from './commands/list.ts'
import { resolve } from './commands/resolve.ts'
import { show } from './commands/show.ts'
import { verify } from './commands/verify.ts'
import { describeError } from './error.ts'
import { type ExitCode, wrongUse } from './exit.ts'

const run = async (argv: readonly string[]): Promise<ExitCode> => {
  let code: ExitCode = 0
  const program = new Command('saga')
    .description('Looks at cancellation sagas, decides for those that need attention, and checks them.')
    .option('--verbose', 'with the stack of an error')
    .exitOverride()
    .configureOutput({ writeErr: (text) => process.stderr.write(text.trimEnd().split('\n')[0]?.concat('\n') ?? '') })
  for (const define of [list, show, resolve, verify]) define(program, (result) => (code = result))
  try {
    await program.parseAsync(argv)
    return code
  } catch (error) {
    // commander has said it itself; asking for help is no mistake.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : wrongUse
    process.stderr.write(`${describeError(error, program.opts().verbose === true)}\n`)
    return wrongUse
  }
}

process.exitCode = await run(process.argv)
