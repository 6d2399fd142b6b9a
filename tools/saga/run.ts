import { Command, CommanderError } from 'commander'
import { say, shown } from '../terminal/print.ts'
import { load } from './commands.ts'
import { describeError } from './error.ts'
import { type ExitCode, wrongUse } from './exit.ts'

/** Wherever it is typed. */
const withVerbose = (command: Command): void => {
  command.option('--verbose', 'with the stack of an error')
  for (const each of command.commands) withVerbose(each)
}

/** An error with commander's guess what was meant, but without the usage that it adds; the help itself as it is. */
const oneLine = (text: string): string => {
  if (!text.startsWith('error:')) return text
  const [error, guess] = text.split('\n')
  return `${error}${guess?.startsWith('(Did you mean') ? ` ${guess}` : ''}\n`
}

/** Runs one command and says how it ended. Never throws. */
export const run = async (argv: readonly string[]): Promise<ExitCode> => {
  let code: ExitCode = 0
  const program = new Command('saga')
    .usage('<command> [options]')
    .description('Finds, shows, replays and repairs cancellation sagas.')
    .addHelpText('after', '\nExit codes: 0 done, 1 a check found something, 2 wrong use or not possible.')
    // What is typed after a command is its own, also where the group that it is in has the same option.
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ writeErr: (text) => process.stderr.write(shown(oneLine(text))) })
  for (const define of await load(argv.slice(2))) define(program, (result) => (code = result))
  withVerbose(program)
  try {
    await program.parseAsync(argv)
    return code
  } catch (error) {
    // commander has said it itself; asking for help is no mistake.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : wrongUse
    say(describeError(error, argv.includes('--verbose')))
    return wrongUse
  }
}
