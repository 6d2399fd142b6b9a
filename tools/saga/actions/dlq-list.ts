import { visibleLine } from '@countermand/contracts/shown.ts'
import { chosen, topicNamed } from '@countermand/workflows/operations/dead-letters/choose.ts'
import { type DeadLetter, documentOf } from '@countermand/workflows/operations/dead-letters/document.ts'
import { openKafka } from '@countermand/workflows/operations/dead-letters/open.ts'
import { colours } from '../../terminal/colours.ts'
import { print, printJson, table } from '../../terminal/print.ts'
import { readAddresses } from '../addresses.ts'
import { readBoxAloud } from '../dlq/read-aloud.ts'
import type { ExitCode } from '../exit.ts'

export interface Options {
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

/** Lists what was asked for. */
export const run = async ({ json, topic, cause, ...options }: Options): Promise<ExitCode> => {
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
  return 0
}
