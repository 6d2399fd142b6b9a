import type { Command } from 'commander'
import { wait } from '../wait.ts'

export interface TellOptions {
  readonly by: string
  readonly onBehalfOf?: string
  readonly dryRun?: true
  readonly json?: true
  readonly wait: number
}

/** The options that all of them have. */
export const withTelling = (command: Command): Command =>
  command
    .requiredOption('--by <you>', 'who does it')
    .addOption(wait())
    .option('--dry-run', 'only says what would be sent, and whether it would change anything')
    .option('--json', 'prints one JSON document')
