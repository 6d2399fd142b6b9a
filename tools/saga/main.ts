/** `npm run saga --`: the operator's and developer's command line. Each command is one file in `commands/`. */
import { Command, CommanderError } from 'commander'
import { dlq } from './commands/dlq.ts'
import { drill } from './commands/drill.ts'
import { exportHistory } from './commands/export.ts'
import { intake } from './commands/intake.ts'
import { list } from './commands/list.ts'
import { replay } from './commands/replay.ts'
import { resolve } from './commands/resolve.ts'
import { retry } from './commands/retry.ts'
import { show } from './commands/show.ts'
import { verify } from './commands/verify.ts'
import { describeError } from './error.ts'
import { type ExitCode, wrongUse } from './exit.ts'

const commands = [list, show, replay, exportHistory, retry, resolve, dlq, intake, verify, drill]

/** Wherever it is typed. */
const withVerbose = (command: Command): void => {
  command.option('--verbose', 'with the stack of an error')
  for (const each of command.commands) withVerbose(each)
}

/** An error without the usage that commander adds; the help itself as it is. */
const oneLine = (text: string): string => (text.startsWith('error:') ? `${text.split('\n')[0]}\n` : text)

const run = async (argv: readonly string[]): Promise<ExitCode> => {
  let code: ExitCode = 0
  const program = new Command('saga')
    .usage('<command> [options]')
    .description('Finds, shows, replays and repairs cancellation sagas.')
    .addHelpText('after', '\nExit codes: 0 done, 1 a check found something, 2 wrong use or not possible.')
    .exitOverride()
    .configureOutput({ writeErr: (text) => process.stderr.write(oneLine(text)) })
  for (const define of commands) define(program, (result) => (code = result))
  withVerbose(program)
  try {
    await program.parseAsync(argv)
    return code
  } catch (error) {
    // commander has said it itself; asking for help is no mistake.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : wrongUse
    process.stderr.write(`${describeError(error, argv.includes('--verbose'))}\n`)
    return wrongUse
  }
}

process.exitCode = await run(process.argv)
