import { colours } from '../../terminal/colours.ts'
import { columns } from '../../terminal/print.ts'
import { type Figure, isReached, type LeftOut } from './figure.ts'
import type { ModelCard } from './model.ts'

const rounded = (value: number): string => (Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(3))

const wantedText = ({ toReach }: Figure): string => {
  if (toReach === undefined) return ''
  return 'atLeast' in toReach ? `≥ ${toReach.atLeast}` : `≤ ${toReach.atMost}`
}

const markOf = (figure: Figure): string => {
  const reached = isReached(figure)
  if (reached === undefined) return ' '
  return reached ? colours.green('✓') : colours.red('✗')
}

/** Each figure beside its simplest rival, what others came to, and what was to be reached. */
export const describeFigures = (figures: readonly Figure[], leftOut: readonly LeftOut[]): string => {
  const rows = figures.map((figure) => [
    markOf(figure),
    figure.suite,
    figure.name,
    colours.bold(rounded(figure.value)),
    wantedText(figure),
    figure.rival === undefined ? '' : `${figure.rival.name} ${rounded(figure.rival.value)}`,
    figure.reference ?? '',
  ])
  const missed = figures.filter((figure) => isReached(figure) === false).length
  const reached = figures.filter((figure) => isReached(figure) === true).length
  return [
    ...(rows.length === 0
      ? []
      : [columns([['', 'suite', 'figure', 'here', 'wanted', 'simplest rival', 'others'], ...rows])]),
    ...leftOut.map(({ suite, why }) => colours.dim(`- ${suite}: not measured: ${why}`)),
    `${reached} reached, ${missed} missed, ${leftOut.length} not measured`,
  ].join('\n')
}

const asksShown = 10

/** What a model file is, and that it decides nothing. */
export const describeModel = ({ from, task, trainedUpTo, rows, sha256, trees, asks }: ModelCard): string =>
  [
    from === 'lightgbm' ? 'a model that LightGBM trained' : `${task}, learnt from ${rows} orders up to ${trainedUpTo}`,
    ...(sha256 === null ? [] : [`sha256 ${sha256}`]),
    `${trees} trees, which ask about`,
    ...asks
      .filter(({ times }) => times > 0)
      .slice(0, asksShown)
      .map(({ feature, times }) => `  ${feature} ${times} times`),
    'it decides nothing: no process asks a model',
  ].join('\n')
