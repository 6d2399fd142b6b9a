import { type Command, InvalidArgumentError } from 'commander'

export interface BulkOptions {
  readonly where?: string
  readonly rate: number
  readonly yes?: true
  readonly dryRun?: true
  readonly json?: true
}

const rate = (text: string): number => {
  const perSecond = Number(text)
  if (!(perSecond > 0 && perSecond <= 100)) throw new InvalidArgumentError('expected a number from 0.1 to 100.')
  return perSecond
}

/** The options of a repair of many sagas at once. */
export const withBulk = (command: Command): Command =>
  command
    .option('--where <query>', "instead of a request: every saga that Temporal's search finds")
    .option('--rate <perSecond>', 'with --where: how many a second', rate, 5)
    .option('--yes', 'with --where: without asking; needed where nobody can be asked')
