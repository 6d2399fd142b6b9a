import { Command } from 'commander'

/** A program of one command, `npm run <name>`: `--help` tells its options, and wrong use ends it with one line and exit code 2. */
export const program = (name: string, description: string): Command =>
  new Command(name)
    .usage('[options]')
    .description(description)
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
