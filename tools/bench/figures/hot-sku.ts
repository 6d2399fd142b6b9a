import { allCpuMsPerSaga, alternate, type Bench, measure, perSecond, runOf } from '../measure.ts'
import { ratioOf } from '../statistics.ts'
import type { Finding } from './finding.ts'

/** All orders want the same SKU, or one of a hundred: its row is what they would wait for. */
export const hotSku = async (bench: Bench): Promise<Finding> => {
  const { sagas, inFlight, warmUp } = bench.plan
  const kinds = { 'one SKU': { sku: 'SKU-HOT' }, '100 SKUs': {} } as const
  const of = await alternate(bench, ['100 SKUs', 'one SKU'], (name, warming) =>
    measure(bench, 'countermand', { sagas: warming ? warmUp : sagas, inFlight, kind: kinds[name] }),
  )
  const [hot, many] = [of('one SKU'), of('100 SKUs')]
  return {
    runs: [runOf('one SKU in all orders', hot), runOf('100 SKUs', many)],
    ratios: {
      // The time that each takes of the whole, which waiting for a row lengthens and processors do not see.
      hotSkuVsMany: ratioOf(many.map(perSecond), hot.map(perSecond)),
      hotSkuCpuVsMany: ratioOf(hot.map(allCpuMsPerSaga), many.map(allCpuMsPerSaga)),
    },
    notes: [],
  }
}
