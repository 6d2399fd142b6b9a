import { visibleLine } from '@countermand/contracts/shown.ts'
import { Option } from 'commander'
import { colours } from '../../colours.ts'
import { readAddresses } from '../addresses.ts'
import { ago } from '../ago.ts'
import { chosen, topicNamed } from '../dlq/choose.ts'
import { type DeadLetter, documentOf } from '../dlq/document.ts'
import { openKafka, readBoxAloud } from '../dlq/open.ts'
import { type DefineCommand, examples } from '../exit.ts'
import { print, printJson, table } from '../print.ts'

interface Options {
  readonly cause?: string
  readonly topic?: string
  readonly reason?: string
  readonly since?: Date
  readonly open?: true
  readonly json?: true
}

const stateText = ({ state, failedAgainAs, redrives }: DeadLetter): string => {
  switch (state) {
    case 'open':
      return redrives === 0
        ? colours.red('open')
        : colours.red(`open, redriven ${redrives} ${redrives === 1 ? 'time' : 'times'} before`)
    case 'redriven':
      return colours.green('redriven')
    case 'failed-again':
      return colours.yellow(`failed again as ${failedAgainAs}`)
    case 'discarded':
      return colours.dim('discarded')
  }
}

const rowOf = (letter: DeadLetter): string[] => [
  letter.failedAt.slice(0, 19).replace('T', ' '),
  letter.id,
  visibleLine(letter.key ?? ''),
  visibleLine(letter.service),
  visibleLine(letter.reason),
  stateText(letter),
]

/** `saga dlq list`: dead letters, oldest first. */
export const dlqList: DefineCommand = (group, ended) => {
  group
    .command('list')
    .description('lists dead letters, oldest first')
    .option('--topic <topic>', 'only those of this topic')
    .option('--cause <cause>', 'only those with this cause')
    .addOption(new Option('--reason <cause>').hideHelp())
    .option('--since <duration>', 'only those that failed so long ago or less, such as 2d', ago)
    .option('--open', 'only those that nobody has dealt with')
    .option('--json', 'prints one JSON array')
    .addHelpText(
      'after',
      examples(
        'saga dlq list',
        'saga dlq list --open --cause processing-failed',
        'saga dlq list --topic orders.placed.v1 --since 1d --json',
      ),
    )
    .action(async ({ json, topic, cause, ...options }: Options) => {
      const choice = { ...options, ...(cause === undefined ? {} : { reason: cause }) }
      const named = topic === undefined ? undefined : topicNamed(topic)
      const box = await readBoxAloud(
        await openKafka(await readAddresses(process.env)),
        named === undefined ? undefined : [named],
      )
      const letters = chosen(box, choice).map((letter) => documentOf(box, letter))
      if (json) printJson(letters)
      else if (letters.length === 0) print('no dead letters')
      else print(table(['failed (UTC)', 'id', 'key', 'service', 'reason', 'state'], letters.map(rowOf)))
      ended(0)
    })
}
