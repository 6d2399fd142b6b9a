import { visibleLine } from '@countermand/contracts/shown.ts'
import { type LetterBox, redrivesOf, stateOf } from '@countermand/workflows/operations/dead-letters/box.ts'
import { problemOf } from '@countermand/workflows/operations/dead-letters/check.ts'
import { type Letter, messageOf } from '@countermand/workflows/operations/dead-letters/letter.ts'
import type { Handling } from '@countermand/workflows/operations/dead-letters/log.ts'
import { placeText } from '@countermand/workflows/operations/dead-letters/plan.ts'
import { colours } from '../../terminal/colours.ts'
import { columns } from '../../terminal/print.ts'

export const valueText = (value: Buffer | null): string => {
  if (value === null) return '(none)'
  try {
    return JSON.stringify(JSON.parse(value.toString()), null, 2)
  } catch {
    return value.toString()
  }
}

const handlingText = (handling: Handling): string => {
  const { what, by, why, at } = handling
  const edited = what === 'redriven' && handling.edited ? ' with another value' : ''
  const where = what === 'redriven' ? ` to ${placeText(handling.to)}` : ''
  return visibleLine(`${at}  ${what}${edited} by ${by}${where}: ${why ?? 'no reason given'}`)
}

/** What is to be done next, as a command where there is one. */
const nextOf = (box: LetterBox, letter: Letter): string => {
  const found = stateOf(box, letter.id)
  switch (found.state) {
    case 'discarded':
      return 'nothing: it was discarded'
    case 'redriven':
      return 'nothing: it was redriven, and has not failed again'
    case 'failed-again':
      return `see npm run saga -- dlq show ${found.as}`
    case 'open':
      return problemOf(messageOf(letter)) === undefined
        ? `npm run saga -- dlq redrive ${letter.id} --by <you> --reason <why>`
        : [
            'as it is it would fail again: correct its value, or note that it needs nothing more',
            `npm run -s saga -- dlq show ${letter.id} --value > fixed.json`,
            `npm run saga -- dlq redrive ${letter.id} --edit fixed.json --by <you> --reason <why>`,
            `npm run saga -- dlq discard ${letter.id} --by <you> --reason <why>`,
          ].join('\n')
  }
}

/** For people: what it is, what was wrong, what was done about it and what comes next. */
export const describeLetter = (box: LetterBox, letter: Letter): string => {
  const { id, topic, partition, key, headers, headerList, failures, value } = letter
  const from = box.log.sent(id)
  const times = redrivesOf(box.log, id)
  const label = (text: string) => colours.bold(text)
  return [
    columns([
      [label('dead letter'), `${id}  ${stateOf(box, id).state}`],
      [
        label('came from'),
        `${topic}${partition === undefined ? '' : `, partition ${partition}`}, key ${key === null ? 'none' : visibleLine(key)}`,
      ],
      ...(from === undefined
        ? []
        : [[label('redriven'), `${times === 1 ? 'once' : `${times} times`} before, last from ${from.letterId}`]]),
      ...failures.map(({ failedAt, service, reason, error, attempts }) => [
        label('failed'),
        `${failedAt}  ${service}, attempt ${attempts}: ${colours.red(visibleLine(reason))}: ${visibleLine(error)}`,
      ]),
      ...box.log.of(id).map((handling) => [label('then'), handlingText(handling)]),
      [label('next'), nextOf(box, letter)],
    ]),
    '',
    columns(
      (headerList ?? Object.entries(headers)).map(([name, text]) => [
        colours.dim(visibleLine(name)),
        visibleLine(text),
      ]),
    ),
    '',
    valueText(value),
  ].join('\n')
}
