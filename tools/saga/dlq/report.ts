import type { LetterBox } from '@countermand/workflows/operations/dead-letters/box.ts'
import type { Result } from '@countermand/workflows/operations/dead-letters/handle.ts'
import { placeText, type Task } from '@countermand/workflows/operations/dead-letters/plan.ts'
import { type Previewed, preview } from '@countermand/workflows/operations/dead-letters/preview.ts'
import { colours } from '../../terminal/colours.ts'
import { columns, print, printJson, say } from '../../terminal/print.ts'
import { type ExitCode, wrongUse } from '../exit.ts'

/** 2 when a letter could not be dealt with. */
export const exitOf = (results: readonly (Result | Previewed)[]): ExitCode =>
  results.some((result) => 'refused' in result) ? wrongUse : 0

/** Whoever sends what cannot be read shall know it beforehand: the reader of today may be another than that of this code. */
export const warn = (box: LetterBox, tasks: readonly Task[], force: boolean): void => {
  for (const found of preview(box, tasks, force))
    if ('problem' in found && found.problem !== undefined)
      say(`[dlq] ${found.letterId} will probably fail again: ${found.problem}`)
}

const previewRow = (found: Previewed): string[] => {
  if ('refused' in found) return [colours.red('refuses'), found.letterId, found.refused]
  const { letterId, topic, problem } = found
  const how = problem === undefined ? 'where it can be read' : colours.yellow(`where it fails again: ${problem}`)
  return ['would redrive', letterId, `to ${topic}, ${how}`]
}

export const previewReport = (found: readonly Previewed[], json: boolean): void => {
  if (json)
    printJson({
      dryRun: true,
      results: found.map(({ letterId, ...rest }) =>
        'refused' in rest
          ? { id: letterId, result: 'refused', why: rest.refused }
          : { id: letterId, result: 'would-redrive', to: { topic: rest.topic }, problem: rest.problem ?? null },
      ),
    })
  else print(found.length === 0 ? 'nothing to redrive' : columns(found.map(previewRow)))
}

const rowOf = (result: Result): string[] => {
  if ('refused' in result) return [colours.red('refused'), result.letterId, result.refused]
  const { done } = result
  return [colours.green(done.what), result.letterId, done.what === 'redriven' ? `to ${placeText(done.to)}` : '']
}

const documentOf = (result: Result) => {
  if ('refused' in result) return { id: result.letterId, result: 'refused', why: result.refused }
  const { recordId, letterId, what, ...record } = result.done
  return { id: letterId, result: what, ...record }
}

export const report = (results: readonly Result[], json: boolean): void => {
  if (json) printJson({ dryRun: false, results: results.map(documentOf) })
  else print(columns(results.map(rowOf)))
}
