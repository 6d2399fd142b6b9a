import { atTop, auc, averagePrecision, brier, calibrationError } from '@countermand/learning/metrics.ts'
import { labelsOf, learnRisk, predictRisk, type Row, rowsOfOrders } from '../risk.ts'
import { orderEvents, readLines } from './retail.ts'
import type { Suite } from './suite.ts'

const between = (rows: readonly Row[], from: string, until: string): Row[] =>
  rows.filter(({ order: { at } }) => at >= Date.parse(from) && at < Date.parse(until))

/** Whether a customer of a web shop cancels some line within 30 days. Learnt to August, so that every label was known by September. */
export const retailRisk: Suite = async (folder, watch) => {
  const rows = rowsOfOrders(orderEvents(await readLines(folder)))
  const past = between(rows, '2011-02-01T00:00Z', '2011-08-02T00:00Z')
  const asked = between(rows, '2011-09-01T00:00Z', '2011-11-09T00:00Z')
  const progress = watch('retail-risk, models', 1)
  const said = predictRisk(learnRisk(past), asked)
  progress.end()
  const labels = labelsOf(asked)
  const own = Float64Array.from(asked, ({ ownRate }) => ownRate)
  const base = labels.reduce((sum, label) => sum + label, 0) / labels.length
  const figure = (name: string, measure: typeof auc, reference: string) => ({
    suite: 'retail-risk',
    name,
    value: measure(said, labels),
    rival: { name: 'own past rate', value: measure(own, labels) },
    reference,
  })
  const topTenth = (scores: Float64Array) => atTop(scores, labels, 0.1).precision / base
  return [
    { ...figure('AUC', auc, 'LightGBM 0.713'), toReach: { atLeast: 0.72 } },
    { ...figure('average precision', averagePrecision, 'LightGBM 0.311'), toReach: { atLeast: 0.32 } },
    { ...figure('top tenth, times the base', topTenth, 'first measured 2.6'), toReach: { atLeast: 2.6 } },
    figure('Brier score', brier, 'LightGBM 0.115'),
    figure('calibration error', calibrationError, 'first measured 0.021'),
    { suite: 'retail-risk', name: 'orders asked about', value: asked.length, reference: 'first measured 4,273' },
    { suite: 'retail-risk', name: 'base rate', value: base, reference: 'first measured 0.146' },
  ]
}
