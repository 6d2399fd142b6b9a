import { calibrated, fitLogistic, type LogisticCalibration } from '@countermand/learning/calibrate.ts'
import { createHistory, type OrderEvent, orderPlan, type Placed } from '@countermand/learning/orders/history.ts'
import { type Cell, type Feature, featuresOf, tableOf } from '@countermand/learning/table.ts'
import { averageOf } from '@countermand/learning/trees/average.ts'
import { boost } from '@countermand/learning/trees/boosting.ts'
import { type Ensemble, scorerOf } from '@countermand/learning/trees/ensemble.ts'

const dayMs = 86_400_000

/** Whether some line of an order was cancelled within so many days; known once they have passed. */
export const cancelledWithin = (events: readonly OrderEvent[], days: number): ((order: Placed) => boolean) => {
  const placedAt = new Map(events.flatMap((each) => (each.kind === 'placed' ? [[each.orderId, each.at]] : [])))
  const cancelled = new Set(
    events.flatMap((each) =>
      each.kind === 'cancelled' && each.at - (placedAt.get(each.orderId) ?? 0) <= days * dayMs ? [each.orderId] : [],
    ),
  )
  return ({ orderId }) => cancelled.has(orderId)
}

/** An order as it was known when it was placed, with what came within the horizon. */
export interface Row {
  readonly order: Placed
  readonly cells: readonly Cell[]
  readonly ownRate: number
  readonly label: number
}

export const horizonDays = 30

/** Each order as it was known when it was placed, with what came within the horizon. */
export const rowsOfOrders = (events: readonly OrderEvent[], days = horizonDays): Row[] => {
  const history = createHistory()
  const isCancelled = cancelledWithin(events, days)
  return events.flatMap((event) => {
    const rows: Row[] =
      event.kind === 'placed'
        ? [
            {
              order: event,
              cells: history.row(event),
              ownRate: history.ownCancelRate(event.customerId),
              label: isCancelled(event) ? 1 : 0,
            },
          ]
        : []
    history.tell(event)
    return rows
  })
}

const cellsOf = (rows: readonly Row[]) => rows.map(({ cells }) => cells)
export const labelsOf = (rows: readonly Row[]) => Float64Array.from(rows, ({ label }) => label)

/** A rare label: small trees, slow steps, a part of the rows and columns each, and the mean of several seeds. */
const settings = { trees: 800, leaves: 8, rate: 0.02, minRows: 40, l2: 5, rowShare: 0.7, columnShare: 0.5 }
const seeds = [1, 2, 3, 4, 5]
/** The newest part of what is learnt from, on which it is seen how many trees are worth it. */
const heldBack = 0.2

const examplesOf = (features: readonly Feature[], rows: readonly Row[]) => ({
  table: tableOf(features, cellsOf(rows)),
  targets: labelsOf(rows),
})

/** What was learnt, and the line that puts its probabilities right. */
export interface LearntRisk {
  readonly ensemble: Ensemble
  readonly calibration: LogisticCalibration
}

/** Rows that say beforehand that the probabilities are right as they are. */
const pull = 200

/** Learns from rows whose label is known, in the order of their time. The newest of them say how many trees are worth it, and put them right. */
export const learnRisk = (past: readonly Row[]): LearntRisk => {
  const features = featuresOf(orderPlan, cellsOf(past))
  const older = Math.floor((1 - heldBack) * past.length)
  const first = examplesOf(features, past.slice(0, older))
  const held = examplesOf(features, past.slice(older))
  const tried = boost(first, settings, held)
  const calibration = fitLogistic(scorerOf(tried).predict(held.table), held.targets, pull)
  const examples = examplesOf(features, past)
  const models = seeds.map((seed) => boost(examples, { ...settings, trees: tried.trees.length, seed }))
  return { ensemble: averageOf(models), calibration }
}

/** The chance that each of the orders is cancelled within the horizon. */
export const predictRisk = ({ ensemble, calibration }: LearntRisk, asked: readonly Row[]): Float64Array =>
  scorerOf(ensemble)
    .predict(tableOf(ensemble.features, cellsOf(asked)))
    .map((each) => calibrated(calibration, each))
