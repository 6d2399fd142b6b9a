import type { DefineCommand } from '../exit.ts'
import { dlqDiscard } from './dlq-discard.ts'
import { dlqList } from './dlq-list.ts'
import { dlqRedrive } from './dlq-redrive.ts'
import { dlqShow } from './dlq-show.ts'

/** `saga dlq`: messages that could not be used. */
export const dlq: DefineCommand = (program, ended) => {
  const group = program.command('dlq').description('dead letters: messages that could not be used')
  for (const define of [dlqList, dlqShow, dlqRedrive, dlqDiscard]) define(group, ended)
}
