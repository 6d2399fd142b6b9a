import { auc, averagePrecision, calibrationError } from '@countermand/learning/metrics.ts'
import { writeModel } from '@countermand/learning/model-file.ts'
import type { OrderEvent } from '@countermand/learning/orders/history.ts'
import { prove } from '@countermand/learning/proof.ts'
import { seeded } from '@countermand/learning/random.ts'
import { horizonDays, labelsOf, learnRisk, predictRisk, type Row, rowsOfOrders } from '../risk.ts'

const dayMs = 86_400_000
/** Fewer orders, or cancelled ones among those that are asked about, say nothing. */
const least = { learnt: 500, asked: 200, cancelled: 30 }
const draws = 500

/** What an owner's own history shows. */
export interface Tried {
  readonly learnt: number
  readonly asked: number
  readonly cancelled: number
  readonly auc: { readonly model: number; readonly ownRate: number }
  readonly averagePrecision: { readonly model: number; readonly ownRate: number }
  readonly calibrationError: number
  /** By how much the model's average precision is above that of the own past rate, and between what that lies (95 %). */
  readonly gain: { readonly value: number; readonly low: number; readonly high: number }
  readonly isWorthIt: boolean
  /** Why nothing is approved by a model. */
  readonly review: string
}

/** Draws the orders again and again, with replacement: how the gain would have come out with others of their kind. */
const gainOf = (model: Float64Array, rival: Float64Array, labels: Float64Array): Tried['gain'] => {
  const random = seeded(1)
  const gains = Array.from({ length: draws }, () => {
    const drawn = Int32Array.from(labels, () => Math.floor(random() * labels.length))
    const of = (values: Float64Array) => Float64Array.from(drawn, (row) => values[row] ?? 0)
    return averagePrecision(of(model), of(labels)) - averagePrecision(of(rival), of(labels))
  }).sort((a, b) => a - b)
  const at = (share: number) => gains[Math.floor(share * (draws - 1))] ?? Number.NaN
  return { value: averagePrecision(model, labels) - averagePrecision(rival, labels), low: at(0.025), high: at(0.975) }
}

/** Orders of which the horizon has passed: only of them it is known what became of them. */
const maturedRows = (events: readonly OrderEvent[]): Row[] => {
  const end = (events.at(-1)?.at ?? 0) - horizonDays * dayMs
  return rowsOfOrders(events).filter(({ order }) => order.at <= end)
}

/** Learns from all of a history of which it is known what became of it, and writes it down as a model file. Throws where it is too short. */
export const trainOn = (events: readonly OrderEvent[]): string => {
  const rows = maturedRows(events)
  const cancelled = labelsOf(rows).reduce((sum, label) => sum + label, 0)
  if (rows.length < least.learnt || cancelled < least.cancelled)
    throw new Error(
      `expected ${least.learnt} orders older than ${horizonDays} days, ${least.cancelled} of them cancelled; got ${rows.length} and ${cancelled}`,
    )
  const trainedUpTo = new Date(rows.at(-1)?.order.at ?? 0).toISOString()
  return writeModel({ task: 'order-risk', trainedUpTo, rows: rows.length, seed: 1, ...learnRisk(rows) })
}

/**
 * Learns from the older part of a history what became of the newer part. Orders count when the horizon has passed: cancelled and kept ones
 * alike. Throws where there are too few to say anything.
 */
export const tryHistory = (events: readonly OrderEvent[]): Tried => {
  const rows = maturedRows(events)
  const asked = rows.slice(Math.floor(0.7 * rows.length))
  const from = (asked[0]?.order.at ?? 0) - horizonDays * dayMs
  const past = rows.filter(({ order }) => order.at < from)
  const labels = labelsOf(asked)
  const cancelled = labels.reduce((sum, label) => sum + label, 0)
  if (past.length < least.learnt || asked.length < least.asked || cancelled < least.cancelled)
    throw new Error(
      `expected ${least.learnt} orders to learn from and ${least.asked} to ask about, ${least.cancelled} of them cancelled, ` +
        `all older than ${horizonDays} days; got ${past.length}, ${asked.length} and ${cancelled}`,
    )
  const model = predictRisk(learnRisk(past), asked)
  const own = Float64Array.from(asked, ({ ownRate }) => ownRate)
  const gain = gainOf(model, own, labels)
  const proof = prove([])
  return {
    learnt: past.length,
    asked: asked.length,
    cancelled,
    auc: { model: auc(model, labels), ownRate: auc(own, labels) },
    averagePrecision: { model: averagePrecision(model, labels), ownRate: averagePrecision(own, labels) },
    calibrationError: calibrationError(model, labels),
    gain,
    isWorthIt: gain.low > 0,
    review: proof.allowed ? '' : proof.reason,
  }
}
