import { calibrated, fitLogistic } from '@countermand/learning/calibrate.ts'
import { auc, calibrationError } from '@countermand/learning/metrics.ts'
import { prove } from '@countermand/learning/proof.ts'
import { type SimulatedRequest, simulateShop } from '@countermand/learning/simulate/shop.ts'
import { featuresOf, type Plan, tableOf } from '@countermand/learning/table.ts'
import { boost } from '@countermand/learning/trees/boosting.ts'
import { scorerOf } from '@countermand/learning/trees/ensemble.ts'
import { labelsOf, learnRisk, rowsOfOrders } from '../risk.ts'
import type { Suite } from './suite.ts'

const shopOf = { orders: 40_000, seed: 20_261_130 }

const plan: Plan = ['ageDays', 'isSent', 'value', 'ownCancelRate'].map((name) => ({ name, kind: 'number' }))
const cellsOf = (requests: readonly SimulatedRequest[]) =>
  requests.map(({ ageDays, isSent, value, ownCancelRate }) => [ageDays, isSent ? 1 : 0, value, ownCancelRate])
const refusedOf = (requests: readonly SimulatedRequest[]) =>
  Float64Array.from(requests, ({ refused }) => (refused ? 1 : 0))

/** Up to which true chance of a no a request is harmless; and the probability up to which one is approved, lower, for it is only learnt. */
const harmlessUpTo = 0.02
const approvedUpTo = 0.01

/** Learns from a merchant's first decisions, and would decide the others; how much of what is harmless it takes off people's hands. */
const review = (requests: readonly SimulatedRequest[]) => {
  const half = requests.length >> 1
  const [past, asked] = [requests.slice(0, half), requests.slice(half)]
  const features = featuresOf(plan, cellsOf(past))
  const settings = { trees: 150, leaves: 8, minRows: 40, l2: 5 }
  const scorer = scorerOf(boost({ table: tableOf(features, cellsOf(past)), targets: refusedOf(past) }, settings))
  const said = scorer.predict(tableOf(features, cellsOf(asked)))
  const cases = asked.map(({ refused }, nth) => ({ wouldApprove: (said[nth] ?? 1) <= approvedUpTo, refused }))
  const harmless = cases.filter((_, nth) => (asked[nth]?.chanceOfNo ?? 1) <= harmlessUpTo)
  return {
    approved: (100 * harmless.filter(({ wouldApprove }) => wouldApprove).length) / harmless.length,
    bound: 100 * prove(cases).bound,
    ofAll: 100 * prove(cases.map(({ refused }) => ({ wouldApprove: true, refused }))).bound,
  }
}

/** Risk in a shop of which every true chance is known: how far what is learnt is from the best that anybody could say. */
const risk = () => {
  const { events, chances } = simulateShop(shopOf)
  const rows = rowsOfOrders(events)
  const [learnt, put] = [rows.slice(0, 0.6 * rows.length), rows.slice(0.6 * rows.length, 0.75 * rows.length)]
  const asked = rows.slice(0.75 * rows.length)
  const said = learnRisk(learnt, [...put, ...asked])
  const line = fitLogistic(said.subarray(0, put.length), labelsOf(put))
  const probabilities = said.subarray(put.length).map((each) => calibrated(line, each))
  const truth = Float64Array.from(asked, ({ order }) => chances.get(order.orderId) ?? Number.NaN)
  const labels = labelsOf(asked)
  const best = auc(truth, labels)
  return {
    best,
    ratio: auc(probabilities, labels) / best,
    rival: auc(
      Float64Array.from(asked, ({ ownRate }) => ownRate),
      labels,
    ),
    error: calibrationError(probabilities, truth),
  }
}

/** A shop that never was: what real data cannot say, whether the learning itself is right. */
export const simulated: Suite = async (_, watch) => {
  const progress = watch('simulated, models', 2)
  const found = risk()
  progress.step()
  const reviewed = review(simulateShop(shopOf).requests)
  progress.step()
  progress.end()
  const suite = 'simulated'
  return [
    {
      suite,
      name: 'AUC by that of the true chances',
      value: found.ratio,
      rival: { name: 'own past rate', value: found.rival / found.best },
      reference: `true chances ${found.best.toFixed(3)}`,
      toReach: { atLeast: 0.97 },
    },
    { suite, name: 'calibration error against the true chances', value: found.error, toReach: { atMost: 0.01 } },
    {
      suite,
      name: 'harmless requests approved, %',
      value: reviewed.approved,
      toReach: { atLeast: 70 },
    },
    {
      suite,
      name: 'wrong approvals, at most, %',
      value: reviewed.bound,
      rival: { name: 'approving all', value: reviewed.ofAll },
      toReach: { atMost: 1 },
    },
  ]
}
