import { auc, calibrationError } from '@countermand/learning/metrics.ts'
import { prove } from '@countermand/learning/proof.ts'
import { type SimulatedRequest, simulateShop } from '@countermand/learning/simulate/shop.ts'
import { featuresOf, type Plan, tableOf } from '@countermand/learning/table.ts'
import { boost } from '@countermand/learning/trees/boosting.ts'
import { scorerOf } from '@countermand/learning/trees/ensemble.ts'
import { labelsOf, learnRisk, predictRisk, rowsOfOrders } from '../risk.ts'
import type { Suite } from './suite.ts'

const shopOf = { orders: 40_000, seed: 20_261_130 }
/** Few orders are cancelled, and a proof needs many decisions. */
const reviewedShop = { ...shopOf, orders: 120_000 }

const plan: Plan = ['ageDays', 'isSent', 'value', 'ownCancelRate'].map((name) => ({ name, kind: 'number' }))
const cellsOf = (requests: readonly SimulatedRequest[]) =>
  requests.map(({ ageDays, isSent, value, ownCancelRate }) => [ageDays, isSent ? 1 : 0, value, ownCancelRate])
const refusedOf = (requests: readonly SimulatedRequest[]) =>
  Float64Array.from(requests, ({ refused }) => (refused ? 1 : 0))

/** Up to which true chance of a no a request is harmless. */
const harmlessUpTo = 0.02
/** Up to which probability a request may be approved; which of them, is seen on decisions that were not learnt from. */
const thresholds = [0.02, 0.015, 0.01, 0.0075, 0.005, 0.0025]

const decided = (requests: readonly SimulatedRequest[], said: Float64Array, upTo: number) =>
  requests.map(({ refused }, nth) => ({ wouldApprove: (said[nth] ?? 1) <= upTo, refused }))

/** Learns from half of a merchant's decisions, chooses how far to trust it on the next, and would decide the others. */
const review = (requests: readonly SimulatedRequest[]) => {
  const [half, most] = [0.5, 0.7].map((share) => Math.floor(share * requests.length))
  const [past, shadow, asked] = [requests.slice(0, half), requests.slice(half, most), requests.slice(most)]
  const features = featuresOf(plan, cellsOf(past))
  const settings = { trees: 150, leaves: 8, minRows: 40, l2: 5 }
  const scorer = scorerOf(boost({ table: tableOf(features, cellsOf(past)), targets: refusedOf(past) }, settings))
  const predict = (of: readonly SimulatedRequest[]) => scorer.predict(tableOf(features, cellsOf(of)))
  const inShadow = predict(shadow)
  const upTo = thresholds.find((each) => prove(decided(shadow, inShadow, each)).allowed) ?? 0
  const cases = decided(asked, predict(asked), upTo)
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
  const [past, asked] = [rows.slice(0, 0.75 * rows.length), rows.slice(0.75 * rows.length)]
  const probabilities = predictRisk(learnRisk(past), asked)
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
  const reviewed = review(simulateShop(reviewedShop).requests)
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
